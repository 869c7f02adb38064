import { AppstoreOutlined, PlusOutlined, SaveOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Input, Modal, Space, Table, Tabs } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { busy } from '@/shared/keys'
import { holds, useMe } from '@/shared/me'
import { PageHeader, usePhone } from '@/shared/ui/layout'
import { Listed } from '@/shared/ui/more'
import { useAct } from '@/shared/ui/problem'
import { ExportButton } from '@/shared/ui/sheets'
import { PriorityDot, TicketStateDot } from '@/shared/ui/states'
import { Ago } from '@/shared/ui/time'
import { type Query, queryOf, useTickets } from './api'
import { BulkBar } from './BulkBar'
import { Filters } from './Filters'
import { TicketDetail } from './TicketDetail'

type Item = Schemas['TicketItem']

/** What is late: the solution, or only the first response. */
const late = (row: Item) =>
  row.resolve_due && Date.parse(row.resolved_at ?? new Date().toISOString()) > Date.parse(row.resolve_due) ? 'overdue' : 'overdue_response'

/** The list that the desk never leaves: the filters stand in the URL, the detail opens beside it. */
export function TicketsPage() {
  const { t } = useTranslation('tickets')
  const me = useMe()
  const phone = usePhone()
  const go = useNavigate()
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const query = useMemo(() => queryOf(search), [search])
  const open = typeof search.ticket === 'string' ? search.ticket : undefined
  const pages = useTickets(query)
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const [chosen, setChosen] = useState<string[]>([])
  const change = (next: Record<string, unknown>) => go({ to: '/tickets', search: { ...search, ...next } as never, replace: true })
  const show = (id: string | undefined) => (phone && id ? go({ to: '/tickets/$id', params: { id } }) : change({ ticket: id }))
  const desk = holds(me, 'tickets.dispatch') || holds(me, 'tickets.handle')
  useKeys(rows, open, show, setChosen)
  const picked = rows.filter((row) => chosen.includes(row.id))
  return (
    <>
      <PageHeader
        title={t('title')}
        extra={
          <>
            <Link to="/tickets/board" search={query as never}>
              <Button icon={<AppstoreOutlined />}>{t('board.title')}</Button>
            </Link>
            <ExportButton path="/api/v1/tickets/export" query={query} />
            {holds(me, 'tickets.report') && (
              <Link to="/tickets/new">
                <Button type="primary" icon={<PlusOutlined />}>
                  {t('common:create.ticket')}
                </Button>
              </Link>
            )}
          </>
        }
      />
      <Views query={query} desk={desk} choose={(next) => go({ to: '/tickets', search: next as never, replace: true })} />
      <Filters query={query} change={change} desk={desk} />
      <div className={open && !phone ? 'split' : undefined}>
        <div>
          <Listed
            pages={pages}
            nothing={t('empty')}
            clear={<Button onClick={() => go({ to: '/tickets', search: {} as never })}>{t('common:action.clear')}</Button>}
          >
            {phone ? (
              <Cards rows={rows} />
            ) : (
              <List rows={rows} open={open} show={show} narrow={Boolean(open)} chosen={chosen} setChosen={setChosen} selectable={desk} />
            )}
          </Listed>
          {picked.length > 0 && <BulkBar picked={picked} clear={() => setChosen([])} />}
        </div>
        {open && !phone && (
          <aside aria-label={t('detail')} className="section">
            <TicketDetail id={open} close={() => show(undefined)} />
          </aside>
        )}
      </div>
    </>
  )
}

/** j and k move, x selects, Escape closes; not while somebody writes. */
function useKeys(
  rows: Item[],
  open: string | undefined,
  show: (id: string | undefined) => void,
  choose: (change: (now: string[]) => string[]) => void,
) {
  const latest = useRef({ rows, open, show, choose })
  latest.current = { rows, open, show, choose }
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (busy(event)) return
      const { rows, open, show, choose } = latest.current
      const at = rows.findIndex((row) => row.id === open)
      if (event.key === 'j') show(rows[Math.min(at + 1, rows.length - 1)]?.id)
      else if (event.key === 'k') show(rows[Math.max(at - 1, 0)]?.id)
      else if (event.key === 'Escape') show(undefined)
      else if (event.key === 'x' && open) choose((now) => (now.includes(open) ? now.filter((id) => id !== open) : [...now, open]))
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  }, [])
}

