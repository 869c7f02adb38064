import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'
import { useCases, useWorkItems } from './api'
import { CaseCard } from './CaseList'
import { Due } from './states'
import './work.css'

/** What waits for me, for the home page. */
export function OpenWork() {
  const { t } = useTranslation('work')
  const pages = useWorkItems({ lens: 'open' })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Section title={t('title')} extra={<Link to="/work">{t('home.all')}</Link>}>
      {pages.isError && <ProblemAlert error={pages.error} retry={pages.refetch} />}
      {pages.isLoading && <Loading rows={3} />}
      {pages.data && rows.length === 0 && <Nothing text={t('empty.open')} />}
      <ul className="cards">
        {rows.slice(0, 6).map((row) => (
          <li key={row.id}>
            <Link to="/work/$id" params={{ id: row.id }} className="card">
              <span className="title">{row.case.title}</span>
              <span className="row">
                <span>{row.name}</span>
                <Due at={row.due} overdue={row.overdue} />
                <span className="faint">
                  {row.case.starter.name} · {row.case.unit.name} · <Ago at={row.created_at} />
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** What I started and who has it now, for the home page. */
export function MyCases() {
  const { t } = useTranslation('work')
  const pages = useCases({ lens: 'mine', state: ['running'] })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Section
      title={t('tab.mine')}
      extra={
        <Link to="/work" search={{ tab: 'mine' } as never}>
          {t('home.all')}
        </Link>
      }
    >
      {pages.isError && <ProblemAlert error={pages.error} retry={pages.refetch} />}
      {pages.isLoading && <Loading rows={3} />}
      {pages.data && rows.length === 0 && (
        <Nothing text={t('home.no_cases')}>
          <Link to="/start">{t('common:nav.start')}</Link>
        </Nothing>
      )}
      <ul className="cards">
        {rows.slice(0, 6).map((row) => (
          <li key={row.id}>
            <CaseCard row={row} />
          </li>
        ))}
      </ul>
    </Section>
  )
}
