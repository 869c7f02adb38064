import { Link, useNavigate } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { FilterBar } from '@/shared/ui/filters'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert } from '@/shared/ui/problem'
import { Row, Words } from '@/shared/ui/rows'
import { Dot } from '@/shared/ui/states'
import { Ago } from '@/shared/ui/time'
import { type Run, usePlans, useReports, useRuns } from './api'
import { Span } from './Span'

const STATE = { queued: 'blue', made: 'green', failed: 'red', discarded: 'grey' } as const

export function StateDot({ run }: { run: Run }) {
  const { t } = useTranslation('reports')
  return <Dot colour={STATE[run.state]} text={t(`state.${run.state}`)} />
}

/** What was asked for, the newest first. */
export function Runs({ report, plan }: { report: string | undefined; plan: string | undefined }) {
  const { t } = useTranslation('reports')
  const go = useNavigate()
  const reports = useReports()
  const plans = usePlans()
  const pages = useRuns({ report, plan_id: plan })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const filter = (more: object) => go({ to: '/reports', search: { tab: 'runs', report, plan, ...more } as never, replace: true })
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  return (
    <>
      <FilterBar set={[report, plan]}>
        <Select
          allowClear
          style={{ minWidth: 200 }}
          aria-label={t('runs.of')}
          placeholder={t('runs.of')}
          value={report ?? null}
          options={reports.data?.items.map((one) => ({ value: one.key, label: one.title })) ?? []}
          onChange={(chosen) => filter({ report: chosen ?? undefined })}
        />
        <Select
          allowClear
          style={{ minWidth: 200 }}
          aria-label={t('runs.by')}
          placeholder={t('runs.by')}
          value={plan ?? null}
          options={plans.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
          onChange={(chosen) => filter({ plan: chosen ?? undefined })}
        />
      </FilterBar>
      {pages.isLoading ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Section>
          <Nothing text={t('runs.none')} />
        </Section>
      ) : (
        <ul className="plain">
          {rows.map((run) => (
            <Row
              key={run.id}
              title={run.title}
              state={<StateDot run={run} />}
              actions={
                <Link to="/reports/$id" params={{ id: run.id } as never}>
                  <Button>{t('runs.open')}</Button>
                </Link>
              }
            >
              <div>
                <Words
                  of={[
                    <Span key="span" run={run} />,
                    run.unit?.name ?? t('company'),
                    run.rows !== null && t('runs.rows', { count: run.rows }),
                  ]}
                />
              </div>
              <div>
                {run.requested_by} <Ago at={run.requested_at} />
              </div>
              {run.reason && <div>{run.reason_text}</div>}
            </Row>
          ))}
        </ul>
      )}
      <More pages={pages} />
    </>
  )
}
