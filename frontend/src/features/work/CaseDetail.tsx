import { CloseOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Tabs } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'
import { FormFacts } from '../forms/FormFields'
import { type CaseDetail as Case, seen, useCase } from './api'
import { CaseActions } from './CaseActions'
import { CaseDiagram } from './CaseDiagram'
import { Copies } from './Copies'
import { Incidents } from './Incidents'
import { Messages } from './Messages'
import { Questions } from './Questions'
import { Story } from './Story'
import { CaseStateDot, Due, dueOf } from './states'
import './work.css'

/** A case: where it is and who has it, what was filled in, and all that happened. */
export function CaseDetail({ id, close, page }: { id: string; close?: () => void; page?: boolean }) {
  const { t } = useTranslation('work')
  const found = useCase(id)
  const unread = found.data?.unread
  useEffect(() => {
    if (unread) void seen(id)
  }, [id, unread])
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const one = found.data
  const head = page ? (
    <PageHeader title={one.title} extra={<CaseActions one={one} />} under={<Under one={one} />} />
  ) : (
    <header className="page-header">
      <div className="row" style={{ flexWrap: 'nowrap', alignItems: 'start' }}>
        <h2 className="grow">
          <Link to="/cases/$id" params={{ id }} aria-keyshortcuts="o" style={{ color: 'inherit' }}>
            {one.title}
          </Link>
        </h2>
        {close && <Button type="text" aria-label={t('common:action.close')} icon={<CloseOutlined />} onClick={close} />}
      </div>
      <div className="page-header-under">
        <Under one={one} />
      </div>
      <div style={{ marginTop: 10 }}>
        <CaseActions one={one} />
      </div>
    </header>
  )
  const left = (
    <>
      <Incidents one={one} />
      {one.state === 'running' && <Messages one={one} />}
      <Now one={one} />
      <Section>
        <FormFacts view={one.form} />
      </Section>
    </>
  )
  const right = <Around one={one} />
  return (
    <>
      {head}
      {page ? (
        <div className="two">
          <div>{left}</div>
          <div>{right}</div>
        </div>
      ) : (
        <>
          {left}
          {right}
        </>
      )}
    </>
  )
}

function Under({ one }: { one: Case }) {
  const { t } = useTranslation('work')
  return (
    <span className="row" style={{ gap: '4px 14px' }}>
      <CaseStateDot state={one.state} />
      <span>{one.number}</span>
      <span>{one.process.name}</span>
      <span>
        {one.starter.name} · {one.unit.name}
      </span>
      {one.state === 'running' && <Due at={dueOf(one)} overdue={one.overdue} />}
      {one.parent && (
        <Link to="/cases/$id" params={{ id: one.parent.id }}>
          {t('case.parent', { number: one.parent.number })}
        </Link>
      )}
    </span>
  )
}

/** Where it is, who has it, and since when. */
function Now({ one }: { one: Case }) {
  const { t } = useTranslation('work')
  if (one.at.length === 0 && one.children.length === 0) return null
  return (
    <Section title={t('case.now')}>
      {one.work_item_id && (
        <Alert
          type="info"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('case.yours')}
          action={
            <Link to="/work/$id" params={{ id: one.work_item_id }}>
              <Button type="primary">{t('case.handle')}</Button>
            </Link>
          }
        />
      )}
      <ul className="plain seats">
        {one.at.map((at) => (
          <li key={`${at.step} ${at.since}`}>
            <span>
              <strong>{at.name}</strong>{' '}
              {at.people.length > 0 ? at.people.join(t('common:comma')) : <span className="faint">{t('nobody')}</span>}
            </span>
            <span className="faint">
              {t('case.since')} <Ago at={at.since} />
              {at.due && (
                <>
                  {' · '}
                  {t('due')} <Ago at={at.due} />
                </>
              )}
            </span>
          </li>
        ))}
        {one.children.map((child) => (
          <li key={child.id}>
            <Link to="/cases/$id" params={{ id: child.id }}>
              {child.number} {child.title}
            </Link>
            <CaseStateDot state={child.state} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Around({ one }: { one: Case }) {
  const { t } = useTranslation('work')
  return (
    <Section>
      <Tabs
        size="small"
        items={[
          { key: 'story', label: t('story.title'), children: <Story entries={one.story} /> },
          { key: 'diagram', label: t('diagram.title'), children: <CaseDiagram id={one.id} /> },
          {
            key: 'questions',
            label: t('questions.title'),
            children: <Questions caseId={one.id} questions={one.questions} allowed={one} />,
          },
          { key: 'cc', label: t('cc.title'), children: <Copies caseId={one.id} cc={one.cc} allowed={one} /> },
        ]}
      />
    </Section>
  )
}