function Cards({ rows }: { rows: Item[] }) {
  const { t } = useTranslation('tickets')
  return (
    <ul className="cards">
      {rows.map((row) => (
        <li key={row.id}>
          <Link to="/tickets/$id" params={{ id: row.id }} className="card">
            <span className="title">
              {row.unread && <Unread />}
              {row.title}
            </span>
            <span className="row">
              <TicketStateDot state={row.state} />
              <PriorityDot priority={row.priority} />
              {row.overdue && <strong>{t(late(row))}</strong>}
              <span className="faint">
                {row.number} · {row.assignee?.name ?? row.reporter.name} · <Ago at={row.updated_at} />
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Unread() {
  const { t } = useTranslation('tickets')
  return (
    <span
      role="img"
      aria-label={t('unread')}
      title={t('unread')}
      style={{
        display: 'inline-block',
        width: 7,
        height: 7,
        borderRadius: 4,
        background: 'var(--ant-color-primary)',
        marginInlineEnd: 6,
        verticalAlign: 'middle',
      }}
    />
  )
}

type ListProps = {
  rows: Item[]
  open: string | undefined
  show: (id: string) => void
  narrow: boolean
  chosen: string[]
  setChosen: (ids: string[]) => void
  selectable: boolean
}

function List({ rows, open, show, narrow, chosen, setChosen, selectable }: ListProps) {
  const { t } = useTranslation('tickets')
  const wide = [
    { title: t('field.reporter'), key: 'reporter', render: (row: Item) => `${row.reporter.name} · ${row.unit.name}` },
    {
      title: t('field.assignee'),
      key: 'assignee',
      render: (row: Item) => row.assignee?.name ?? row.assigned_unit?.name ?? <span className="faint">—</span>,
    },
    {
      title: t('field.due'),
      key: 'due',
      render: (row: Item) => (
        <span>
          {row.overdue && <strong>{t(late(row))} </strong>}
          <Ago at={row.resolve_due} />
        </span>
      ),
    },
    { title: t('field.created'), key: 'created', render: (row: Item) => <Ago at={row.created_at} /> },
  ]
  return (
    <div className="section scroller" style={{ padding: 0 }}>
      <Table
        className="clickable"
        size="small"
        rowKey="id"
        dataSource={rows}
        pagination={false}
        rowClassName={(row) => (row.id === open ? 'on' : '')}
        rowSelection={
          selectable
            ? {
                columnWidth: 40,
                selectedRowKeys: chosen,
                onChange: (keys) => setChosen(keys.map(String)),
                getCheckboxProps: (row) => ({ 'aria-label': row.number }) as never,
              }
            : undefined
        }
        onRow={(row) => ({
          onClick: (event) => {
            if ((event.target as HTMLElement).closest('a, input, .ant-table-selection-column')) return
            if (event.ctrlKey || event.metaKey) window.open(`/tickets/${row.id}`, '_blank')
            else show(row.id)
          },
        })}
        columns={[
          {
            title: t('field.ticket'),
            key: 'title',
            render: (row: Item) => (
              <div>
                {row.unread && <Unread />}
                <Link
                  to="/tickets/$id"
                  params={{ id: row.id }}
                  onClick={(event) => {
                    // A plain click opens beside the list; with Ctrl the browser opens the page of its own.
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return
                    event.preventDefault()
                    show(row.id)
                  }}
                  style={{ fontWeight: row.unread ? 600 : 400, color: 'inherit' }}
                >
                  {row.title}
                </Link>
                <div className="faint">
                  {row.number} · {t(`common:kind.${row.kind}`)}
                </div>
              </div>
            ),
          },
          { title: t('field.state'), key: 'state', width: 110, render: (row: Item) => <TicketStateDot state={row.state} /> },
          { title: t('field.priority'), key: 'priority', width: 90, render: (row: Item) => <PriorityDot priority={row.priority} /> },
          ...(narrow ? [] : wide),
        ]}
      />
    </div>
  )
}

const asText = (query: Record<string, unknown>) => {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) text.append(name, String(one))
  text.sort()
  return text.toString()
}

const asQuery = (text: string) => {
  const query: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(text)) query[name] = query[name] === undefined ? value : [query[name], value].flat()
  return queryOf(query)
}

/** The lists one comes back to: the usual ones and one's own, with how many are open. */
function Views({ query, desk, choose }: { query: Query; desk: boolean; choose: (query: Query) => void }) {
  const { t } = useTranslation('tickets')
  const [naming, setNaming] = useState(false)
  const [name, setName] = useState('')
  const mine = useQuery({ queryKey: ['views'], queryFn: () => take(api.GET('/api/v1/ticket-views')) })
  const usual: [string, Query][] = desk
    ? [
        ['assigned', { lens: 'assigned', open: true }],
        ['group', { lens: 'group', open: true }],
        ['fresh', { state: ['new'] }],
        ['open', { open: true }],
        ['mine', { lens: 'mine' }],
        ['watching', { lens: 'watching' }],
        ['all', {}],
      ]
    : [
        ['mine_open', { lens: 'mine', open: true }],
        ['mine', { lens: 'mine' }],
        ['watching', { lens: 'watching' }],
        ['all', {}],
      ]
  const views = [
    ...usual.map(([key, filter]) => ({ key: asText(filter), label: t(`view.${key}`), filter, id: '', version: 0 })),
    ...(mine.data?.items ?? []).map((view) => ({
      key: asText(asQuery(view.filter)),
      label: view.name,
      filter: asQuery(view.filter),
      id: view.id,
      version: view.version,
    })),
  ]
  const now = asText(query)
  const save = useAct((chosen: string) => take(api.POST('/api/v1/ticket-views', { body: { name: chosen, filter: now } })), {
    said: t('common:said.saved'),
    done: () => setNaming(false),
  })
  const drop = useAct(
    (view: { id: string; version: number }) => take(api.DELETE('/api/v1/ticket-views/{id}', { params: { path: { id: view.id } } })),
    { said: t('common:said.done') },
  )
  const rename = useAct(
    (view: { id: string; version: number; name: string; filter: string }) =>
      take(
        api.PUT('/api/v1/ticket-views/{id}', {
          params: { path: { id: view.id }, header: ifMatch(view.version) },
          body: { name: view.name, filter: view.filter },
        }),
      ),
    { said: t('common:said.saved'), done: () => setNaming(false) },
  )
  const known = views.find((view) => view.key === now)
  const own = known?.id ? known : undefined
  return (
    <>
      <Tabs
        activeKey={now}
        onChange={(key) => choose(views.find((view) => view.key === key)?.filter ?? {})}
        items={views.map((view) => ({
          key: view.key,
          label: <ViewLabel label={view.label} filter={view.filter} counted={view.key !== ''} />,
        }))}
        tabBarExtraContent={
          <Space>
            {own && (
              <Button type="text" onClick={() => drop.mutate(own)}>
                {t('view.remove')}
              </Button>
            )}
            {(own || !known) && (
              <Button
                type="text"
                icon={<SaveOutlined />}
                onClick={() => {
                  setName(own?.label ?? '')
                  setNaming(true)
                }}
              >
                {own ? t('view.rename') : t('view.save')}
              </Button>
            )}
          </Space>
        }
      />
      <Modal
        open={naming}
        title={own ? t('view.rename') : t('view.save')}
        onCancel={() => setNaming(false)}
        onOk={() => (own ? rename.mutate({ ...own, name, filter: now }) : save.mutate(name))}
        okButtonProps={{ disabled: !name.trim(), loading: save.isPending || rename.isPending }}
      >
        <Input
          aria-label={t('view.name')}
          placeholder={t('view.name')}
          value={name}
          maxLength={40}
          autoFocus
          onChange={(event) => setName(event.target.value)}
        />
      </Modal>
    </>
  )
}

function ViewLabel({ label, filter, counted }: { label: string; filter: Query; counted: boolean }) {
  const counts = useQuery({
    queryKey: ['tickets', 'counts', filter],
    enabled: counted,
    queryFn: () => take(api.GET('/api/v1/tickets/counts', { params: { query: filter } })),
    staleTime: 30_000,
  })
  return (
    <span>
      {label} {counted && counts.data && counts.data.open > 0 && <span className="faint">{counts.data.open}</span>}
    </span>
  )
}
