import { AimOutlined, MinusOutlined, PlusOutlined } from '@ant-design/icons'
import { Alert, Button } from 'antd'
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DiagramProps } from './Diagram'
import { type Canvas, setBadges, setMarks, showWhole, zoomBy } from './look'
import zhidu from './zhidu.json'
import './diagram.css'

/** The drawing itself: moved with the pointer, enlarged with Ctrl and the wheel, or with the buttons. */
export default function Viewer({ xml, label, marks = {}, badges, focus, pick, height = 360 }: DiagramProps) {
  const { t } = useTranslation()
  const place = useRef<HTMLDivElement>(null)
  const [viewer, setViewer] = useState<NavigatedViewer | null>(null)
  const [failed, setFailed] = useState(false)
  const picked = useRef(pick)
  picked.current = pick
  useEffect(() => {
    if (!place.current) return
    const made = new NavigatedViewer({ container: place.current, moddleExtensions: { zhidu } })
    let gone = false
    made.on('element.click', (event: { element: { id: string; labelTarget?: { id: string } } }) =>
      picked.current?.(event.element.labelTarget?.id ?? event.element.id),
    )
    made
      .importXML(xml)
      .then(() => {
        if (gone) return
        showWhole(made.get<Canvas>('canvas'))
        setFailed(false)
        setViewer(made)
      })
      .catch(() => !gone && setFailed(true))
    return () => {
      gone = true
      setViewer(null)
      made.destroy()
    }
  }, [xml])
  useEffect(() => {
    if (viewer) setMarks(viewer, marks)
  }, [viewer, marks])
  useEffect(() => {
    if (viewer) setBadges(viewer, badges ?? {})
  }, [viewer, badges])
  useEffect(() => {
    const canvas = viewer?.get<Canvas>('canvas')
    // The process itself is the ground on which the others stand: it has no place to go to.
    const found = focus ? viewer?.get<{ get: (id: string) => { parent?: unknown } | undefined }>('elementRegistry').get(focus) : undefined
    if (focus && found?.parent) canvas?.scrollToElement(focus)
  }, [viewer, focus])
  const canvas = () => viewer?.get<Canvas>('canvas')
  return (
    <section className="diagram" style={{ height }} aria-label={label}>
      {failed && <Alert type="info" showIcon title={t('diagram.none')} />}
      <div ref={place} className="diagram-canvas" />
      {viewer && (
        <div className="diagram-zoom">
          <Button size="small" icon={<PlusOutlined />} aria-label={t('diagram.closer')} onClick={() => zoomBy(canvas(), 1.25)} />
          <Button size="small" icon={<MinusOutlined />} aria-label={t('diagram.farther')} onClick={() => zoomBy(canvas(), 0.8)} />
          <Button size="small" icon={<AimOutlined />} aria-label={t('diagram.whole')} onClick={() => showWhole(canvas())} />
        </div>
      )}
    </section>
  )
}
