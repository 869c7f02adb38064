import { PlusOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Select, Table } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { FilterBar, Words } from '@/shared/ui/filters'
import { Loading, Nothing, PageHeader, Section, usePhone } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { type ProcessItem, useProcesses } from './api'
import { NewProcess } from './NewProcess'
import './processes.css'

const COLOUR = { draft: 'orange', published: 'green', withdrawn: 'grey' } as const

/** The processes of the company, for those who make them. */
export function ProcessesPage() {
  const { t } = useTranslation('processes')
  const me = useMe()
  const phone = usePhone()
  const go = useNavigate()
  const { q, category } = useSearch({ strict: false }) as { q?: string; category?: string }
  const [making, setMaking] = useState(false)
  const processes = useProcesses({ q })
  const all = processes.data?.items ?? []
  const rows = all.filter((one) => !category || one.category === category)
  const categories = [...new Set(all.flatMap((one) => one.category ?? []))]
  const change = (next: Record<string, unknown>) => go({ to: '/processes', search: { q, category, ...next } as never, replace: true })
  return (
    <>
      <PageHeader
        title={t('title')}
        extra={
          holds(me, 'processes.design') && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
              {t('new.title')}
            </Button>
          )
        }
      />
      <FilterBar words={<Words value={q} hint={t('start.search')} search={(words) => change({ q: words })} />} set={[category]}>
        <Select
          allowClear
          style={{ minWidth: 150 }}
          aria-label={t('field.category')}
          placeholder={t('field.category')}
          value={category ?? null}
          options={categories.map((value) => ({ value, label: value }))}
          onChange={(chosen) => change({ category: chosen ?? undefined })}
        />
      </FilterBar>
      {processes.isError && <ProblemAlert error={processes.error} retry={processes.refetch} />}
      {processes.isLoading && <Loading rows={8} />}
      {processes.data && rows.length === 0 && (
        <Section>
          <Nothing text={t('none')}>
            <Link to="/packs">{t('from_packs')}</Link>
          </Nothing>
        </Section>
      )}
      {rows.length > 0 && (phone ? <Cards rows={rows} /> : <List rows={rows} />)}
      {making && <NewProcess close={() => setMaking(false)} />}
    </>
  )
}

function Cards({ rows }: { rows: ProcessItem[] }) {
  const { t } = useTranslation('processes')
  return (
    <ul className="cards">
      {rows.map((row) => (
        <li key={row.id}>
          <Link to="/processes/$id" params={{ id: row.id }} className="card">
            <span className="title">{row.name}</span>
            <span className="row">
              <Dot colour={COLOUR[row.state]} text={t(`state.${row.state}`)} />
              <span className="faint">
                {row.category} · {t('running', { count: row.running })}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function List({ rows }: { rows: ProcessItem[] }) {
  const { t } = useTranslation('processes')
  return (
    <div className="section scroller" style={{ padding: 0 }}>
      <Table
        size="small"
        rowKey="id"
        dataSource={rows}
        pagination={false}
        columns={[
          {
            title: t('field.name'),
            key: 'name',
            render: (row: ProcessItem) => (
              <div>
                <Link to="/processes/$id" params={{ id: row.id }}>
                  {row.name}
                </Link>
                {row.about && <div className="faint">{row.about}</div>}
              </div>
            ),
          },
          { title: t('field.category'), key: 'category', render: (row: ProcessItem) => row.category ?? <span className="faint">—</span> },
          {
            title: t('field.state'),
            key: 'state',
            width: 110,
            render: (row: ProcessItem) => <Dot colour={COLOUR[row.state]} text={t(`state.${row.state}`)} />,
          },
          {
            title: t('field.release'),
            key: 'release',
            width: 130,
            render: (row: ProcessItem) => row.release ?? '—',
          },
          { title: t('field.running'), key: 'running', width: 90, align: 'right', render: (row: ProcessItem) => row.running },
          { title: t('field.origin'), key: 'origin', render: (row: ProcessItem) => row.origin ?? <span className="faint">—</span> },
        ]}
      />
    </div>
  )
}
