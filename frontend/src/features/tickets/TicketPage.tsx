import { useParams } from '@tanstack/react-router'
import { TicketDetail } from './TicketDetail'

/** A ticket on a page of its own. */
export function TicketPage() {
  const { id = '' } = useParams({ strict: false })
  return <TicketDetail key={id} id={id} page />
}
