import { PlusOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Select, Table, Tabs } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { FilterBar, UnitFilter, Words } from '@/shared/ui/filters'
import { PageHeader, Section, usePhone } from '@/shared/ui/layout'
import { Listed } from '@/shared/ui/more'
import { ClassificationDot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { CLASSES, type Item, queryOf, useDatasets, useGrants } from './api'
import { DatasetForm } from './DatasetForm'
import { Grants } from './Grants'

const TABS = ['all', 'granted', 'kept', 'grants'] as const

/** The catalogue of data sets, and the grants of which one knows. */
export function DatasetsPage() {
  const { t } = useTranslation('datasets')
  const me = useMe()
  const go = useNavigate()
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const [adds, setAdds] = useState(false)
  const change = (next: Record<string, unknown>) => go({ to: '/datasets', search: { ...search, ...next } as never, replace: true })
  const tab = search.tab === 'grants' ? 'grants' : String(search.lens ?? 'all')
  return (
    <>
      <PageHeader
        title={t('title')}
        under={t('under')}
        extra={
          holds(me, 'datasets.manage') && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdds(true)}>
              {t('new')}
            </Button>
          )
        }
      />
      <Tabs
        activeKey={tab}
        onChange={(key) =>
          change({
            tab: key === 'grants' ? key : undefined,
            lens: key === 'granted' || key === 'kept' ? key : undefined,
            grants: undefined,
          })
        }
        items={TABS.map((key) => ({ key, label: t(`tab.${key}`) }))}
      />
      {tab === 'grants' ? <GrantList search={search} change={change} /> : <Catalogue search={search} change={change} />}
      {adds && (
        <DatasetForm
          item={null}
          close={(made) => {
            setAdds(false)
            if (made) void go({ to: '/datasets/$id', params: { id: made } })
          }}
        />
      )}
    </>
  )
}

type Part = { search: Record<string, unknown>; change: (next: Record<string, unknown>) => unknown }

function Catalogue({ search, change }: Part) {
  const { t } = useTranslation('datasets')
  const phone = usePhone()
  const go = useNavigate()
  const query = useMemo(() => queryOf(search), [search])
  const pages = useDatasets(query)
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <FilterBar
        words={<Words value={query.q} hint={t('filter.words')} search={(q) => change({ q })} />}
        set={[query.classification, query.state, query.unit_id]}
      >
        <Select
          mode="multiple"
          allowClear
          maxTagCount="responsive"
          style={{ minWidth: 150 }}
          aria-label={t('field.classification')}
          placeholder={t('field.classification')}
          value={query.classification ?? []}
          options={CLASSES.map((value) => ({ value, label: t(`common:classification.${value}`) }))}
          onChange={(classes) => change({ classification: classes.length ? classes : undefined })}
        />
        <Select
          allowClear
          style={{ minWidth: 110 }}
          aria-label={t('field.state')}
          placeholder={t('field.state')}
          value={query.state ?? null}
          options={(['active', 'retired'] as const).map((value) => ({ value, label: t(`state.${value}`) }))}
          onChange={(state) => change({ state: state ?? undefined })}
        />
        <UnitFilter label={t('field.unit')} value={query.unit_id} change={(unit_id) => change({ unit_id })} />
      </FilterBar>
      <Listed
        pages={pages}
        nothing={t('empty')}
        clear={
          Object.keys(search).length > 0 && (
            <Button onClick={() => go({ to: '/datasets', search: {} as never })}>{t('common:action.clear')}</Button>
          )
        }
      >
        {phone ? (
          <ul className="cards">
            {rows.map((row) => (
              <li key={row.id}>
                <Link to="/datasets/$id" params={{ id: row.id }} className="card">
                  <span className="title">{row.name}</span>
                  <span className="row">
                    <ClassificationDot of={row.classification} />
                    <span className="faint">
                      {row.number} · {row.unit.name}
                      {row.state === 'retired' && ` · ${t('state.retired')}`}
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
              onRow={(row) => ({
                onClick: (event) => {
                  if (!(event.target as HTMLElement).closest('a')) void go({ to: '/datasets/$id', params: { id: row.id } })
                },
              })}
              columns={[
                {
                  title: t('field.name'),
                  key: 'name',
                  render: (row: Item) => (
                    <div>
                      <Link to="/datasets/$id" params={{ id: row.id }} style={{ color: 'inherit' }}>
                        {row.name}
                      </Link>
                      <div className="faint">{row.number}</div>
                    </div>
                  ),
                },
                {
                  title: t('field.classification'),
                  key: 'classification',
                  width: 120,
                  render: (row: Item) => <ClassificationDot of={row.classification} />,
                },
                { title: t('field.unit'), key: 'unit', render: (row: Item) => row.unit.name },
                { title: t('field.state'), key: 'state', width: 100, render: (row: Item) => t(`state.${row.state}`) },
                { title: t('field.updated_at'), key: 'updated_at', width: 150, render: (row: Item) => <At at={row.updated_at} /> },
              ]}
            />
          </div>
        )}
      </Listed>
    </>
  )
}

const SHOWN = ['in_force', 'ends_soon', 'upcoming', 'ended', 'revoked'] as const
/** How many days ahead an end is soon. */
const SOON = 30

function GrantList({ search, change }: Part) {
  const { t } = useTranslation('datasets')
  const shown = SHOWN.find((one) => one === search.grants) ?? 'in_force'
  const mine = search.of === 'mine'
  const soon = shown === 'ends_soon'
  const pages = useGrants({
    state: soon ? 'in_force' : shown,
    ...(soon && { ends_by: new Date(Date.now() + SOON * 86_400_000).toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' }) }),
    ...(mine && { lens: 'mine' }),
  })
  return (
    <>
      <FilterBar set={[search.grants, search.of]}>
        <Select
          style={{ minWidth: 180 }}
          aria-label={t('grant.state')}
          value={shown}
          options={SHOWN.map((value) => ({
            value,
            label: value === 'ends_soon' ? t('grant.ends_soon', { n: SOON }) : t(`grant_state.${value}`),
          }))}
          onChange={(grants) => change({ grants })}
        />
        <Select
          style={{ minWidth: 130 }}
          aria-label={t('grant.whose')}
          value={mine ? 'mine' : 'all'}
          options={(['all', 'mine'] as const).map((value) => ({ value, label: t(`grant.of.${value}`) }))}
          onChange={(of) => change({ of: of === 'mine' ? of : undefined })}
        />
      </FilterBar>
      <Section>
        <Grants pages={pages} dataset />
      </Section>
    </>
  )
}
