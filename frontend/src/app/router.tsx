import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { Button, Result } from 'antd'
import { useTranslation } from 'react-i18next'
import { ready, type Session, subscribe } from '@/shared/api/session'
import { WithMe } from '@/shared/me'
import { Loading } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Shell } from './Shell'

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing, errorComponent: Broken })

/** Everything that needs somebody who is logged in and has a password of their own. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Inside,
  beforeLoad: async ({ location }) => {
    const session = await ready()
    if (!session.token) throw redirect({ to: '/login', search: location.href === '/' ? {} : { next: location.href } } as never)
    if (session.mustChange) throw redirect({ to: '/password' } as never)
  },
})

function Inside() {
  return (
    <WithMe loading={<Loading />} failed={(error) => <ProblemAlert error={error} retry={() => location.reload()} />}>
      <Shell />
    </WithMe>
  )
}

function Missing() {
  const { t } = useTranslation()
  return (
    <Result status="404" title={t('missing.title')} subTitle={t('missing.text')} extra={<Button href="/">{t('missing.home')}</Button>} />
  )
}

function Broken({ error }: { error: unknown }) {
  return (
    <div className="page">
      <ProblemAlert error={error} retry={() => location.reload()} />
    </div>
  )
}

type Words = Record<string, string | string[] | boolean | undefined>

/** Search parameters as they stand in the URL: what is filtered is what is linked and exported. */
const words = (search: Record<string, unknown>): Words => {
  const kept: Words = {}
  for (const [name, value] of Object.entries(search)) {
    if (Array.isArray(value)) kept[name] = value.map(String)
    else if (typeof value === 'boolean') kept[name] = value
    else if (value !== undefined && value !== null && value !== '') kept[name] = String(value)
  }
  return kept
}

const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => inside, path, validateSearch: words, component: lazyRouteComponent(load as never, name as never) })
/** A page for whoever is not inside yet; `turnedAway` says where somebody goes for whom it is not. */
const door = (path: string, name: string, turnedAway: (session: Session) => string | null) =>
  createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: words,
    component: lazyRouteComponent((() => import('@/features/auth/pages')) as never, name as never),
    beforeLoad: async () => {
      const to = turnedAway(await ready())
      if (to) throw redirect({ to } as never)
    },
  })

const tickets = () => import('@/features/tickets/pages')
const equipment = () => import('@/features/equipment/pages')
const datasets = () => import('@/features/datasets/pages')
const work = () => import('@/features/work/pages')
const processes = () => import('@/features/processes/pages')
const compliance = () => import('@/features/compliance/pages')
const reports = () => import('@/features/reports/pages')
const org = () => import('@/features/org/pages')

const tree = root.addChildren([
  door('/login', 'LoginPage', (session) => (session.token ? (session.mustChange ? '/password' : '/') : null)),
  door('/setup', 'SetupPage', () => null),
  door('/password', 'PasswordPage', (session) => (session.token ? (session.mustChange ? null : '/') : '/login')),
  inside.addChildren([
    page('/', () => import('@/features/home/HomePage'), 'HomePage'),
    page('/work', work, 'WorkPage'),
    page('/work/settings', work, 'WorkSettingsPage'),
    page('/work/$id', work, 'WorkItemPage'),
    page('/cases', work, 'CasesPage'),
    page('/cases/$id', work, 'CasePage'),
    page('/start', processes, 'StartPage'),
    page('/start/$id', processes, 'StartFormPage'),
    page('/processes', processes, 'ProcessesPage'),
    page('/processes/$id', processes, 'ProcessPage'),
    page('/processes/$id/design', () => import('@/features/processes/designer/DesignPage'), 'DesignPage'),
    page('/packs', processes, 'PacksPage'),
    page('/packs/$key', processes, 'PackPage'),
    page('/tickets', tickets, 'TicketsPage'),
    page('/tickets/board', tickets, 'BoardPage'),
    page('/tickets/new', tickets, 'NewTicketPage'),
    page('/tickets/$id', tickets, 'TicketPage'),
    page('/equipment', equipment, 'EquipmentPage'),
    page('/equipment/new', equipment, 'NewEquipmentPage'),
    page('/equipment/labels', equipment, 'LabelsPage'),
    page('/equipment/scan', equipment, 'ScanPage'),
    page('/equipment/$id', equipment, 'EquipmentDetailPage'),
    page('/equipment/$id/edit', equipment, 'EditEquipmentPage'),
    page('/e/$code', equipment, 'ScannedPage'),
    page('/datasets', datasets, 'DatasetsPage'),
    page('/datasets/$id', datasets, 'DatasetPage'),
    page('/org', org, 'OrgPage'),
    page('/org/people/$id', org, 'PersonPage'),
    page('/backups', () => import('@/features/backups/BackupsPage'), 'BackupsPage'),
    page('/roles', () => import('@/features/roles/RolesPage'), 'RolesPage'),
    page('/regulations', compliance, 'RegulationsPage'),
    page('/regulations/$id', compliance, 'RegulationTextPage'),
    page('/regulations/$id/comparison', compliance, 'ComparisonPage'),
    page('/compliance', compliance, 'OverviewPage'),
    page('/compliance/obligations', compliance, 'ObligationsPage'),
    page('/compliance/waivers', compliance, 'WaiversPage'),
    page('/compliance/coverage', compliance, 'CoveragePage'),
    page('/compliance/propose', compliance, 'ProposePage'),
    page('/compliance/controls/$id/sample', compliance, 'SamplePage'),
    page('/compliance/regulations/$id', compliance, 'RegulationPage'),
    page('/compliance/regulations/$id/$clause', compliance, 'ClausePage'),
    page('/reports', reports, 'ReportsPage'),
    page('/reports/$id', reports, 'RunPage'),
    page('/records', () => import('@/features/records/RecordsPage'), 'RecordsPage'),
    page('/extractions', () => import('@/features/extractions/ExtractionsPage'), 'ExtractionsPage'),
    page('/account', () => import('@/features/account/AccountPage'), 'AccountPage'),
    page('/settings', () => import('@/features/settings/SettingsPage'), 'SettingsPage'),
  ]),
])

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent', scrollRestoration: true, defaultPendingComponent: Loading })

// A session that ends elsewhere ends here too.
subscribe((session) => {
  if (!session.token) void router.invalidate()
})
