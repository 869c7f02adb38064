import { PrinterOutlined, ToolOutlined } from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Alert, Button, Input, Table, Tabs } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { may } from '@/shared/api/allowed'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { DrivenBy } from '@/shared/ui/DrivenBy'
import { Facts, Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { useSettled } from '@/shared/ui/pickers'
import { ProblemAlert } from '@/shared/ui/problem'
import { EquipmentStateDot, PriorityDot, TicketStateDot } from '@/shared/ui/states'
import { Ago, At } from '@/shared/ui/time'
import { useOne, useTypes } from './api'
import { Steps } from './Steps'

/** A piece of equipment: what it is, where it has been, what is in it. */
export function EquipmentDetailPage() {
  const { t } = useTranslation('equipment')
  const me = useMe()
  const { id = '' } = useParams({ strict: false })
  const found = useOne(id)
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={10} />
  const item = found.data
  return (
    <>
      <PageHeader
        title={item.name}
        under={
          <span className="row" style={{ gap: '4px 14px' }}>
            <EquipmentStateDot state={item.state} />
            <span>{item.number}</span>
            <span>{item.type.name}</span>
          </span>
        }
        extra={
          <>
            {holds(me, 'tickets.report') && (
              <Link to="/tickets/new" search={{ equipment: id } as never}>
                <Button type={may(item, 'assign') || may(item, 'register') ? 'default' : 'primary'} icon={<ToolOutlined />}>
                  {t('report')}
                </Button>
              </Link>
            )}
            <Link to="/equipment/labels" search={{ id: [id] } as never}>
              <Button icon={<PrinterOutlined />}>{t('labels.one')}</Button>
            </Link>
            {may(item, 'update') && (
              <Link to="/equipment/$id/edit" params={{ id }}>
                <Button>{t('common:action.edit')}</Button>
              </Link>
            )}
          </>
        }
      />
      {!item.registered && (
        <Alert type="warning" showIcon title={t('unregistered')} description={t('unregistered_text')} style={{ marginBottom: 12 }} />
      )}
      <DrivenBy by={item.driven_by} />
      <div style={{ marginBottom: 12 }}>
        <Steps item={item} />
      </div>
      <div className="two">
        <div>
          <Section title={t('facts')}>
            <Known item={item} />
          </Section>
          {item.hardware && <HardwareSection item={item} />}
        </div>
        <Section>
          <Tabs
            items={[
              { key: 'moves', label: t('moves'), children: <Moves id={id} /> },
              { key: 'tickets', label: t('tickets', { count: item.open_tickets }), children: <Tickets id={id} /> },
              ...(item.hardware ? [{ key: 'software', label: t('software'), children: <Software id={id} /> }] : []),
            ]}
          />
        </Section>
      </div>
    </>
  )
}

function Known({ item }: { item: Schemas['EquipmentDetail'] }) {
  const { t } = useTranslation('equipment')
  const types = useTypes()
  const attributes = types.data?.items.find((type) => type.id === item.type.id)?.attributes ?? []
  return (
    <Facts
      items={[
        [t('field.unit'), item.unit?.name],
        [t('field.holder'), item.holder?.name],
        [t('field.place'), item.place],
        [t('field.manufacturer'), item.manufacturer],
        [t('field.model'), item.model],
        [t('field.serial'), item.serial],
        [t('field.purchased_on'), item.purchased_on],
        [t('field.price'), item.price && `¥ ${item.price}`],
        [t('field.warranty_until'), item.warranty_until],
        ...(item.lent_until ? [[t('field.until'), item.lent_until] as [string, string]] : []),
        ...attributes.map((attribute): [string, string] => [
          attribute.label,
          text((item.attributes as Record<string, unknown>)[attribute.key]),
        ]),
      ]}
    />
  )
}

const text = (value: unknown) => (value === undefined || value === null ? '' : String(value))
const gigabytes = (mb: number | null | undefined) => (mb ? `${(mb / 1024).toFixed(mb < 10_240 ? 1 : 0)} GB` : '')

function HardwareSection({ item }: { item: Schemas['EquipmentDetail'] }) {
  const { t } = useTranslation('equipment')
  const hardware = item.hardware
  if (!hardware) return null
  return (
    <Section
      title={t('hardware')}
      extra={
        <span className="faint">
          {t('reported')} <Ago at={item.inventory_at} />
        </span>
      }
    >
      <Facts
        items={[
          [
            t('hw.cpu'),
            hardware.cpus.map((cpu) => `${cpu.name}${cpu.cores ? ` · ${t('hw.cores', { count: cpu.cores })}` : ''}`).join('; '),
          ],
          [t('hw.memory'), gigabytes(hardware.memory_mb)],
          [
            t('hw.disks'),
            hardware.disks.map((disk) => [disk.model ?? disk.name, gigabytes(disk.size_mb)].filter(Boolean).join(' ')).join('; '),
          ],
          [t('hw.os'), hardware.os && [hardware.os.name, hardware.os.version, hardware.os.arch].filter(Boolean).join(' ')],
          [t('hw.firmware'), hardware.firmware],
          [t('hw.networks'), hardware.networks.map((card) => `${card.name} ${card.addresses.join(', ')}`).join('; ')],
          [t('hw.agent'), hardware.agent],
        ]}
      />
    </Section>
  )
}

function Moves({ id }: { id: string }) {
  const { t } = useTranslation('equipment')
  const pages = useInfiniteQuery({
    queryKey: ['equipment', 'moves', id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/v1/equipment/{id}/movements', { params: { path: { id }, query: { limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  if (pages.isLoading) return <Loading rows={4} />
  return (
    <>
      <ol className="timeline">
        {rows.map((row) => {
          const changed = [
            row.from_state !== row.to_state &&
              `${row.from_state ? `${t(`common:equipment_state.${row.from_state}`)} → ` : ''}${t(`common:equipment_state.${row.to_state}`)}`,
            row.from_unit?.id !== row.to_unit?.id && `${t('field.unit')}: ${row.from_unit?.name ?? '—'} → ${row.to_unit?.name ?? '—'}`,
            row.from_holder?.id !== row.to_holder?.id &&
              `${t('field.holder')}: ${row.from_holder?.name ?? '—'} → ${row.to_holder?.name ?? '—'}`,
            row.from_place !== row.to_place && `${t('field.place')}: ${row.from_place ?? '—'} → ${row.to_place ?? '—'}`,
          ].filter(Boolean)
          return (
            <li key={`${row.at}${row.to_state}`}>
              <strong>{row.by}</strong>{' '}
              <span className="faint">
                <At at={row.at} />
              </span>
              {changed.map((line) => (
                <div key={String(line)}>{line}</div>
              ))}
              {row.reason && <div className="bubble">{row.reason}</div>}
              {row.ticket_id && (
                <Link to="/tickets/$id" params={{ id: row.ticket_id }}>
                  {t('to_ticket')}
                </Link>
              )}
            </li>
          )
        })}
      </ol>
      <More pages={pages} />
    </>
  )
}

function Tickets({ id }: { id: string }) {
  const { t } = useTranslation('equipment')
  const pages = useInfiniteQuery({
    queryKey: ['tickets', 'about', id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/tickets', { params: { query: { equipment_id: id, limit: 20, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  if (pages.isLoading) return <Loading rows={3} />
  if (rows.length === 0) return <Nothing text={t('no_tickets')} />
  return (
    <>
      <ul className="cards">
        {rows.map((row) => (
          <li key={row.id}>
            <Link to="/tickets/$id" params={{ id: row.id }} className="card">
              <span className="title">{row.title}</span>
              <span className="row">
                <TicketStateDot state={row.state} />
                <PriorityDot priority={row.priority} />
                <span className="faint">
                  {row.number} · <Ago at={row.created_at} />
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </>
  )
}

function Software({ id }: { id: string }) {
  const { t } = useTranslation('equipment')
  const [words, setWords] = useState('')
  const q = useSettled(words)
  const pages = useInfiniteQuery({
    queryKey: ['equipment', 'software', id, q],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/equipment/{id}/software', {
          params: { path: { id }, query: { q: q || undefined, limit: 100, after: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  if (!pages.isLoading && rows.length === 0 && !q) return <Nothing text={t('no_software')} />
  return (
    <>
      <Input
        allowClear
        aria-label={t('software_filter')}
        placeholder={t('software_filter')}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        style={{ marginBottom: 8 }}
      />
      <div className="scroller">
        <Table
          size="small"
          rowKey={(row) => row.name + row.version + row.first_seen}
          loading={pages.isLoading}
          dataSource={rows}
          pagination={false}
          columns={[
            {
              title: t('sw.name'),
              key: 'name',
              render: (row: Schemas['SoftwareView']) => (row.removed_at ? <del>{row.name}</del> : row.name),
            },
            { title: t('sw.version'), dataIndex: 'version' },
            {
              title: t('sw.since'),
              key: 'since',
              render: (row: Schemas['SoftwareView']) =>
                row.removed_at ? (
                  <span>
                    {t('sw.removed')} <Ago at={row.removed_at} />
                  </span>
                ) : (
                  <Ago at={row.first_seen} />
                ),
            },
          ]}
        />
      </div>
      <More pages={pages} />
    </>
  )
}
