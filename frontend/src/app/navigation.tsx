import {
  AuditOutlined,
  BarChartOutlined,
  BookOutlined,
  CheckSquareOutlined,
  DatabaseOutlined,
  DesktopOutlined,
  FileProtectOutlined,
  FileZipOutlined,
  FormOutlined,
  HomeOutlined,
  MonitorOutlined,
  PartitionOutlined,
  ReadOutlined,
  SafetyCertificateOutlined,
  SaveOutlined,
  SettingOutlined,
  TeamOutlined,
  ToolOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { Permission } from '@/shared/me'

export type Place = { to: string; word: string; icon: ReactNode; needs: Permission[] }

/** Where one can go, by job. A place is shown to whoever has one of its permissions; none means everybody. */
export const PLACES: Place[] = [
  { to: '/', word: 'nav.home', icon: <HomeOutlined />, needs: [] },
  { to: '/work', word: 'nav.work', icon: <CheckSquareOutlined />, needs: ['processes.use'] },
  { to: '/start', word: 'nav.start', icon: <FormOutlined />, needs: ['processes.use'] },
  { to: '/tickets', word: 'nav.tickets', icon: <ToolOutlined />, needs: ['tickets.read'] },
  { to: '/equipment', word: 'nav.equipment', icon: <DesktopOutlined />, needs: ['equipment.read'] },
  { to: '/datasets', word: 'nav.datasets', icon: <DatabaseOutlined />, needs: [] },
  { to: '/processes', word: 'nav.processes', icon: <PartitionOutlined />, needs: ['processes.design', 'processes.publish'] },
  { to: '/cases', word: 'nav.cases', icon: <MonitorOutlined />, needs: ['cases.read', 'cases.manage'] },
  { to: '/packs', word: 'nav.packs', icon: <BookOutlined />, needs: ['processes.design', 'processes.publish'] },
  {
    to: '/org',
    word: 'nav.org',
    icon: <TeamOutlined />,
    needs: ['org.manage', 'people.manage', 'roles.assign', 'security.manage', 'org.read'],
  },
  { to: '/backups', word: 'nav.backups', icon: <SaveOutlined />, needs: ['backups.read'] },
  { to: '/roles', word: 'nav.roles', icon: <SafetyCertificateOutlined />, needs: ['roles.manage', 'roles.assign'] },
  { to: '/regulations', word: 'nav.regulations', icon: <ReadOutlined />, needs: [] },
  { to: '/compliance', word: 'nav.compliance', icon: <FileProtectOutlined />, needs: ['compliance.read', 'compliance.manage'] },
  {
    to: '/reports',
    word: 'nav.reports',
    icon: <BarChartOutlined />,
    needs: ['records.read', 'compliance.read', 'backups.read', 'cases.read', 'tickets.dispatch', 'equipment.manage'],
  },
  { to: '/records', word: 'nav.records', icon: <AuditOutlined />, needs: ['records.read'] },
  { to: '/extractions', word: 'nav.extractions', icon: <FileZipOutlined />, needs: ['records.read', 'extractions.approve'] },
  {
    to: '/settings',
    word: 'nav.settings',
    icon: <SettingOutlined />,
    needs: ['tickets.configure', 'equipment.configure', 'webhooks.manage'],
  },
]
