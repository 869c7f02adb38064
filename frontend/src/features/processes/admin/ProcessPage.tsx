import { EditOutlined } from '@ant-design/icons'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Alert, Button, Tabs } from 'antd'
import { useTranslation } from 'react-i18next'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { useProcess } from '../api'
import { About } from './About'
import { Life } from './Life'
import { Migrate } from './Migrate'
import { Releases } from './Releases'
import { Replay } from './Replay'
import { StatisticsPart } from './StatisticsPart'
import '../processes.css'

const COLOUR = { draft: 'orange', published: 'green', withdrawn: 'grey' } as const

/** A process as a whole: its releases, how it goes, and what a new release would change. */
export function ProcessPage() {
  const { t } = useTranslation('processes')
  const { id = '' } = useParams({ strict: false })
  const go = useNavigate()
  const { tab } = useSearch({ strict: false }) as { tab?: string }
  const found = useProcess(id)
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const process = found.data
  const edits = process.allowed_actions.some((one) => one.name === 'edit' && one.allowed)
  const parts = [
    { key: 'releases', children: <Releases process={process} /> },
    ...(process.releases.length > 0
      ? [
          { key: 'statistics', children: <StatisticsPart process={process} /> },
          { key: 'replay', children: <Replay process={process} /> },
          { key: 'migrate', children: <Migrate process={process} /> },
        ]
      : []),
  ]
  return (
    <>
      <PageHeader
        title={process.name}
        under={
          <span className="row" style={{ gap: '4px 14px' }}>
            <Dot colour={COLOUR[process.state]} text={t(`state.${process.state}`)} />
            {process.release && <span>{t('release.number', { n: process.release })}</span>}
            {process.category && <span>{process.category}</span>}
            <Link to="/cases" search={{ process_id: id } as never}>
              {t('running', { count: process.running })}
            </Link>
            {process.origin && <span className="faint">{t('from', { name: process.origin })}</span>}
          </span>
        }
        extra={
          <>
            <About process={process} />
            <Life process={process} />
            {edits && (
              <Link to="/processes/$id/design" params={{ id }}>
                <Button type="primary" icon={<EditOutlined />}>
                  {t('design.title')}
                </Button>
              </Link>
            )}
          </>
        }
      />
      {process.pilot && (
        <Alert
          type="info"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('pilot.runs', { n: process.pilot.release, units: process.pilot.units.map((unit) => unit.name).join(t('common:comma')) })}
        />
      )}
      <Section>
        <Tabs
          activeKey={tab ?? 'releases'}
          onChange={(key) => go({ to: '/processes/$id', params: { id }, search: { tab: key } as never, replace: true })}
          items={parts.map((part) => ({ ...part, label: t(`part.${part.key}`) }))}
        />
      </Section>
    </>
  )
}
