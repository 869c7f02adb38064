import { PlusOutlined, PrinterOutlined, QrcodeOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Select, Table, Tabs } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { FilterBar, UnitFilter, Words } from '@/shared/ui/filters'
import { PageHeader, usePhone } from '@/shared/ui/layout'
import { Listed } from '@/shared/ui/more'
import { ExportButton, ImportButton } from '@/shared/ui/sheets'
import { EquipmentStateDot } from '@/shared/ui/states'
import { queryOf, useEquipment, useTypes } from './api'

type Item = Schemas['EquipmentItem']
const STATES: Schemas['EquipmentState'][] = [
  'in_stock',
  'in_use',
  'faulty',
  'under_repair',
  'external_repair',
  'lent',
  'retired',
  'disposed',
]

/** The register as a list. */
export function EquipmentPage() {
  const { t } = useTranslation('equipment')
  const me = useMe()
  const phone = usePhone()
  const go = useNavigate()
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const query = useMemo(() => queryOf(search), [search])
  const pages = useEquipment(query)
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const types = useTypes()
  const [chosen, setChosen] = useState<string[]>([])
  const change = (next: Record<string, unknown>) => go({ to: '/equipment', search: { ...search, ...next } as never, replace: true })
  const keeper = holds(me, 'equipment.manage')
  const tab = query.registered === false ? 'found' : (query.lens ?? 'all')
  return (
    <>
      <PageHeader
        title={t('title')}
        extra={
          <>
            <Link to="/equipment/scan">
              <Button icon={<QrcodeOutlined />}>{t('scan.title')}</Button>
            </Link>
            {chosen.length > 0 && (
              <Link to="/equipment/labels" search={{ id: chosen } as never}>
                <Button icon={<PrinterOutlined />}>{t('labels.print', { count: chosen.length })}</Button>
              </Link>
            )}
            {keeper && <ImportButton path="/api/v1/equipment" columns={t('import_columns')} />}
            <ExportButton path="/api/v1/equipment/export" query={query} />
            {keeper && (
              <Link to="/equipment/new">
                <Button type="primary" icon={<PlusOutlined />}>
                  {t('new')}
                </Button>
              </Link>
            )}
          </>
        }
      />
      <Tabs
        activeKey={tab}
        onChange={(key) =>
          change({ lens: key === 'mine' || key === 'unit' ? key : undefined, registered: key === 'found' ? false : undefined })
        }
        items={['all', 'mine', 'unit', ...(keeper ? ['found'] : [])].map((key) => ({ key, label: t(`tab.${key}`) }))}
      />
      <FilterBar
        words={<Words value={query.q} hint={t('filter.words')} search={(q) => change({ q })} />}
        set={[query.state, query.type_id, query.unit_id]}
      >
        <Select
          mode="multiple"
          allowClear
          maxTagCount="responsive"
          style={{ minWidth: 150 }}
          aria-label={t('field.state')}
          placeholder={t('field.state')}
          value={query.state ?? []}
          options={STATES.map((value) => ({ value, label: t(`common:equipment_state.${value}`) }))}
          onChange={(state) => change({ state: state.length ? state : undefined })}
        />
        <Select
          allowClear
          style={{ minWidth: 130 }}
          aria-label={t('field.type')}
          placeholder={t('field.type')}
          value={query.type_id ?? null}
          options={types.data?.items.map((type) => ({ value: type.id, label: type.name }))}
          onChange={(type_id) => change({ type_id: type_id ?? undefined })}
        />
        <UnitFilter label={t('field.unit')} value={query.unit_id} change={(unit_id) => change({ unit_id })} />
      </FilterBar>
      <Listed
        pages={pages}
        nothing={tab === 'found' ? t('empty_found') : t('empty')}
        clear={
          Object.keys(search).length > 0 && (
            <Button onClick={() => go({ to: '/equipment', search: {} as never })}>{t('common:action.clear')}</Button>
          )
        }
      >
        {phone ? (
          <ul className="cards">
            {rows.map((row) => (
              <li key={row.id}>
                <Link to="/equipment/$id" params={{ id: row.id }} className="card">
                  <span className="title">{row.name}</span>
                  <span className="row">
                    <EquipmentStateDot state={row.state} />
                    <span className="faint">
                      {row.number} · {row.holder?.name ?? row.unit?.name ?? t('nobody')}
                    </span>
                  </span>
                </Link>
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
              rowSelection={{
                columnWidth: 40,
                selectedRowKeys: chosen,
                onChange: (keys) => setChosen(keys.map(String)),
                getCheckboxProps: (row) => ({ 'aria-label': row.number }) as never,
              }}
              onRow={(row) => ({
                onClick: (event) => {
                  if (!(event.target as HTMLElement).closest('a, input, .ant-table-selection-column'))
                    void go({ to: '/equipment/$id', params: { id: row.id } })
                },
              })}
              columns={[
                {
                  title: t('field.name'),
                  key: 'name',
                  render: (row: Item) => (
                    <div>
                      <Link to="/equipment/$id" params={{ id: row.id }} style={{ color: 'inherit' }}>
                        {row.name}
                      </Link>
                      <div className="faint">{row.number}</div>
                    </div>
                  ),
                },
                { title: t('field.type'), key: 'type', width: 110, render: (row: Item) => row.type.name },
                {
                  title: t('field.state'),
                  key: 'state',
                  width: 110,
                  render: (row: Item) => (row.registered ? <EquipmentStateDot state={row.state} /> : t('unregistered')),
                },
                {
                  title: t('field.holder'),
                  key: 'holder',
                  width: 110,
                  render: (row: Item) => row.holder?.name ?? <span className="faint">—</span>,
                },
                { title: t('field.unit'), key: 'unit', render: (row: Item) => row.unit?.name ?? <span className="faint">—</span> },
                { title: t('field.place'), key: 'place', render: (row: Item) => row.place ?? <span className="faint">—</span> },
                { title: t('field.serial'), key: 'serial', render: (row: Item) => row.serial ?? <span className="faint">—</span> },
              ]}
            />
          </div>
        )}
      </Listed>
    </>
  )
}
