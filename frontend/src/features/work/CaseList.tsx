import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert } from '@/shared/ui/problem'
import { Ago, exact } from '@/shared/ui/time'
import { type CaseItem, useCases } from './api'
import { useListKeys } from './keys'
import { CaseStateDot, Due, dueOf } from './states'

type Props = {
  lens: 'mine' | 'handled' | 'cc' | 'all'
  query: Record<string, unknown>
  open: string | undefined
  show: (id: string | undefined) => void
}

/** Cases, each with where it is and who has it. */
export function CaseList({ lens, query, open, show }: Props) {
  const { t } = useTranslation('work')
  const pages = useCases({ lens, ...query })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  useListKeys({ ids: rows.map((row) => row.id), open, show })
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (pages.isLoading) return <Loading rows={8} />
  if (rows.length === 0) {
    return (
      <Section>
        <Nothing text={t(`empty.${lens}`)}>
          {lens === 'mine' && (
            <Link to="/start">
              <Button>{t('common:nav.start')}</Button>
            </Link>
          )}
        </Nothing>
      </Section>
    )
  }
  return (
    <>
      <ul className="cards">
        {rows.map((row) => (
          <li key={row.id}>
            <CaseCard row={row} on={row.id === open} show={show} />
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </>
  )
}

export function CaseCard({ row, on, show }: { row: CaseItem; on?: boolean; show?: (id: string) => void }) {
  const { t } = useTranslation('work')
  return (
    <Link
      to="/cases/$id"
      params={{ id: row.id }}
      className={`card${on ? ' on' : ''}`}
      aria-current={on ? 'true' : undefined}
      onClick={(event) => {
        if (!show || event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        show(row.id)
      }}
    >
      <span className="row" style={{ margin: 0, flexWrap: 'nowrap', alignItems: 'baseline' }}>
        <span className="title grow">
          {row.unread && <span className="unread" role="img" aria-label={t('unread')} title={t('unread')} />}
          {row.title}
        </span>
        <span className="faint" style={{ whiteSpace: 'nowrap' }}>
          <Ago at={row.ended_at ?? row.started_at} />
        </span>
      </span>
      <span className="row">
        <CaseStateDot state={row.state} />
        {row.incident && <strong>{t('incident')}</strong>}
        {row.state === 'running' && <Due at={dueOf(row)} overdue={row.overdue} />}
        <span className="faint">
          {row.process.name} · {row.number} · {row.starter.name}
        </span>
      </span>
      {row.at.length + row.waiting.length > 0 && (
        <span className="row summary">
          {row.waiting.map((wait) => (
            <span key={wait.step}>
              {wait.name}{' '}
              <span className="faint">
                {wait.due ? t('waits_until', { time: exact(wait.due) }) : t('waits_for', { message: wait.message })}
              </span>
            </span>
          ))}
          {row.at.map((at) => (
            <span key={`${at.step} ${at.since}`}>
              {at.name}
              <span className="faint">
                {' '}
                {at.people.length > 0 ? at.people.join(t('common:comma')) : t('nobody')} · <Ago at={at.since} />
              </span>
            </span>
          ))}
        </span>
      )}
    </Link>
  )
}
