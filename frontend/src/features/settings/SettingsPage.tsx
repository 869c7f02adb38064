import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { PageHeader, Section } from '@/shared/ui/layout'
import { Alerts } from './Alerts'
import { Calendar } from './Calendar'
import { Categories } from './Categories'
import { Credentials, Types } from './Equipment'
import { Levels } from './Levels'
import { Webhooks } from './Webhooks'

/** What administrators set. */
export function SettingsPage() {
  const { t } = useTranslation('settings')
  const me = useMe()
  const go = useNavigate()
  const { tab } = useSearch({ strict: false }) as { tab?: string }
  const tickets = holds(me, 'tickets.configure')
  const equipment = holds(me, 'equipment.configure')
  const items = [
    ...(tickets
      ? [
          { key: 'categories', label: t('categories.title'), children: <Categories /> },
          { key: 'levels', label: t('levels.title'), children: <Levels /> },
          { key: 'calendar', label: t('calendar.title'), children: <Calendar /> },
          { key: 'alerts', label: t('alerts.title'), children: <Alerts /> },
        ]
      : []),
    ...(equipment
      ? [
          { key: 'types', label: t('types.title'), children: <Types /> },
          { key: 'agents', label: t('agents.title'), children: <Credentials /> },
        ]
      : []),
    ...(holds(me, 'webhooks.manage') ? [{ key: 'webhooks', label: t('webhooks.title'), children: <Webhooks /> }] : []),
  ]
  return (
    <>
      <PageHeader title={t('title')} />
      <Section>
        <Tabs
          activeKey={tab ?? items[0]?.key ?? ''}
          onChange={(key) => go({ to: '/settings', search: { tab: key } as never, replace: true })}
          items={items}
        />
      </Section>
    </>
  )
}
