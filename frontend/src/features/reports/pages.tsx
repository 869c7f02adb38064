export { ReportsPage } from './ReportsPage'
export { RunPage } from './RunPage'
