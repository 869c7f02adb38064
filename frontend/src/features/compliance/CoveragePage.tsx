import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { useCoverage } from './api'
import './compliance.css'

/** What is not recorded or controlled, so that nobody believes in more than there is. */
export function CoveragePage() {
  const { t } = useTranslation('compliance')
  const found = useCoverage()
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={10} />
  const all = found.data
  return (
    <>
      <PageHeader title={t('coverage.title')} under={t('coverage.under')} />
      <Part title={t('coverage.not_in_force')} items={all.regulations_not_in_force} show={(title) => title} />
      <Part title={t('coverage.uncontrolled')} items={all.uncontrolled} show={(clause) => <Clause clause={clause} />} />
      <Part title={t('coverage.unserved')} items={all.unserved} show={(clause) => <Clause clause={clause} />} />
      <Part
        title={t('coverage.not_evaluable')}
        items={all.not_evaluable}
        show={(control) => (
          <>
            {control.clause} {control.title} <span className="faint">{control.silent_events.join(', ')}</span>
          </>
        )}
      />
      <Part
        title={t('coverage.not_exercised')}
        items={all.not_exercised}
        show={(control) => (
          <>
            {control.clause} {control.title}
          </>
        )}
      />
      <Part
        title={t('coverage.never_seen')}
        items={all.never_seen}
        show={(event) => (
          <>
            {event.title} <code>{event.name}</code>
          </>
        )}
      />
      <Part title={t('coverage.not_recorded')} items={all.not_recorded} show={(text) => text} />
    </>
  )
}

function Part<T>({ title, items, show }: { title: string; items: T[]; show: (item: T) => React.ReactNode }) {
  const { t } = useTranslation('compliance')
  return (
    <Section title={`${title} · ${items.length}`}>
      {items.length === 0 ? (
        <p className="faint">{t('coverage.none')}</p>
      ) : (
        <ul className="plain linked">
          {items.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list is shown whole and never changes in place
            <li key={index}>{show(item)}</li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Clause({ clause }: { clause: Schemas['ClauseRef'] }) {
  return (
    <>
      <Link to="/compliance/regulations/$id/$clause" params={{ id: clause.regulation_id, clause: clause.clause }}>
        {clause.clause}
      </Link>{' '}
      {clause.text}
    </>
  )
}
