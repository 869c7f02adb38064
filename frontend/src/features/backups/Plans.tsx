import { Link } from '@tanstack/react-router'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { api, take } from '@/shared/api/client'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Row, Words } from '@/shared/ui/rows'
import { Dot } from '@/shared/ui/states'
import { Ago } from '@/shared/ui/time'
import { Archived } from './Archived'
import { type Plan, usePlans, useTargets } from './api'
import { PlanForm } from './PlanForm'
import { ReportForm } from './ReportForm'

const HEALTH = { green: 'green', late: 'red', inactive: 'grey' } as const

/** Plans with whether they are kept. */
export function Plans() {
  const { t } = useTranslation('backups')
  const me = useMe()
  const plans = usePlans()
  const targets = useTargets()
  const [editing, setEditing] = useState<Plan | 'new' | null>(null)
  const [reporting, setReporting] = useState<Plan | null>(null)
  if (plans.isError) return <ProblemAlert error={plans.error} retry={plans.refetch} />
  if (!plans.data) return <Loading />
  const late = plans.data.items.filter((plan) => plan.health === 'late')
  return (
    <>
      <div className="row" style={{ justifyContent: 'space-between', marginBottom: 12 }}>
        <span className="faint">{targets.data && t(targets.data.encrypted ? 'plans.encrypted' : 'plans.readable')}</span>
        {holds(me, 'backups.manage') && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('plans.new')}
          </Button>
        )}
      </div>
      <Archived />
      {late.length > 0 && (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('plans.alarm', { names: late.map((plan) => plan.name).join('、') })}
        />
      )}
      {plans.data.items.length === 0 ? (
        <Section>
          <Nothing text={t('plans.none')} />
        </Section>
      ) : (
        <ul className="plain">
          {plans.data.items.map((plan) => (
            <PlanRow key={plan.id} plan={plan} edit={() => setEditing(plan)} report={() => setReporting(plan)} />
          ))}
        </ul>
      )}
      {editing && <PlanForm plan={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
      {reporting && <ReportForm plan={reporting} close={() => setReporting(null)} />}
    </>
  )
}

function PlanRow({ plan, edit, report }: { plan: Plan; edit: () => void; report: () => void }) {
  const { t } = useTranslation('backups')
  const run = useAct(() => take(api.POST('/api/v1/backup-plans/{id}/run', { params: { path: { id: plan.id } } })), {
    said: t('plans.asked'),
  })
  const what = plan.equipment ? `${plan.equipment.number} ${plan.equipment.name}` : plan.application
  return (
    <Row
      title={plan.name}
      state={<Dot colour={HEALTH[plan.health]} text={t(plan.busy ? 'plans.busy' : `health.${plan.health}`)} />}
      actions={
        <>
          {action(plan, 'run')?.allowed && (
            <Button onClick={() => run.mutate(undefined)} loading={run.isPending || plan.busy}>
              {t('plans.run')}
            </Button>
          )}
          {action(plan, 'report')?.allowed && <Button onClick={report}>{t('plans.report')}</Button>}
          {action(plan, 'update')?.allowed && <Button onClick={edit}>{t('change')}</Button>}
          <Link to="/backups" search={{ tab: 'runs', plan: plan.id } as never}>
            <Button>{t('runs.title')}</Button>
          </Link>
        </>
      }
    >
      <div>
        <Words
          of={[
            t(`subject.${plan.subject}`),
            what,
            plan.daily_at && t('plans.daily', { at: plan.daily_at }),
            plan.every_hours && t('plans.every', { count: plan.every_hours }),
            plan.target && t('plans.to', { target: plan.target }),
            plan.offsite && t('plans.offsite', { target: plan.offsite }),
            plan.custodian && t('plans.custodian', { name: plan.custodian.name }),
          ]}
        />
      </div>
      <div>
        <Words
          of={[
            <span key="n">
              {t('plans.newest')} {plan.newest_verified_at ? <Ago at={plan.newest_verified_at} /> : t('plans.never')}
            </span>,
            plan.active && plan.next_run_at && (
              <span key="r">
                {t('plans.next')} <Ago at={plan.next_run_at} />
              </span>
            ),
            plan.active && plan.next_drill_at && (
              <span key="d">
                {t('plans.next_drill')} <Ago at={plan.next_drill_at} />
              </span>
            ),
          ]}
        />
      </div>
    </Row>
  )
}
