import Modeler from 'bpmn-js/lib/Modeler'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Marks } from '@/shared/bpmn/Diagram'
import { type Canvas as Surface, setMarks, showWhole } from '@/shared/bpmn/look'
import zhidu from '@/shared/bpmn/zhidu.json'
import { ours } from './providers'
import type { Bus } from './types'
import en from './words.en.json'
import chinese from './words.zh-CN.json'
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css'
import '@/shared/bpmn/diagram.css'
import './modeler.css'

type Props = {
  xml: string
  marks: Marks
  editable: boolean
  label: string
  ready: (modeler: Modeler | null) => void
  /** The text of the file, some moments after each change. */
  changed: (xml: string) => void
  failed: (message: string) => void
}

/** Where the process is drawn. The text given first is read once; what is drawn afterwards is told. */
export default function Canvas({ xml, marks, label, ready, changed, failed }: Props) {
  const { i18n } = useTranslation('processes')
  const place = useRef<HTMLDivElement>(null)
  const made = useRef<Modeler | null>(null)
  const tell = useRef({ ready, changed, failed })
  tell.current = { ready, changed, failed }
  const language = i18n.language
  const first = useRef(xml)
  useEffect(() => {
    if (!place.current) return
    const words: Record<string, string> = language === 'en' ? en : chinese
    const modeler = new Modeler({
      container: place.current,
      moddleExtensions: { zhidu },
      additionalModules: [ours((text) => words[text] ?? text)],
    })
    let gone = false
    let timer = 0
    const save = () => {
      clearTimeout(timer)
      timer = window.setTimeout(async () => {
        const { xml: text } = await modeler.saveXML({ format: true })
        if (text && !gone) {
          first.current = text
          tell.current.changed(text)
        }
      }, 350)
    }
    modeler
      .importXML(first.current)
      .then(() => {
        if (gone) return
        showWhole(modeler.get<Surface>('canvas'), 120)
        // What scrolls must be reachable by keyboard.
        place.current?.querySelector('.djs-palette')?.setAttribute('tabindex', '0')
        modeler.get<Bus>('eventBus').on('commandStack.changed', save)
        made.current = modeler
        tell.current.ready(modeler)
      })
      .catch((error: Error) => !gone && tell.current.failed(error.message))
    return () => {
      gone = true
      clearTimeout(timer)
      made.current = null
      tell.current.ready(null)
      modeler.destroy()
    }
  }, [language])
  useEffect(() => {
    if (made.current) setMarks(made.current, marks)
  })
  return <section ref={place} className="diagram modeler" aria-label={label} />
}
