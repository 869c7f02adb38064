import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useTranslation } from 'react-i18next'
import { PageHeader } from '@/shared/ui/layout'
import { HandOvers } from './HandOvers'
import { Media } from './Media'
import { Places } from './Places'
import { Plans } from './Plans'
import { Runs } from './Runs'

/** Backups: how they are planned, what came of them, where they are kept and by whom. */
export function BackupsPage() {
  const { t } = useTranslation('backups')
  const go = useNavigate()
  const { tab, plan } = useSearch({ strict: false }) as { tab?: string; plan?: string }
  const items = [
    { key: 'plans', label: t('plans.title'), children: <Plans /> },
    { key: 'runs', label: t('runs.title'), children: <Runs plan={plan} /> },
    { key: 'media', label: t('media.title'), children: <Media /> },
    { key: 'places', label: t('places.title'), children: <Places /> },
    { key: 'handovers', label: t('handovers.title'), children: <HandOvers /> },
  ]
  return (
    <>
      <PageHeader title={t('title')} />
      <Tabs
        activeKey={tab ?? 'plans'}
        destroyOnHidden
        onChange={(key) => go({ to: '/backups', search: { tab: key } as never, replace: true })}
        items={items}
      />
    </>
  )
}
