import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Drawer, Select, Table, Tabs } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { FilterBar, UnitFilter } from '@/shared/ui/filters'
import { Facts, Loading, PageHeader, Section, usePhone } from '@/shared/ui/layout'
import { Listed } from '@/shared/ui/more'
import { ProblemAlert } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { Ago, At } from '@/shared/ui/time'
import { useWords } from '../records/words'
import { type Obligation, type ObligationQuery, useObligation, useObligations, useRegulations } from './api'
import { FindingActions } from './FindingActions'
import { SeverityDot, STATES, StateDot } from './Standing'

const PAGES: Record<string, string> = {
  ticket: '/tickets',
  equipment: '/equipment',
  dataset: '/datasets',
  person: '/org/people',
  case: '/cases',
}
const NAMES = ['regulation', 'clause', 'control', 'unit_id', 'subject_id'] as const

/** Duties that controls created: first those that somebody has to answer for. */
export function ObligationsPage() {
  const { t } = useTranslation('compliance')
  const go = useNavigate()
  const phone = usePhone()
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const reads = holds(useMe(), 'compliance.read')
  const query = useMemo((): ObligationQuery => {
    const kept: Record<string, unknown> = {}
    for (const name of NAMES) if (search[name]) kept[name] = String(search[name])
    for (const name of ['unsettled', 'mine', 'headed']) if (search[name] === true || search[name] === 'true') kept[name] = true
    if (search.state) kept.state = [search.state].flat()
    // Who does not read everything sees what is theirs: the duties of their units, or what they have to correct.
    if (!reads && !kept.mine) kept.headed = true
    return kept as ObligationQuery
  }, [search, reads])
  const change = (next: Record<string, unknown>) =>
    go({ to: '/compliance/obligations', search: { ...search, ...next } as never, replace: true })
  const regulations = useRegulations()
  const pages = useObligations(query)
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const state = query.state ?? []
  const tab = query.unsettled
    ? 'unsettled'
    : query.mine
      ? 'mine'
      : query.headed
        ? 'headed'
        : state.length === 1 && state[0] === 'open'
          ? 'open'
          : 'all'
  const choosesState = tab === 'all' || tab === 'headed'
  const open = (row: Obligation) => change({ one: row.id })
  return (
    <>
      <PageHeader title={t('obligations.title')} under={t('obligations.under')} />
      <Tabs
        activeKey={tab}
        onChange={(key) =>
          change({
            unsettled: key === 'unsettled' ? true : undefined,
            mine: key === 'mine' ? true : undefined,
            headed: key === 'headed' ? true : undefined,
            state: key === 'open' ? ['open'] : undefined,
          })
        }
        items={(reads ? ['unsettled', 'open', 'headed', 'mine', 'all'] : ['headed', 'mine']).map((key) => ({
          key,
          label: t(`obligations.tab.${key}`),
        }))}
      />
      <FilterBar set={[query.regulation, query.unit_id, choosesState ? query.state : undefined]}>
        <Select
          allowClear
          style={{ minWidth: 200 }}
          aria-label={t('field.regulation')}
          placeholder={t('field.regulation')}
          value={query.regulation ?? null}
          options={regulations.data?.items.filter((one) => one.state === 'in_force').map((one) => ({ value: one.key, label: one.title }))}
          onChange={(regulation) => change({ regulation: regulation ?? undefined })}
        />
        {choosesState && (
          <Select
            mode="multiple"
            allowClear
            maxTagCount="responsive"
            style={{ minWidth: 150 }}
            aria-label={t('field.state')}
            placeholder={t('field.state')}
            value={state}
            options={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
            onChange={(chosen) => change({ state: chosen.length > 0 ? chosen : undefined })}
          />
        )}
        <UnitFilter label={t('field.unit')} value={query.unit_id} change={(unit_id) => change({ unit_id })} />
        {(['clause', 'control', 'subject_id'] as const).map(
          (name) =>
            query[name] && (
              <Button key={name} onClick={() => change({ [name]: undefined })}>
                {name === 'subject_id' ? t('only_subject') : query[name]} ✕
              </Button>
            ),
        )}
      </FilterBar>
      <Listed pages={pages} nothing={t(`obligations.empty.${tab}`)}>
        {phone ? (
          <ul className="cards">
            {rows.map((row) => (
              <li key={row.id}>
                <button type="button" className="card" onClick={() => open(row)}>
                  <span className="title">{row.title}</span>
                  <span className="row">
                    <StateDot state={row.state} />
                    <span className="faint">
                      {row.clause} · {row.subject ?? t('whole')}
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
              onRow={(row) => ({ onClick: () => open(row) })}
              columns={[
                {
                  title: t('field.control'),
                  key: 'title',
                  render: (row: Obligation) => (
                    <div>
                      <Button type="link" className="inline" onClick={() => open(row)}>
                        {row.title}
                      </Button>
                      <div className="faint">{row.clause}</div>
                    </div>
                  ),
                },
                { title: t('field.subject'), key: 'subject', render: (row: Obligation) => row.subject ?? t('whole') },
                { title: t('field.state'), key: 'state', width: 130, render: (row: Obligation) => <StateDot state={row.state} /> },
                {
                  title: t('field.severity'),
                  key: 'severity',
                  width: 100,
                  render: (row: Obligation) => <SeverityDot severity={row.severity} />,
                },
                { title: t('field.opened'), key: 'opened', width: 150, render: (row: Obligation) => <At at={row.opened_at} /> },
                { title: t('field.due'), key: 'due', width: 150, render: (row: Obligation) => <Ago at={row.due_at} /> },
                { title: t('field.answer'), key: 'answer', width: 150, render: (row: Obligation) => <Answer row={row} /> },
              ]}
            />
          </div>
        )}
      </Listed>
      <Drawer
        open={Boolean(search.one)}
        onClose={() => change({ one: undefined })}
        size={phone ? '100%' : 640}
        title={t('obligations.one')}
      >
        {search.one ? <One id={String(search.one)} /> : null}
      </Drawer>
    </>
  )
}

/** What is done about it. */
function Answer({ row }: { row: Obligation }) {
  const { t } = useTranslation('compliance')
  if (row.waived_until) return <Dot colour="purple" text={t('waived')} />
  if (!row.finding) return <span className="faint">—</span>
  const colour = { assigned: 'orange', corrected: 'blue', closed: 'green' } as const
  return <Dot colour={colour[row.finding.state]} text={`${t(`finding.state.${row.finding.state}`)} · ${row.finding.responsible_name}`} />
}

/** The case that corrects it, and how far that is. */
function CaseOf({ one }: { one: Schemas['CaseRef'] }) {
  const { t } = useTranslation('work')
  return (
    <span className="row">
      <Link to="/cases/$id" params={{ id: one.id }}>
        {one.number}
      </Link>
      <span className="faint">{t(`state.${one.state}`)}</span>
    </span>
  )
}

/** A duty with the records that show it, and what can be done about it. */
function One({ id }: { id: string }) {
  const { t } = useTranslation('compliance')
  const { action } = useWords()
  const me = useMe()
  const found = useObligation(id)
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const row = found.data
  const to = PAGES[row.subject_kind]
  return (
    <>
      <Section title={row.title}>
        <Facts
          items={[
            [t('field.state'), <StateDot key="s" state={row.state} />],
            [t('field.severity'), <SeverityDot key="v" severity={row.severity} />],
            [t('field.number'), row.number],
            [t('field.clause'), row.clause],
            [
              t('field.subject'),
              to && row.subject ? (
                <Link key="o" to={`${to}/${row.subject_id}` as never}>
                  {row.subject}
                </Link>
              ) : (
                (row.subject ?? t('whole'))
              ),
            ],
            [t('field.opened'), <At key="b" at={row.opened_at} />],
            [t('field.due'), row.due_at && <At key="d" at={row.due_at} />],
            [t('field.changed'), <At key="c" at={row.changed_at} />],
            ...(row.case ? [[t('field.case'), <CaseOf key="f" one={row.case} />] as [string, React.ReactNode]] : []),
            ...(row.waived_until ? [[t('waived_until'), <At key="w" at={row.waived_until} />] as [string, React.ReactNode]] : []),
          ]}
        />
        <FindingActions one={row} />
      </Section>
      {row.finding && (
        <Section title={t('finding.title')}>
          <Facts
            items={[
              [t('field.state'), t(`finding.state.${row.finding.state}`)],
              [t('field.responsible'), row.finding.responsible_name],
              [t('field.due'), <At key="d" at={row.finding.due_at} />],
              [t('field.cause'), row.finding.cause],
              [t('field.correction'), row.finding.correction],
              [t('field.verified'), row.finding.verified_by && `${row.finding.verified_by}：${row.finding.verification ?? ''}`],
            ]}
          />
        </Section>
      )}
      <Section title={t('evidence')}>
        {holds(me, 'records.read') && <p className="faint">{t('evidence_help')}</p>}
        <ul className="plain linked">
          {row.evidence.map((record) => (
            <li key={record.record_id}>
              {holds(me, 'records.read') ? (
                <Link to="/records" search={{ record: record.record_id } as never}>
                  {action(record.action)}
                </Link>
              ) : (
                action(record.action)
              )}{' '}
              {record.subject}
              <div className="faint">
                {record.actor} · <At at={record.time} /> · {t('leaf', { n: record.leaf })}
              </div>
            </li>
          ))}
        </ul>
      </Section>
    </>
  )
}
