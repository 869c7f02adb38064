import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Row, Words } from '@/shared/ui/rows'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { change, type Plan, usePlans } from './api'

/** Reports that come by themselves. */
export function Plans() {
  const { t } = useTranslation('reports')
  const plans = usePlans()
  if (plans.isError) return <ProblemAlert error={plans.error} retry={plans.refetch} />
  if (!plans.data) return <Loading />
  if (plans.data.items.length === 0)
    return (
      <Section>
        <Nothing text={t('plans.none')} />
      </Section>
    )
  return (
    <ul className="plain">
      {plans.data.items.map((plan) => (
        <PlanRow key={plan.id} plan={plan} />
      ))}
    </ul>
  )
}

function PlanRow({ plan }: { plan: Plan }) {
  const { t } = useTranslation('reports')
  const act = useAct(change, { said: t('common:said.done') })
  return (
    <Row
      title={plan.name}
      state={<Dot colour={plan.active ? 'green' : 'grey'} text={t(plan.active ? 'plans.active' : 'plans.resting')} />}
      actions={
        <>
          <Link to="/reports" search={{ tab: 'runs', plan: plan.id } as never}>
            <Button>{t('runs.title')}</Button>
          </Link>
          {action(plan, 'change')?.allowed && (
            <Button loading={act.isPending} onClick={() => act.mutate({ plan, body: { active: !plan.active } })}>
              {t(plan.active ? 'plans.rest' : 'plans.wake')}
            </Button>
          )}
        </>
      }
    >
      <div>
        <Words of={[plan.title, t(`period.${plan.period}`), plan.unit?.name ?? t('company'), t('plans.owner', { name: plan.owner })]} />
      </div>
      {plan.active && (
        <div>
          {t('plans.next')} <At at={plan.next_at} />
        </div>
      )}
      {plan.problem && <Dot colour="red" text={t('plans.problem', { reason: plan.problem_text })} />}
    </Row>
  )
}
