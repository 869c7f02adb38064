import { PlusOutlined, SettingOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Checkbox, Tabs } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FilterBar, Words } from '@/shared/ui/filters'
import { PageHeader, usePhone } from '@/shared/ui/layout'
import { useCounts } from './api'
import { CaseDetail } from './CaseDetail'
import { CaseList } from './CaseList'
import { Drafts } from './Drafts'
import { WorkDetail } from './WorkDetail'
import { WorkList } from './WorkList'
import './work.css'

export const TABS = ['open', 'claimable', 'done', 'mine', 'cc', 'drafts'] as const
type Tab = (typeof TABS)[number]

/** The centre of everybody's work: what waits for me, what I did, what I started, what was sent to me. The detail opens beside. */
export function WorkPage() {
  const { t } = useTranslation('work')
  const phone = usePhone()
  const go = useNavigate()
  const search = useSearch({ strict: false }) as Record<string, string | undefined>
  const tab: Tab = TABS.find((one) => one === search.tab) ?? 'open'
  const change = (next: Record<string, unknown>) => go({ to: '/work', search: { ...search, ...next } as never, replace: true })
  const asCase = tab === 'mine' || tab === 'cc'
  const open = search.item
  const [next, setNext] = useState<string>()
  const show = (id: string | undefined) => {
    if (phone && id) return go(asCase ? { to: '/cases/$id', params: { id } } : { to: '/work/$id', params: { id } })
    return change({ item: id })
  }
  const list = { query: { q: search.q, overdue: search.overdue ? true : undefined }, open, show, narrow: Boolean(open) && !phone }
  return (
    <>
      <PageHeader
        title={t('title')}
        extra={
          <>
            <Link to="/work/settings">
              <Button icon={<SettingOutlined />}>{t('settings.title')}</Button>
            </Link>
            <Link to="/start">
              <Button type="primary" icon={<PlusOutlined />}>
                {t('common:nav.start')}
              </Button>
            </Link>
          </>
        }
      />
      <WorkTabs
        tab={tab}
        choose={(chosen) => change({ tab: chosen === 'open' ? undefined : chosen, item: undefined, overdue: undefined })}
      />
      {tab !== 'drafts' && (
        <FilterBar words={<Words value={search.q} hint={t('filter.words')} search={(q) => change({ q })} />} set={[search.overdue]}>
          {tab !== 'cc' && tab !== 'done' && (
            <Checkbox
              checked={Boolean(search.overdue)}
              onChange={(event) => change({ overdue: event.target.checked ? 'true' : undefined })}
            >
              {t('overdue')}
            </Checkbox>
          )}
        </FilterBar>
      )}
      <div className={open && !phone ? 'split work-split' : undefined}>
        <div>
          {tab === 'drafts' ? (
            <Drafts />
          ) : asCase ? (
            <CaseList key={tab} lens={tab} {...list} />
          ) : (
            <WorkList key={tab} lens={tab} {...list} tellNext={setNext} />
          )}
        </div>
        {open && !phone && (
          <aside aria-label={t('detail')} className="section">
            {asCase ? (
              <CaseDetail key={open} id={open} close={() => show(undefined)} />
            ) : (
              <WorkDetail key={open} id={open} close={() => show(undefined)} done={() => show(next)} />
            )}
          </aside>
        )}
      </div>
    </>
  )
}

function WorkTabs({ tab, choose }: { tab: Tab; choose: (tab: Tab) => void }) {
  const { t } = useTranslation('work')
  const counts = useCounts()
  const numbers: Partial<Record<Tab, number | undefined>> = {
    open: counts.data?.open,
    claimable: counts.data?.claimable,
    cc: counts.data?.cc_unread,
  }
  return (
    <Tabs
      activeKey={tab}
      onChange={(key) => choose(key as Tab)}
      items={TABS.filter((one) => one !== 'claimable' || tab === one || (counts.data?.claimable ?? 0) > 0).map((key) => ({
        key,
        label: (
          <span>
            {t(`tab.${key}`)} {(numbers[key] ?? 0) > 0 && <span className="faint">{numbers[key]}</span>}
          </span>
        ),
      }))}
    />
  )
}
