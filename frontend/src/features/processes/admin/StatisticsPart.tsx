import { DatePicker, Segmented } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Diagram, type Mark } from '@/shared/bpmn/Diagram'
import { Facts, Loading } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { type ProcessDetail, type Statistics, useRelease, useStatistics } from '../api'
import { useMinutes } from '../words'

type Step = Statistics['steps'][number]
type Measure = 'waiting' | 'working' | 'done' | 'returns' | 'overdue'
const MEASURES: Measure[] = ['waiting', 'working', 'done', 'returns', 'overdue']
/** How much there is of it, and whether that is time. */
const measured = (step: Step, measure: Measure) =>
  measure === 'waiting' || measure === 'working' ? (step[measure]?.p50_minutes ?? 0) : step[measure]
const timed = (measure: Measure) => measure === 'waiting' || measure === 'working'

/** How it goes: where it waits, where it is sent back, what is late; on the drawing and as a table. */
export function StatisticsPart({ process }: { process: ProcessDetail }) {
  const { t } = useTranslation('processes')
  const [span, setSpan] = useState<[Dayjs | null, Dayjs | null] | null>([dayjs().subtract(90, 'day'), dayjs()])
  const statistics = useStatistics(process.id, { from: span?.[0]?.startOf('day').toISOString(), to: span?.[1]?.endOf('day').toISOString() })
  const release = useRelease(process.id, process.release ?? undefined)
  return (
    <>
      <div className="row" style={{ marginBottom: 16 }}>
        <DatePicker.RangePicker aria-label={t('statistics.span')} value={span} onChange={(next) => setSpan(next)} />
      </div>
      {statistics.isError && <ProblemAlert error={statistics.error} retry={statistics.refetch} />}
      {statistics.isLoading && <Loading />}
      {statistics.data && <Shown data={statistics.data} bpmn={release.data?.bpmn} />}
    </>
  )
}

function Shown({ data, bpmn }: { data: Statistics; bpmn: string | undefined }) {
  const { t } = useTranslation('processes')
  const minutes = useMinutes()
  const [measure, setMeasure] = useState<Measure>('waiting')
  const most = Math.max(1, ...data.steps.map((step) => measured(step, measure)))
  const marks = useMemo(() => {
    const all: Record<string, Mark[]> = {}
    for (const step of data.steps) {
      const value = measured(step, measure)
      if (value > 0) all[step.step] = [`heat${Math.min(4, Math.ceil((value / most) * 4))}` as Mark]
    }
    return all
  }, [data, measure, most])
  const badges = useMemo(
    () =>
      Object.fromEntries(
        data.steps.map((step) => [step.step, timed(measure) ? minutes(measured(step, measure)) : String(measured(step, measure))]),
      ),
    [data, measure, minutes],
  )
  return (
    <>
      {data.cut && <p className="faint">{t('statistics.cut')}</p>}
      <Facts
        items={[
          ...data.cases.map(({ state, count }): [string, string] => [t(`ended.${state}`), String(count)]),
          [t('statistics.p50'), minutes(data.duration?.p50_minutes)],
          [t('statistics.p90'), minutes(data.duration?.p90_minutes)],
        ]}
      />
      <div className="scroller" style={{ margin: '20px 0 8px' }}>
        <Segmented<Measure>
          value={measure}
          onChange={setMeasure}
          options={MEASURES.map((value) => ({ value, label: t(`statistics.${value}`) }))}
        />
      </div>
      {bpmn && <Diagram xml={bpmn} label={t('statistics.map')} marks={marks} badges={badges} height={320} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="scroller" tabIndex={0} style={{ marginTop: 16 }}>
        <table className="figures">
          <thead>
            <tr>
              <th scope="col">{t('statistics.step')}</th>
              {['open', 'done', 'returns', 'overdue', 'automatic', 'waiting', 'working', 'working_p90'].map((key) => (
                <th key={key} scope="col" className="number">
                  {t(`statistics.${key}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.steps.map((step) => (
              <tr key={step.step}>
                <th scope="row">{step.name || step.step}</th>
                <td className="number">{step.open}</td>
                <td className="number">{step.done}</td>
                <td className="number">{step.returns}</td>
                <td className="number">{step.overdue}</td>
                <td className="number">{step.automatic}</td>
                <td className="number">{minutes(step.waiting?.p50_minutes)}</td>
                <td className="number">{minutes(step.working?.p50_minutes)}</td>
                <td className="number">{minutes(step.working?.p90_minutes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.people.length > 0 && (
        <table className="figures" style={{ marginTop: 20, maxWidth: 480 }}>
          <thead>
            <tr>
              <th scope="col">{t('statistics.person')}</th>
              <th scope="col" className="number">
                {t('statistics.handled')}
              </th>
              <th scope="col" className="number">
                {t('statistics.working')}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.people.map((one) => (
              <tr key={one.person.id}>
                <th scope="row">{one.person.name}</th>
                <td className="number">{one.handled}</td>
                <td className="number">{minutes(one.p50_minutes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
