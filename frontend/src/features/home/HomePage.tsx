import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { EquipmentStateDot, PriorityDot, TicketStateDot } from '@/shared/ui/states'
import { Ago } from '@/shared/ui/time'
import { MyCases, OpenWork } from '../work/Home'

/** What waits for me, what I wait for, what I have. */
export function HomePage() {
  const { t } = useTranslation('home')
  const me = useMe()
  const works = holds(me, 'tickets.handle') || holds(me, 'tickets.dispatch')
  return (
    <>
      <PageHeader title={t('hello', { name: me.name })} under={me.posts.map((post) => `${post.unit.name} · ${post.title}`).join('，')} />
      {holds(me, 'tickets.dispatch') && <Queue />}
      <div className="two">
        <div>
          {holds(me, 'processes.use') && <OpenWork />}
          {works && <Tickets title={t('my_work')} empty={t('no_work')} query={{ lens: 'assigned', open: true, sort: 'resolve_due' }} />}
          {holds(me, 'tickets.read') && (
            <Tickets
              title={t('my_tickets')}
              empty={t('no_tickets')}
              query={{ lens: 'mine', open: true }}
              report={holds(me, 'tickets.report')}
            />
          )}
        </div>
        <div>
          {holds(me, 'processes.use') && <MyCases />}
          {holds(me, 'tickets.read') && (
            <Tickets
              title={t('unread')}
              empty={t('no_unread')}
              query={{ lens: works ? 'assigned' : 'mine', unread: true, sort: '-updated_at' }}
            />
          )}
          {holds(me, 'equipment.read') && <MyEquipment />}
        </div>
      </div>
    </>
  )
}

function Queue() {
  const { t } = useTranslation('home')
  const counts = useQuery({ queryKey: ['tickets', 'counts', {}], queryFn: () => take(api.GET('/api/v1/tickets/counts')) })
  if (!counts.data) return null
  const tiles: [string, number, Record<string, unknown>][] = [
    [t('common:ticket_state.new'), counts.data.by_state.new ?? 0, { state: ['new'] }],
    [t('common:ticket_state.dispatched'), counts.data.by_state.dispatched ?? 0, { state: ['dispatched'] }],
    [t('common:ticket_state.in_progress'), counts.data.by_state.in_progress ?? 0, { state: ['in_progress'] }],
    [t('common:ticket_state.resolved'), counts.data.by_state.resolved ?? 0, { state: ['resolved'] }],
    [t('overdue'), counts.data.overdue, { overdue: true, open: true, sort: 'resolve_due' }],
  ]
  return (
    <nav className="tiles" aria-label={t('queue')} style={{ marginBottom: 12 }}>
      {tiles.map(([label, count, search]) => (
        <Link key={label} className="tile" to="/tickets" search={search as never}>
          {label}
          <b>{count}</b>
        </Link>
      ))}
    </nav>
  )
}

type Query = { lens: Schemas['TicketLens']; open?: boolean; unread?: boolean; sort?: Schemas['TicketSort'] }

function Tickets({ title, empty, query, report }: { title: string; empty: string; query: Query; report?: boolean }) {
  const { t } = useTranslation('home')
  const list = useQuery({
    queryKey: ['tickets', 'home', query],
    queryFn: () => take(api.GET('/api/v1/tickets', { params: { query: { ...query, limit: 6 } } })),
  })
  return (
    <Section
      title={title}
      extra={
        <Link to="/tickets" search={query as never}>
          {t('all')}
        </Link>
      }
    >
      {list.isError && <ProblemAlert error={list.error} retry={list.refetch} />}
      {list.isLoading && <Loading rows={3} />}
      {list.data?.items.length === 0 && (
        <Nothing text={empty}>
          {report && (
            <Link to="/tickets/new">
              <Button type="primary">{t('common:create.ticket')}</Button>
            </Link>
          )}
        </Nothing>
      )}
      <ul className="cards">
        {list.data?.items.map((ticket) => (
          <li key={ticket.id}>
            <Link to="/tickets/$id" params={{ id: ticket.id }} className="card">
              <span className="title">{ticket.title}</span>
              <span className="row">
                <TicketStateDot state={ticket.state} />
                <PriorityDot priority={ticket.priority} />
                {ticket.overdue && <strong>{t('overdue')}</strong>}
                <span className="faint">
                  {ticket.number} ·{' '}
                  {ticket.assignee ? t('with', { name: ticket.assignee.name }) : (ticket.assigned_unit?.name ?? t('nobody'))} ·{' '}
                  <Ago at={ticket.updated_at} />
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function MyEquipment() {
  const { t } = useTranslation('home')
  const me = useMe()
  const list = useQuery({
    queryKey: ['equipment', 'home'],
    queryFn: () => take(api.GET('/api/v1/equipment', { params: { query: { lens: 'mine', limit: 10 } } })),
  })
  return (
    <Section title={t('my_equipment')}>
      {list.isError && <ProblemAlert error={list.error} retry={list.refetch} />}
      {list.isLoading && <Loading rows={3} />}
      {list.data?.items.length === 0 && <Nothing text={t('no_equipment')} />}
      <ul className="cards">
        {list.data?.items.map((item) => (
          <li key={item.id} className="row">
            <Link to="/equipment/$id" params={{ id: item.id }} className="card grow" style={{ width: 'auto' }}>
              <span className="title">{item.name}</span>
              <span className="row">
                <EquipmentStateDot state={item.state} />
                <span className="faint">{item.number}</span>
              </span>
            </Link>
            {holds(me, 'tickets.report') && (
              <Link to="/tickets/new" search={{ equipment: item.id } as never}>
                <Button aria-label={t('report_for', { name: item.name })}>{t('report')}</Button>
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}
