import { Alert, Tabs } from 'antd'
import type Modeler from 'bpmn-js/lib/Modeler'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Marks } from '@/shared/bpmn/Diagram'
import { elementsOf } from '@/shared/bpmn/steps'
import { Loading } from '@/shared/ui/layout'
import type { Finding, ProcessDetail } from '../api'
import Canvas from '../modeler/Canvas'
import type { Registry, Selection } from '../modeler/types'
import { useSelected } from '../modeler/use'
import { WithDesign } from '../panel/context'
import { Panel } from '../panel/Panel'
import { Findings } from './Findings'
import { Head } from './Head'
import { Player } from './Player'
import { useModel } from './useModel'
import './designer.css'

const FormDesigner = lazy(() => import('../../forms/designer/FormDesigner'))
const DecisionTables = lazy(() => import('./DecisionTables'))
const RightsMatrix = lazy(() => import('./RightsMatrix'))
const Tests = lazy(() => import('./Tests'))

/** The designer: the drawing with what is said of each element, the form, the tables, the tests; all of it checked at once. */
export function Designer({ process }: { process: ProcessDetail }) {
  const { t } = useTranslation('processes')
  const { model, change, saving, save, found, version } = useModel(process)
  const [tool, setTool] = useState<Modeler | null>(null)
  const [part, setPart] = useState('diagram')
  const [table, setTable] = useState<string>()
  const [playing, setPlaying] = useState<Finding | null>(null)
  const [at, setAt] = useState(0)
  const [broken, setBroken] = useState<string | null>(null)
  const { shape } = useSelected(tool)
  const findings = found?.findings ?? []
  const run = playing?.run ?? []
  const marks = useMemo(() => marksOf(findings, run, at), [findings, run, at])
  const { names, labels } = useMemo(() => namesOf(model.bpmn, t), [model.bpmn, t])
  const tasks = useMemo(
    () => elementsOf(model.bpmn).flatMap(({ id, type, name }) => (type === 'userTask' ? [{ value: id, label: name || id }] : [])),
    [model.bpmn],
  )
  const show = useCallback((next: 'form' | 'rights' | 'tables', key?: string) => {
    setPart(next)
    setTable(key)
  }, [])
  const pick = (finding: Finding) => {
    setPart('diagram')
    setPlaying(finding.run.length > 0 ? finding : null)
    setAt(0)
    const one = finding.element ? tool?.get<Registry>('elementRegistry').get(finding.element) : undefined
    if (!tool || !one) return
    tool.get<Selection>('selection').select(one)
    tool.get<{ scrollToElement: (shape: unknown) => void }>('canvas').scrollToElement(one)
  }
  const design = useMemo(() => (tool ? { tool, model, show } : null), [tool, model, show])
  const diagram = (
    <div className="design-main">
      <div className="design-left">
        {broken ? (
          <Alert type="error" showIcon title={t('design.broken')} description={broken} />
        ) : (
          <Canvas
            xml={model.bpmn}
            marks={marks}
            editable
            label={t('design.canvas')}
            ready={setTool}
            changed={(bpmn) => change({ bpmn })}
            failed={setBroken}
          />
        )}
        {playing && (
          <Player
            key={playing.text}
            title={playing.text}
            run={playing.run}
            names={names}
            at={at}
            go={setAt}
            close={() => setPlaying(null)}
          />
        )}
        <Findings found={found} pick={pick} names={labels} />
      </div>
      <aside className="design-panel" aria-label={t('panel.title')}>
        {design && shape && (
          <WithDesign value={design}>
            <Panel shape={shape} />
          </WithDesign>
        )}
      </aside>
    </div>
  )
  return (
    <div className="design">
      <Head
        process={process}
        model={model}
        found={found}
        saving={saving}
        save={save}
        version={version}
        tool={tool}
        keepTest={(test) => change({ tests: [...model.tests, test] })}
      />
      <Tabs
        activeKey={part}
        onChange={setPart}
        items={[
          { key: 'diagram', label: t('design.diagram'), children: diagram, forceRender: true },
          {
            key: 'form',
            label: t('design.form'),
            children: (
              <Suspense fallback={<Loading />}>
                <FormDesigner form={model.form} change={(form) => change({ form })} steps={tasks} />
              </Suspense>
            ),
          },
          {
            key: 'rights',
            label: t('design.rights'),
            children: (
              <Suspense fallback={<Loading />}>
                {design && (
                  <WithDesign value={design}>
                    <RightsMatrix />
                  </WithDesign>
                )}
              </Suspense>
            ),
          },
          {
            key: 'tables',
            label: t('design.tables', { count: Object.keys(model.decisions).length }),
            children: (
              <Suspense fallback={<Loading />}>
                <DecisionTables
                  key={table}
                  tables={model.decisions}
                  first={table}
                  form={model.form}
                  change={(decisions) => change({ decisions })}
                />
              </Suspense>
            ),
          },
          {
            key: 'tests',
            label: t('design.tests', { count: model.tests.length }),
            children: (
              <Suspense fallback={<Loading />}>
                <Tests model={model} results={found?.tests ?? []} change={(tests) => change({ tests })} />
              </Suspense>
            ),
          },
        ]}
      />
    </div>
  )
}

type Words = (key: string, values?: Record<string, unknown>) => string

/** What people call an element: its name, else what it is. Arrows without a name have none, and are labelled by what they join. */
function namesOf(bpmn: string, t: Words) {
  const kind = (type: string) => t(`kind.${type.charAt(0).toUpperCase()}${type.slice(1)}`)
  const all = elementsOf(bpmn)
  const names = new Map(all.map(({ id, name, type }) => [id, name || (type === 'sequenceFlow' ? '' : kind(type))]))
  const ways = new Map(all.flatMap(({ id, from, to }) => (from && to ? [[id, `${names.get(from)} → ${names.get(to)}`] as const] : [])))
  return { names, labels: new Map([...names].map(([id, name]) => [id, name || (ways.get(id) ?? id)])) }
}

/** Faulty elements, and how far the run that shows a fault has come. */
function marksOf(findings: Finding[], run: string[], at: number): Marks {
  const marks: Marks = {}
  const add = (id: string, mark: Marks[string][number]) => {
    marks[id] = [...(marks[id] ?? []), mark]
  }
  for (const one of findings) if (one.element) add(one.element, one.severity === 'error' ? 'faulty' : 'warned')
  for (const id of run.slice(0, at + 1)) add(id, 'step')
  const here = run[at]
  if (here) add(here, 'here')
  return marks
}
