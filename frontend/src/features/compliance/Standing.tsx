import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { Dot } from '@/shared/ui/states'
import { exact } from '@/shared/ui/time'
import type { Numbers, Verdict } from './api'
import './compliance.css'

const VERDICT = {
  violated: 'red',
  not_evaluable: 'orange',
  waived: 'purple',
  pending: 'blue',
  fulfilled: 'green',
  not_exercised: 'grey',
  uncontrolled: 'grey',
} as const
export const VERDICTS = Object.keys(VERDICT) as Verdict[]

/** Whether something is kept. */
export function VerdictDot({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation('compliance')
  return <Dot colour={VERDICT[verdict]} text={t(`verdict.${verdict}`)} />
}

const STATE = {
  open: 'blue',
  met: 'green',
  met_late: 'orange',
  recorded_late: 'orange',
  missed: 'red',
  breached: 'red',
  vacated: 'grey',
} as const
export const STATES = Object.keys(STATE) as Schemas['State'][]

/** How a duty stands. */
export function StateDot({ state }: { state: Schemas['State'] }) {
  const { t } = useTranslation('compliance')
  return <Dot colour={STATE[state]} text={t(`state.${state}`)} />
}

const SEVERITY = { minor: 'grey', major: 'orange', critical: 'red' } as const

/** How bad a breach is. */
export function SeverityDot({ severity }: { severity: Schemas['Severity'] }) {
  const { t } = useTranslation('compliance')
  return <Dot colour={SEVERITY[severity]} text={t(`severity.${severity}`)} />
}

/** The numbers in one line; what is nought is left out. */
export function NumbersLine({ numbers }: { numbers: Numbers }) {
  const { t } = useTranslation('compliance')
  const said = (['unsettled', 'waived', 'open', 'met', 'missed'] as const).filter((name) => numbers[name] > 0)
  if (said.length === 0) return <span className="faint">—</span>
  return (
    <span className="numbers">
      {said.map((name) => (
        <span key={name} className={name === 'unsettled' ? 'bad' : undefined}>
          {t(`numbers.${name}`, { n: numbers[name] })}
        </span>
      ))}
    </span>
  )
}

/** Met and missed over the year, as columns; the numbers stand beside for those who do not see them. */
export function Trend({ stretches }: { stretches: Schemas['StretchView'][] }) {
  const { t } = useTranslation('compliance')
  const most = Math.max(1, ...stretches.map(({ numbers }) => numbers.met + numbers.missed))
  const height = (n: number) => `${(n / most) * 100}%`
  return (
    <>
      <ol className="trend" aria-label={t('trend')}>
        {stretches.map(({ from, until, numbers }) => {
          const text = `${exact(from).slice(0, 10)} – ${exact(until).slice(0, 10)}: ${t('numbers.met', { n: numbers.met })}, ${t('numbers.missed', { n: numbers.missed })}`
          return (
            <li key={from} title={text} aria-label={text}>
              <span className="missed" style={{ height: height(numbers.missed) }} />
              <span className="met" style={{ height: height(numbers.met) }} />
            </li>
          )
        })}
      </ol>
      <p className="row faint legend">
        <Dot colour="green" text={t('legend.met')} />
        <Dot colour="red" text={t('legend.missed')} />
        <span>{t('trend_help')}</span>
      </p>
    </>
  )
}
