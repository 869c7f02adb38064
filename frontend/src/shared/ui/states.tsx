import { useTranslation } from 'react-i18next'
import type { Schemas } from '../api/problem'
import { DOTS } from '../theme'

type Colour = keyof typeof DOTS

const TICKET: Record<Schemas['TicketState'], Colour> = {
  new: 'orange',
  dispatched: 'blue',
  in_progress: 'blue',
  waiting_reporter: 'purple',
  waiting_vendor: 'purple',
  resolved: 'green',
  closed: 'grey',
  refused: 'grey',
  cancelled: 'grey',
}
const EQUIPMENT: Record<Schemas['EquipmentState'], Colour> = {
  in_stock: 'grey',
  in_use: 'green',
  faulty: 'red',
  under_repair: 'orange',
  external_repair: 'purple',
  lent: 'blue',
  retired: 'grey',
  disposed: 'grey',
}
const PRIORITY: Record<Schemas['Priority'], Colour> = { critical: 'red', high: 'orange', medium: 'blue', low: 'grey' }

/** A state: a word with a dot, never colour alone. */
export function Dot({ colour, text }: { colour: Colour; text: string }) {
  return (
    <span className="dot">
      <span aria-hidden="true" style={{ background: DOTS[colour] }} />
      {text}
    </span>
  )
}

export function TicketStateDot({ state }: { state: Schemas['TicketState'] }) {
  const { t } = useTranslation()
  return <Dot colour={TICKET[state]} text={t(`ticket_state.${state}`)} />
}

export function EquipmentStateDot({ state }: { state: Schemas['EquipmentState'] }) {
  const { t } = useTranslation()
  return <Dot colour={EQUIPMENT[state]} text={t(`equipment_state.${state}`)} />
}

const CLASSES: Record<Schemas['Classification'], Colour> = { public: 'green', internal: 'blue', confidential: 'orange', secret: 'red' }

/** How confidential a data set is. */
export function ClassificationDot({ of }: { of: Schemas['Classification'] }) {
  const { t } = useTranslation()
  return <Dot colour={CLASSES[of]} text={t(`classification.${of}`)} />
}

export function PriorityDot({ priority }: { priority: Schemas['Priority'] }) {
  const { t } = useTranslation()
  return <Dot colour={PRIORITY[priority]} text={t(`priority.${priority}`)} />
}
