import { Alert, Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Run, Taken } from '../api'

type Props = {
  run: Run
  taken: Taken[]
  busy: boolean
  /** What keeps the run; it is offered while nothing was refused. */
  keep: ReactNode
  decide: (next: Taken) => void
  back: () => void
  restart: () => void
}

/** Who would have it now, what they may decide, and what has happened so far. */
export function RunSteps({ run, taken, busy, keep, decide, back, restart }: Props) {
  const { t } = useTranslation('processes')
  const [opinion, setOpinion] = useState('')
  const choose = (step: string, outcome?: string) => {
    decide({ step, ...(outcome && { outcome }), ...(opinion.trim() && { opinion: opinion.trim() }) })
    setOpinion('')
  }
  return (
    <div>
      <p>
        <strong>{run.title}</strong>
      </p>
      {[run.problem, ...run.refused.map((one) => `${one.pointer.replace('/data/', '')}: ${one.text}`)].flatMap((text) =>
        text ? [<Alert key={text} type="error" showIcon title={text} style={{ marginBottom: 12 }} />] : [],
      )}
      {run.ended && (
        <Alert type="success" showIcon title={t(`ended.${run.ended}`, { defaultValue: run.ended })} style={{ marginBottom: 12 }} />
      )}
      {run.open.map((one) => (
        <div key={one.step} className="panel-box" style={{ paddingBottom: 10 }}>
          <strong>{one.name}</strong>{' '}
          {one.policy && (
            <span className="faint">
              {one.people.length > 0 ? one.people.join(t('common:comma')) : t('start.nobody')}
              {one.people.length > 1 && ` · ${t(`policy.${one.policy}`, { defaultValue: one.policy })}`}
            </span>
          )}
          <div className="row" style={{ marginTop: 8 }}>
            {one.outcomes.map((outcome) => (
              <Button key={outcome.id} size="small" disabled={busy} onClick={() => choose(one.step, outcome.id)}>
                {outcome.name}
              </Button>
            ))}
            {!one.policy && (
              <Button size="small" disabled={busy} onClick={() => choose(one.step)}>
                {t('run.fire')}
              </Button>
            )}
          </div>
        </div>
      ))}
      {run.open.some((one) => one.policy) && (
        <Input
          aria-label={t('run.opinion')}
          placeholder={t('run.opinion')}
          value={opinion}
          onChange={(event) => setOpinion(event.target.value)}
          style={{ marginBottom: 12 }}
        />
      )}
      <div className="row" style={{ marginBottom: 16 }}>
        <Button disabled={busy} onClick={back}>
          {taken.length > 0 ? t('run.back') : t('run.data')}
        </Button>
        <Button type="text" disabled={busy} onClick={restart}>
          {t('run.again')}
        </Button>
      </div>
      {!run.problem && run.refused.length === 0 && keep}
      <ol className="timeline">
        {run.trace.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the trace only grows
          <li key={at} className={one.kind === 'opinion' ? 'said' : ''}>
            <strong>{one.name || one.element}</strong>{' '}
            <span className="faint">
              {one.by} {t(`trace.${one.kind}`)} {one.outcome && t(`outcome.${one.outcome}`, { defaultValue: one.outcome })}
            </span>
            {one.text && <div>{one.text}</div>}
          </li>
        ))}
      </ol>
    </div>
  )
}
