import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, DatePicker, Drawer, Select, Table } from 'antd'
import dayjs from 'dayjs'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import type { paths } from '@/shared/api/schema'
import { FilterBar } from '@/shared/ui/filters'
import { Facts, Loading, PageHeader, Section, usePhone } from '@/shared/ui/layout'
import { Listed } from '@/shared/ui/more'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { ProblemAlert } from '@/shared/ui/problem'
import { Words } from '@/shared/ui/rows'
import { ExportButton } from '@/shared/ui/sheets'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { LogPanel } from './LogPanel'
import { Proof } from './Proof'
import { useWords } from './words'

type Query = NonNullable<paths['/api/v1/records']['get']['parameters']['query']>
type Row = Schemas['RecordView']
const NAMES = ['actor_id', 'subject_kind', 'subject_id', 'action', 'unit_id', 'outcome', 'from', 'to']

/** Everything that was done, and everything that was refused. */
export function RecordsPage() {
  const { t } = useTranslation('records')
  const words = useWords()
  const go = useNavigate()
  const phone = usePhone()
  const search = useSearch({ strict: false }) as Record<string, string>
  const query = useMemo(
    () => Object.fromEntries(NAMES.filter((name) => search[name]).map((name) => [name, search[name]])) as Query,
    [search],
  )
  const change = (next: Record<string, unknown>) => go({ to: '/records', search: { ...search, ...next } as never, replace: true })
  const pages = useInfiniteQuery({
    queryKey: ['records', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/records', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <PageHeader
        title={t('title')}
        under={t('text')}
        extra={
          <>
            <Button onClick={() => change({ log: 'open' })}>{t('log.title')}</Button>
            <ExportButton path="/api/v1/records/export" query={query} />
          </>
        }
      />
      <Filters query={query} change={change} />
      <Listed
        pages={pages}
        nothing={t('empty')}
        clear={<Button onClick={() => go({ to: '/records', search: {} as never })}>{t('common:action.clear')}</Button>}
      >
        {phone ? (
          <ul className="cards">
            {rows.map((row) => (
              <li key={row.id}>
                <button type="button" className="card" onClick={() => change({ record: row.id })}>
                  <span className="title">{words.action(row.action)}</span>
                  <span className="row">
                    <Outcome row={row} />
                    <span className="faint">
                      <Words of={[words.actor(row.actor), row.subject.label, <At key="time" at={row.time} />]} />
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        ) : (
          <div className="section scroller" style={{ padding: 0 }}>
            <Table
              className="clickable"
              size="small"
              rowKey="id"
              dataSource={rows}
              pagination={false}
              onRow={(row) => ({ onClick: () => change({ record: row.id }) })}
              columns={[
                { title: t('field.time'), key: 'time', width: 150, render: (row: Row) => <At at={row.time} /> },
                { title: t('field.actor'), key: 'actor', width: 130, render: (row: Row) => words.actor(row.actor) },
                {
                  title: t('field.action'),
                  key: 'action',
                  render: (row: Row) => (
                    <Button type="link" className="inline" onClick={() => change({ record: row.id })}>
                      {words.action(row.action)}
                    </Button>
                  ),
                },
                {
                  title: t('field.subject'),
                  key: 'subject',
                  render: (row: Row) => (
                    <span>
                      {row.subject.label ?? row.subject.id}{' '}
                      <span className="faint">{t(`kind.${row.subject.kind}`, { defaultValue: row.subject.kind })}</span>
                    </span>
                  ),
                },
                { title: t('field.outcome'), key: 'outcome', width: 100, render: (row: Row) => <Outcome row={row} /> },
                { title: t('field.index'), dataIndex: 'index', align: 'right', width: 80 },
              ]}
            />
          </div>
        )}
      </Listed>
      <Drawer open={Boolean(search.log)} onClose={() => change({ log: undefined })} size={phone ? '100%' : 640} title={t('log.title')}>
        {search.log && <LogPanel />}
      </Drawer>
      <Drawer open={Boolean(search.record)} onClose={() => change({ record: undefined })} size={phone ? '100%' : 640} title={t('one')}>
        {search.record && <One id={search.record} />}
      </Drawer>
    </>
  )
}

function Outcome({ row }: { row: Row }) {
  const { t } = useTranslation('records')
  return (
    <Dot colour={row.outcome === 'success' ? 'green' : row.outcome === 'denied' ? 'orange' : 'red'} text={t(`outcome.${row.outcome}`)} />
  )
}

function Filters({ query, change }: { query: Query; change: (next: Record<string, unknown>) => void }) {
  const { t } = useTranslation('records')
  const words = t('action', { returnObjects: true }) as Record<string, Record<string, string>>
  const actions = Object.entries(words).flatMap(([kind, done]) =>
    Object.entries(done).map(([name, label]) => ({ value: `${kind}.${name}`, label, search: `${label} ${kind}.${name}` })),
  )
  return (
    <FilterBar set={Object.values(query)}>
      <DatePicker.RangePicker
        showTime={{ format: 'HH:mm' }}
        format="YYYY-MM-DD HH:mm"
        aria-label={t('field.time')}
        value={query.from && query.to ? [dayjs(query.from), dayjs(query.to)] : null}
        presets={[
          { label: t('range.today'), value: [dayjs().startOf('day'), dayjs().endOf('day')] },
          { label: t('range.week'), value: [dayjs().subtract(7, 'day'), dayjs()] },
          { label: t('range.month'), value: [dayjs().subtract(30, 'day'), dayjs()] },
        ]}
        onChange={(range) => change({ from: range?.[0]?.toISOString(), to: range?.[1]?.toISOString() })}
      />
      <div style={{ width: 170 }}>
        <PersonSelect
          aria-label={t('field.actor')}
          placeholder={t('field.actor')}
          allowClear
          value={query.actor_id ?? null}
          onChange={(actor_id) => change({ actor_id })}
        />
      </div>
      <Select
        allowClear
        style={{ minWidth: 130 }}
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('field.kind')}
        placeholder={t('field.kind')}
        value={query.subject_kind ?? null}
        options={Object.entries(t('kind', { returnObjects: true }) as Record<string, string>).map(([value, label]) => ({ value, label }))}
        onChange={(subject_kind) => change({ subject_kind: subject_kind ?? undefined })}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'search' }}
        style={{ width: 210 }}
        aria-label={t('field.action')}
        placeholder={t('field.action')}
        value={query.action ?? null}
        options={actions}
        onChange={(action) => change({ action: action ?? undefined })}
      />
      <div style={{ width: 170 }}>
        <UnitSelect
          aria-label={t('field.unit')}
          placeholder={t('field.unit')}
          allowClear
          value={query.unit_id ?? null}
          onChange={(unit_id) => change({ unit_id })}
        />
      </div>
      <Select
        allowClear
        style={{ minWidth: 110 }}
        aria-label={t('field.outcome')}
        placeholder={t('field.outcome')}
        value={query.outcome ?? null}
        options={(['success', 'denied', 'error'] as const).map((value) => ({ value, label: t(`outcome.${value}`) }))}
        onChange={(outcome) => change({ outcome: outcome ?? undefined })}
      />
      {query.subject_id && <Button onClick={() => change({ subject_id: undefined })}>{t('only_subject')} ✕</Button>}
    </FilterBar>
  )
}

const show = (value: unknown) => (value === null || value === undefined ? '—' : typeof value === 'string' ? value : JSON.stringify(value))
const PAGES: Record<string, string> = { ticket: '/tickets', equipment: '/equipment', dataset: '/datasets', person: '/org/people' }

/** One record, with what proves it. */
function One({ id }: { id: string }) {
  const { t } = useTranslation('records')
  const words = useWords()
  const found = useQuery({ queryKey: ['record', id], queryFn: () => take(api.GET('/api/v1/records/{id}', { params: { path: { id } } })) })
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const record = found.data
  const to = PAGES[record.subject.kind]
  const versions = record.subject.version_after ? `${record.subject.version_before ?? 0} → ${record.subject.version_after}` : null
  return (
    <>
      <Section>
        <Facts
          items={[
            [
              t('field.action'),
              <span key="a">
                {words.action(record.action)} <code>{record.action}</code>
              </span>,
            ],
            [
              t('field.outcome'),
              <span key="o">
                {t(`outcome.${record.outcome}`)} {record.reason}
              </span>,
            ],
            [t('field.time'), <At key="t" at={record.time} />],
            [t('field.occurred_at'), record.occurred_at && <At key="c" at={record.occurred_at} />],
            [t('field.actor'), words.actor(record.actor)],
            [
              t('field.subject'),
              to ? (
                <Link key="s" to={`${to}/${record.subject.id}` as never}>
                  {record.subject.label ?? record.subject.id}
                </Link>
              ) : (
                (record.subject.label ?? record.subject.id)
              ),
            ],
            [t('field.versions'), versions],
            [t('field.address'), record.address],
          ]}
        />
        <p>
          <Link to="/records" search={{ subject_id: record.subject.id } as never}>
            {t('all_of_subject')}
          </Link>
        </p>
      </Section>
      {record.note && (
        <Section title={t('note')}>
          <span style={{ whiteSpace: 'pre-wrap' }}>{record.note}</span>
        </Section>
      )}
      {record.changes.length > 0 && (
        <Section title={t('changes')}>
          <table className="changes">
            <thead>
              <tr>
                <th>{t('field.field')}</th>
                <th>{t('field.old')}</th>
                <th>{t('field.new')}</th>
              </tr>
            </thead>
            <tbody>
              {record.changes.map((change) => (
                <tr key={change.field}>
                  <td>{change.field}</td>
                  <td>{show(change.old)}</td>
                  <td>{show(change.new)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      {record.related.length > 0 && (
        <Section title={t('related')}>
          <ul className="plain">
            {record.related.map((one) => (
              <li key={one.id + one.role}>
                {t(`kind.${one.kind}`, { defaultValue: one.kind })} · {one.label || one.id}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t('proof')}>
        <Facts
          items={[
            [t('field.index'), record.index ?? t('not_numbered')],
            [t('field.leaf_hash'), <code key="l">{record.leaf_hash}</code>],
            [t('field.detail_hash'), <code key="d">{record.detail_hash}</code>],
            [t('field.request'), record.request_id],
          ]}
        />
        {typeof record.index === 'number' && <Proof key={record.id} id={record.id} canonical={record.canonical} />}
        <p className="faint">{t('canonical')}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard */}
        <pre className="raw" tabIndex={0}>
          {record.canonical}
        </pre>
      </Section>
    </>
  )
}
