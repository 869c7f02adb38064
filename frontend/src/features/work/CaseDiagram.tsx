import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Diagram, type Mark } from '@/shared/bpmn/Diagram'
import { stepsOf } from '@/shared/bpmn/steps'
import { Loading } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { useCaseDiagram } from './api'

const DOT = { done: 'green', active: 'blue', incident: 'red', closed: 'grey' } as const
type State = keyof typeof DOT

/** The way that a case went, on the drawing and as a list. */
export function CaseDiagram({ id }: { id: string }) {
  const { t } = useTranslation('work')
  const diagram = useCaseDiagram(id)
  const [focus, setFocus] = useState<string>()
  const data = diagram.data
  const marks = useMemo(() => {
    const all: Record<string, Mark[]> = {}
    for (const [element, { state }] of Object.entries(data?.elements ?? {})) all[element] = [state as Mark]
    for (const flow of data?.flows ?? []) all[flow] = ['done']
    return all
  }, [data])
  const badges = useMemo(() => {
    const all: Record<string, string> = {}
    for (const [element, { count }] of Object.entries(data?.elements ?? {})) if (count > 1) all[element] = `×${count}`
    return all
  }, [data])
  const steps = useMemo(() => (data ? stepsOf(data.bpmn) : []), [data])
  if (diagram.isError) return <ProblemAlert error={diagram.error} retry={diagram.refetch} />
  if (!data) return <Loading rows={5} />
  return (
    <>
      <Diagram xml={data.bpmn} label={t('diagram.title')} marks={marks} badges={badges} focus={focus} height={320} />
      <ol className="plain seats" style={{ marginTop: 12 }}>
        {steps.map((step) => {
          const state = data.elements[step.id]
          return (
            <li key={step.id}>
              <button type="button" className="text" onClick={() => setFocus(step.id)}>
                {step.name || step.id}
              </button>
              {state ? (
                <Dot colour={DOT[state.state as State]} text={t(`diagram.${state.state}`)} />
              ) : (
                <span className="faint">{t('diagram.not_yet')}</span>
              )}
            </li>
          )
        })}
      </ol>
    </>
  )
}
