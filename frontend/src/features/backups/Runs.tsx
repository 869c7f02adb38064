import { useNavigate } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { api, download, take } from '@/shared/api/client'
import { sizeOf } from '@/shared/size'
import { FilterBar } from '@/shared/ui/filters'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Row, Words } from '@/shared/ui/rows'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { type Backup, useBackups, usePlans } from './api'

const STATE = { running: 'blue', completed: 'green', failed: 'red' } as const

/** Backups and their drills, the newest first. */
export function Runs({ plan }: { plan: string | undefined }) {
  const { t } = useTranslation('backups')
  const go = useNavigate()
  const plans = usePlans()
  const pages = useBackups(plan)
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  return (
    <>
      <FilterBar set={[plan]}>
        <Select
          allowClear
          style={{ minWidth: 200 }}
          aria-label={t('runs.of')}
          placeholder={t('runs.of')}
          value={plan ?? null}
          options={plans.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
          onChange={(chosen) => go({ to: '/backups', search: { tab: 'runs', plan: chosen ?? undefined } as never, replace: true })}
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
          {rows.map((row) => (
            <Run key={row.id} row={row} />
          ))}
        </ul>
      )}
      <More pages={pages} />
    </>
  )
}

function Run({ row }: { row: Backup }) {
  const { t } = useTranslation('backups')
  const drill = useAct(() => take(api.POST('/api/v1/backups/{id}/drill', { params: { path: { id: row.id } } })), { said: t('runs.asked') })
  const save = useAct(() => download(`/api/v1/backups/${row.id}/download`, 'backup.tar'))
  return (
    <Row
      title={
        <>
          {row.plan.name} <At at={row.started_at} />
        </>
      }
      state={
        <>
          <Dot colour={row.removed_at ? 'grey' : STATE[row.state]} text={t(row.removed_at ? 'state.removed' : `state.${row.state}`)} />
          {row.drill && <Dot colour={row.drill === 'passed' ? 'green' : 'red'} text={t(`drill.${row.drill}`)} />}
          {row.offsite && <Dot colour={row.offsite === 'copied' ? 'green' : 'red'} text={t(`offsite.${row.offsite}`)} />}
        </>
      }
      actions={
        <>
          {action(row, 'drill')?.allowed && (
            <Button onClick={() => drill.mutate(undefined)} loading={drill.isPending || row.drill_wanted}>
              {t('runs.drill')}
            </Button>
          )}
          {action(row, 'download')?.allowed && (
            <Button onClick={() => save.mutate(undefined)} loading={save.isPending}>
              {t('runs.download')}
            </Button>
          )}
        </>
      }
    >
      <div>
        <Words
          of={[
            row.size !== null && sizeOf(row.size),
            row.duration_ms !== null && t('runs.took', { seconds: (row.duration_ms / 1000).toFixed(1) }),
            row.log_size !== null && t('runs.records', { count: row.log_size }),
            row.encrypted !== null && t(row.encrypted ? 'runs.encrypted' : 'runs.readable'),
            row.verified_at && t('runs.verified'),
            row.medium && t('runs.on', { serial: row.medium.name }),
            row.reported_by && t('runs.by', { name: row.reported_by.name }),
          ]}
        />
      </div>
      {row.drilled_at && row.recovery_ms !== null && row.age_seconds !== null && (
        <div>
          {t('runs.drilled', { seconds: (row.recovery_ms / 1000).toFixed(1), minutes: Math.round(row.age_seconds / 60) })}{' '}
          <At at={row.drilled_at} />
        </div>
      )}
      {row.reason && (
        <div>
          {t(`reason.${row.reason}`)}
          {row.explanation && `：${row.explanation}`}
        </div>
      )}
      {row.sha256 && <code style={{ overflowWrap: 'anywhere' }}>{row.sha256}</code>}
    </Row>
  )
}
