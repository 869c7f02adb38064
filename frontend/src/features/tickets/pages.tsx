export { BoardPage } from './BoardPage'
export { NewTicketPage } from './NewTicketPage'
export { TicketPage } from './TicketPage'
export { TicketsPage } from './TicketsPage'
