import { UnorderedListOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { PageHeader } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { PriorityDot } from '@/shared/ui/states'
import { Ago } from '@/shared/ui/time'
import { type Query, queryOf } from './api'

const COLUMNS: Schemas['TicketState'][] = ['new', 'dispatched', 'in_progress', 'waiting_reporter', 'waiting_vendor', 'resolved']

/** Open tickets by state, what is due first on top. */
export function BoardPage() {
  const { t } = useTranslation('tickets')
  const query = queryOf(useSearch({ strict: false }) as Record<string, unknown>)
  return (
    <>
      <PageHeader
        title={t('board.title')}
        extra={
          <Link to="/tickets" search={query as never}>
            <Button icon={<UnorderedListOutlined />}>{t('board.list')}</Button>
          </Link>
        }
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="board" tabIndex={0} aria-label={t('board.title')}>
        {COLUMNS.map((state) => (
          <Column key={state} state={state} query={query} />
        ))}
      </section>
    </>
  )
}

function Column({ state, query }: { state: Schemas['TicketState']; query: Query }) {
  const { t } = useTranslation('tickets')
  const asked: Query = { ...query, state: [state], sort: 'resolve_due', limit: 50 }
  const list = useQuery({
    queryKey: ['tickets', 'board', asked],
    queryFn: () => take(api.GET('/api/v1/tickets', { params: { query: asked } })),
  })
  const rows = list.data?.items ?? []
  return (
    <section aria-label={t(`common:ticket_state.${state}`)}>
      <h2>
        {t(`common:ticket_state.${state}`)}{' '}
        <span className="faint">{list.data ? `${rows.length}${list.data.next_cursor ? '+' : ''}` : ''}</span>
      </h2>
      {list.isError && <ProblemAlert error={list.error} retry={list.refetch} />}
      <ul className="cards">
        {rows.map((row) => (
          <li key={row.id}>
            <Link to="/tickets/$id" params={{ id: row.id }} className="card">
              <span className="title">{row.title}</span>
              <span className="row">
                <PriorityDot priority={row.priority} />
                {row.overdue && <strong>{t('overdue')}</strong>}
                <span className="faint">
                  {row.number} · {row.assignee?.name ?? row.assigned_unit?.name ?? row.reporter.name} ·{' '}
                  <Ago at={row.resolve_due ?? row.updated_at} />
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {list.data && rows.length === 0 && <p className="faint">{t('board.empty')}</p>}
    </section>
  )
}
