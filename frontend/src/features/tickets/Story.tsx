import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { FileList } from '@/shared/ui/files'
import { Loading } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Ago, exact } from '@/shared/ui/time'
import { linked, useTimeline } from './api'

type Entry = Schemas['TimelineEntry']

/** Everything that happened, latest first. */
export function Story({ id }: { id: string }) {
  const { t } = useTranslation('tickets')
  const me = useMe()
  const timeline = useTimeline(id)
  if (timeline.isError) return <ProblemAlert error={timeline.error} retry={timeline.refetch} />
  if (!timeline.data) return <Loading rows={4} />
  const entries = [...timeline.data.items].reverse()
  return (
    <ol className="timeline">
      {entries.map((entry) => (
        <li
          key={`${entry.at} ${entry.record_id ?? entry.kind} ${entry.files[0]?.id ?? ''}`}
          className={entry.kind === 'record' ? '' : 'said'}
        >
          <strong>{entry.by}</strong> {entry.action ? t(`did.${entry.action.replace('ticket.', '')}`) : t(`did.${entry.kind}`)}{' '}
          <span className="faint">
            <Ago at={entry.at} />
            {entry.internal && ` · ${t('internal')}`}
            {entry.record_id && holds(me, 'records.read') && (
              <>
                {' · '}
                <Link to="/records" search={{ record: entry.record_id } as never}>
                  {t('record')}
                </Link>
              </>
            )}
          </span>
          {entry.arrived_at && (
            <div className="faint">
              {t('on_site')} {exact(entry.arrived_at)}
              {entry.left_at && ` – ${exact(entry.left_at)}`}
            </div>
          )}
          {entry.text && <div className={`bubble${entry.internal ? ' internal' : ''}`}>{entry.text}</div>}
          {entry.action !== 'ticket.created' && <Changes entry={entry} />}
          <FileList files={linked(id, entry.files)} />
        </li>
      ))}
    </ol>
  )
}

const TOLD = ['state', 'resolve_due', 'respond_due', 'appraisal', 'vendor_repair', 'resolution', 'satisfaction']

function Changes({ entry }: { entry: Entry }) {
  const { t } = useTranslation('tickets')
  const word = (field: string, value: unknown): string => {
    if (value === null || value === undefined || value === '') return '—'
    if (typeof value === 'object') return String((value as { name?: string }).name ?? JSON.stringify(value))
    if (field === 'priority') return t(`common:priority.${value}`)
    if (field === 'kind') return t(`common:kind.${value}`)
    if (field === 'impact' || field === 'urgency') return t(`common:level.${value}`)
    return String(value)
  }
  const shown = entry.changes.filter((change) => !TOLD.includes(change.field))
  if (shown.length === 0) return null
  return (
    <div className="faint">
      {shown.map((change) => (
        <div key={change.field}>
          {t(`field.${change.field}`)}: {word(change.field, change.old)} → {word(change.field, change.new)}
        </div>
      ))}
    </div>
  )
}
