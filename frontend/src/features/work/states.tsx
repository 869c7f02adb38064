import { useTranslation } from 'react-i18next'
import { Dot } from '@/shared/ui/states'
import { Ago } from '@/shared/ui/time'
import type { CaseItem, CaseState } from './types'

const CASE = { running: 'blue', completed: 'green', refused: 'red', revoked: 'grey', voided: 'grey', terminated: 'grey' } as const

/** How a case stands. */
export function CaseStateDot({ state }: { state: CaseState }) {
  const { t } = useTranslation('work')
  return <Dot colour={CASE[state]} text={t(`state.${state}`)} />
}

/** What was decided. */
export function OutcomeDot({ outcome, name }: { outcome: string | null | undefined; name: string | null | undefined }) {
  const { t } = useTranslation('work')
  if (!outcome) return <Dot colour="grey" text={t('outcome.closed')} />
  const colour =
    outcome === 'agree' || outcome === 'done' ? 'green' : outcome === 'refuse' ? 'red' : outcome === 'return' ? 'orange' : 'blue'
  return <Dot colour={colour} text={name ?? t(`outcome.${outcome}`, { defaultValue: outcome })} />
}

/** By when, in words; what is late is bold. */
export function Due({ at, overdue }: { at: string | null | undefined; overdue: boolean }) {
  const { t } = useTranslation('work')
  if (!at) return null
  return overdue ? (
    <strong>
      {t('overdue')} <Ago at={at} />
    </strong>
  ) : (
    <span>
      {t('due')} <Ago at={at} />
    </span>
  )
}

/** When a case is due; of one that is late, what was due first. */
export const dueOf = ({ due, overdue, at }: Pick<CaseItem, 'due' | 'overdue' | 'at'>) =>
  overdue ? [due, ...at.map((place) => place.due)].filter((one) => one !== null).sort()[0] : due
