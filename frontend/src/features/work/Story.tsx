import { useTranslation } from 'react-i18next'
import { Ago } from '@/shared/ui/time'
import type { StoryEntry } from './api'
import { CaseStateDot, OutcomeDot } from './states'
import type { CaseState } from './types'

/** Where somebody who was added signs. */
type Position = 'before' | 'after' | 'parallel'

/** Everything that happened, with the opinions, latest first. */
export function Story({ entries }: { entries: StoryEntry[] }) {
  return (
    <ol className="timeline">
      {[...entries].reverse().map((entry, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only added, at the end
        <li key={entries.length - at} className={entry.kind === 'opinion' ? 'said' : ''}>
          <Entry entry={entry} />
        </li>
      ))}
    </ol>
  )
}

function Entry({ entry }: { entry: StoryEntry }) {
  const { t } = useTranslation('work')
  return (
    <>
      <span className="row" style={{ gap: '2px 8px' }}>
        <strong>{entry.by}</strong>
        {entry.on_behalf_of && <span className="faint">{t('story.for', { name: entry.on_behalf_of })}</span>}
        {entry.kind === 'ended' && entry.outcome ? (
          <CaseStateDot state={entry.outcome as CaseState} />
        ) : entry.outcome && (entry.outcome_name || entry.kind === 'opinion') ? (
          <OutcomeDot outcome={entry.outcome} name={entry.outcome_name} />
        ) : (
          <span>{t(`did.${entry.kind}`)}</span>
        )}
        {entry.kind === 'added_signer' && entry.outcome && (
          <span className="faint">{t(`act.add_signer.${entry.outcome as Position}`)}</span>
        )}
        {entry.automatic && <span className="faint">{t(`automatic.${entry.automatic}`)}</span>}
      </span>
      <div className="faint">
        {entry.step && `${entry.step} · `}
        <Ago at={entry.at} />
      </div>
      {entry.text && <div className="bubble">{entry.text}</div>}
    </>
  )
}
