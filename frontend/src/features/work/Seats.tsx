import { useTranslation } from 'react-i18next'
import { Section } from '@/shared/ui/layout'
import { Dot } from '@/shared/ui/states'
import type { Seat, WorkDetail } from './api'
import { OutcomeDot } from './states'

/** Who signs this step, in which manner, and who already has. One seat alone says nothing new. */
export function Seats({ work }: { work: WorkDetail }) {
  const { t } = useTranslation('work')
  if (work.seats.length < 2) return null
  const done = work.seats.filter((seat) => seat.state === 'done').length
  return (
    <Section
      title={t('seats.title')}
      extra={
        <span className="faint">
          {t(`policy.${work.policy}`, { defaultValue: work.policy })} · {t('seats.done', { done, all: work.seats.length })}
        </span>
      }
    >
      <ul className="plain seats">
        {work.seats.map((seat) => (
          <li key={`${seat.person?.id} ${seat.position}`}>
            <span>
              {seat.person?.name ?? <span className="faint">{t('nobody')}</span>}
              {seat.vote !== 'counts' && <span className="faint"> {t(`seats.${seat.vote}`)}</span>}
            </span>
            <State seat={seat} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function State({ seat }: { seat: Seat }) {
  const { t } = useTranslation('work')
  if (seat.state === 'done') return <OutcomeDot outcome={seat.outcome} name={undefined} />
  return <Dot colour={seat.state === 'open' ? 'orange' : 'grey'} text={t(`seats.${seat.state}`)} />
}
