export { OrgPage } from './OrgPage'
export { PersonPage } from './PersonPage'
