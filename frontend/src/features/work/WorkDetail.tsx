import { CloseOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Form, Tabs } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { FormFields } from '../forms/FormFields'
import { opened, useWorkItem, type WorkDetail as Work } from './api'
import { CaseDiagram } from './CaseDiagram'
import { Copies } from './Copies'
import { Decide } from './Decide'
import { Questions } from './Questions'
import { Seats } from './Seats'
import { Story } from './Story'
import { Due, OutcomeDot } from './states'
import './work.css'

type Props = { id: string; close?: () => void; done: () => void; page?: boolean }

/** What has to be decided, with the facts; the decision is always within reach of the thumb. */
export function WorkDetail({ id, close, done, page }: Props) {
  const item = useWorkItem(id)
  const fresh = item.data?.state === 'open' && !item.data.opened_at
  useEffect(() => {
    if (fresh) void opened(id)
  }, [id, fresh])
  if (item.isError) return <ProblemAlert error={item.error} retry={item.refetch} />
  if (!item.data) return <Loading rows={8} />
  return <Shown work={item.data} done={done} {...(close && { close })} {...(page && { page })} />
}

function Shown({ work, close, done, page }: { work: Work; close?: () => void; done: () => void; page?: boolean }) {
  const { t } = useTranslation('work')
  const [form] = Form.useForm()
  const head = page ? (
    <PageHeader title={work.case.title} under={<Under work={work} />} />
  ) : (
    <header className="page-header">
      <div className="row" style={{ flexWrap: 'nowrap', alignItems: 'start' }}>
        <h2 className="grow">
          <Link to="/work/$id" params={{ id: work.id }} aria-keyshortcuts="o" style={{ color: 'inherit' }}>
            {work.case.title}
          </Link>
        </h2>
        {close && <Button type="text" aria-label={t('common:action.close')} icon={<CloseOutlined />} onClick={close} />}
      </div>
      <div className="page-header-under">
        <Under work={work} />
      </div>
    </header>
  )
  const back = work.story.findLast((entry) => entry.kind === 'returned' || entry.kind === 'opinion')
  const filled = (
    <>
      {work.state === 'open' && back?.kind === 'returned' && (
        <Alert
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={
            <>
              <strong>{t('came_back', { name: back.by })}</strong> {back.text}
            </>
          }
        />
      )}
      <Section>
        <Form form={form} layout="vertical" initialValues={{ data: work.form.data }} scrollToFirstError requiredMark>
          <FormFields view={work.form} form={form} />
        </Form>
      </Section>
      <Seats work={work} />
      <Decide work={work} form={form} done={done} />
    </>
  )
  const around = <Around work={work} />
  return (
    <div className="work-detail">
      {head}
      {page ? (
        <div className="two">
          <div>{filled}</div>
          <div>{around}</div>
        </div>
      ) : (
        <>
          {filled}
          {around}
        </>
      )}
    </div>
  )
}

function Under({ work }: { work: Work }) {
  const { t } = useTranslation('work')
  return (
    <span className="row" style={{ gap: '4px 14px' }}>
      <strong>{work.name}</strong>
      {work.state === 'waiting' && <Dot colour="grey" text={t('seats.waiting')} />}
      {work.state !== 'open' && work.state !== 'waiting' && <OutcomeDot outcome={work.outcome} name={work.outcome_name} />}
      {work.state === 'open' && <Due at={work.due} overdue={work.overdue} />}
      {work.for_somebody && work.owner && <span>{t('for_somebody', { name: work.owner.name })}</span>}
      {work.delegated && <span>{t('delegated')}</span>}
      {work.urged > 0 && work.state === 'open' && <strong>{t('urged', { count: work.urged })}</strong>}
      <span>
        {work.case.starter.name} · {work.case.unit.name}
      </span>
      <Link to="/cases/$id" params={{ id: work.case.id }}>
        {work.case.number}
      </Link>
      {work.clauses.length > 0 && <span>{t('clauses', { ids: work.clauses.join(t('common:comma')) })}</span>}
    </span>
  )
}

function Around({ work }: { work: Work }) {
  const { t } = useTranslation('work')
  const asked = work.questions.filter((one) => one.mine && !one.answered_at).length
  return (
    <Section>
      <Tabs
        size="small"
        items={[
          { key: 'story', label: t('story.title'), children: <Story entries={work.story} /> },
          { key: 'diagram', label: t('diagram.title'), children: <CaseDiagram id={work.case.id} /> },
          {
            key: 'questions',
            label: (
              <span>
                {t('questions.title')} {asked > 0 && <span className="faint">{asked}</span>}
              </span>
            ),
            children: <Questions caseId={work.case.id} questions={work.questions} allowed={work} />,
          },
          { key: 'cc', label: t('cc.title'), children: <Copies caseId={work.case.id} cc={work.cc} allowed={work} /> },
        ]}
      />
    </Section>
  )
}
