import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Tabs } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Row } from '@/shared/ui/rows'
import { AskForm } from './AskForm'
import { type Report, useReports } from './api'
import { PlanForm } from './PlanForm'
import { Plans } from './Plans'
import { Runs } from './Runs'

/** Reports: what there is, what was made, what comes by itself. */
export function ReportsPage() {
  const { t } = useTranslation('reports')
  const go = useNavigate()
  const { tab, report, plan } = useSearch({ strict: false }) as { tab?: string; report?: string; plan?: string }
  const items = [
    { key: 'all', label: t('all.title'), children: <Catalogue /> },
    { key: 'runs', label: t('runs.title'), children: <Runs report={report} plan={plan} /> },
    { key: 'plans', label: t('plans.title'), children: <Plans /> },
  ]
  return (
    <>
      <PageHeader title={t('title')} />
      <Tabs
        activeKey={tab ?? 'all'}
        destroyOnHidden
        onChange={(key) => go({ to: '/reports', search: { tab: key } as never, replace: true })}
        items={items}
      />
    </>
  )
}

function Catalogue() {
  const { t } = useTranslation('reports')
  const reports = useReports()
  const [asking, setAsking] = useState<Report | null>(null)
  const [planning, setPlanning] = useState<Report | null>(null)
  if (reports.isError) return <ProblemAlert error={reports.error} retry={reports.refetch} />
  if (!reports.data) return <Loading />
  if (reports.data.items.length === 0)
    return (
      <Section>
        <Nothing text={t('all.none')} />
      </Section>
    )
  return (
    <>
      <ul className="plain">
        {reports.data.items.map((report) => (
          <Row
            key={report.key}
            title={report.title}
            actions={
              <>
                <Button type="primary" onClick={() => setAsking(report)} aria-label={t('all.make_of', { name: report.title })}>
                  {t('all.make')}
                </Button>
                <Button onClick={() => setPlanning(report)} aria-label={t('all.plan_of', { name: report.title })}>
                  {t('all.plan')}
                </Button>
              </>
            }
          >
            {report.about}
          </Row>
        ))}
      </ul>
      {asking && <AskForm report={asking} close={() => setAsking(null)} />}
      {planning && <PlanForm report={planning} close={() => setPlanning(null)} />}
    </>
  )
}
