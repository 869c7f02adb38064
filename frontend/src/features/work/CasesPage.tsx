import { useNavigate, useSearch } from '@tanstack/react-router'
import { Checkbox, Select, Tabs } from 'antd'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { FilterBar, UnitFilter, Words } from '@/shared/ui/filters'
import { PageHeader, usePhone } from '@/shared/ui/layout'
import type { CaseState } from './api'
import { CaseDetail } from './CaseDetail'
import { CaseList } from './CaseList'
import { HandOver } from './HandOver'
import './work.css'

const STATES: CaseState[] = ['running', 'completed', 'refused', 'revoked', 'voided', 'terminated']
const TABS = ['running', 'incident', 'overdue', 'all'] as const
const FILTERS: Record<(typeof TABS)[number], Record<string, unknown>> = {
  running: { state: ['running'] },
  incident: { incident: true },
  overdue: { overdue: true, state: ['running'] },
  all: {},
}

/** All cases, for those who look after processes. */
export function CasesPage() {
  const { t } = useTranslation('work')
  const me = useMe()
  const phone = usePhone()
  const go = useNavigate()
  const search = useSearch({ strict: false }) as Record<string, string | undefined>
  const tab = TABS.find((one) => one === search.tab) ?? 'running'
  const change = (next: Record<string, unknown>) => go({ to: '/cases', search: { ...search, ...next } as never, replace: true })
  const show = (id: string | undefined) => (phone && id ? go({ to: '/cases/$id', params: { id } }) : change({ item: id }))
  const open = phone ? undefined : search.item
  const { q, process_id, unit_id, state } = search
  const query = { q, process_id, unit_id, ...FILTERS[tab], ...(tab === 'all' && state && { state: [state] }) }
  return (
    <>
      <PageHeader title={t('cases.title')} extra={holds(me, 'cases.manage') && <HandOver />} />
      <Tabs
        activeKey={tab}
        onChange={(key) => change({ tab: key, item: undefined })}
        items={TABS.map((key) => ({ key, label: t(`cases.${key}`) }))}
      />
      <FilterBar
        words={<Words value={q} hint={t('filter.words')} search={(words) => change({ q: words })} />}
        set={[unit_id, state, process_id]}
      >
        <UnitFilter label={t('cases.unit')} value={unit_id} change={(chosen) => change({ unit_id: chosen })} />
        {tab === 'all' && (
          <Select
            allowClear
            style={{ minWidth: 130 }}
            aria-label={t('cases.state')}
            placeholder={t('cases.state')}
            value={state ?? null}
            options={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
            onChange={(chosen) => change({ state: chosen ?? undefined })}
          />
        )}
        {process_id && (
          <Checkbox checked onChange={() => change({ process_id: undefined })}>
            {t('cases.one_process')}
          </Checkbox>
        )}
      </FilterBar>
      <div className={open ? 'split work-split' : undefined}>
        <div>
          <CaseList key={tab} lens="all" query={query} open={open} show={show} />
        </div>
        {open && (
          <aside aria-label={t('detail')} className="section">
            <CaseDetail key={open} id={open} close={() => show(undefined)} />
          </aside>
        )}
      </div>
    </>
  )
}
