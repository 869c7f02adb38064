import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Alert, App, Button, Input, Modal, Table } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import type { Schemas } from '@/shared/api/problem'
import { Facts, Loading, PageHeader, Section, usePhone } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { At } from '@/shared/ui/time'
import { approve, decline, type RegulationDetail, useNotYet, useRegulation, useVersions } from './api'
import { Changes, ToComparison } from './ComparisonPage'
import { NumbersLine, VerdictDot } from './Standing'

type Clause = Schemas['ClauseItem']

/** A version of a regulation: its clauses and how each stands; who has read it. */
export function RegulationPage() {
  const { t } = useTranslation('compliance')
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const found = useRegulation(id)
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={10} />
  const one = found.data
  return (
    <>
      <PageHeader
        title={one.title}
        under={`${one.edition} · ${t(`regulation_state.${one.state}`)}`}
        extra={
          <>
            {one.state !== 'proposed' && <ToComparison one={one} />}
            <Decide one={one} />
          </>
        }
      />
      {one.state === 'proposed' && <Alert type="info" showIcon style={{ marginBottom: 12 }} title={t('proposed_help')} />}
      <Section>
        <Facts
          items={[
            [
              t('field.proposed'),
              <span key="p">
                {one.proposed_by} · <At at={one.proposed_at} />
              </span>,
            ],
            [
              t('field.decided'),
              one.decided_by && (
                <span key="d">
                  {one.decided_by} · <At at={one.decided_at} />
                </span>
              ),
            ],
            [t('field.controls'), one.controls],
            [t('field.read'), t('read_by', { n: one.acknowledged, of: one.people })],
            [
              t('field.hash'),
              <code key="h" className="break">
                {one.content_hash}
              </code>,
            ],
            ...(one.reason ? [[t('field.reason'), one.reason] as [string, string]] : []),
          ]}
        />
        {one.state === 'in_force' && <NotYet id={id} />}
      </Section>
      {one.state === 'proposed' && one.before && <Changes id={id} since={one.before} />}
      <Section title={t('clauses')}>
        <Clauses id={id} rows={one.clause_items} />
      </Section>
      <Versions id={id} />
    </>
  )
}

/** All versions of the regulation, if this is not the only one. */
function Versions({ id }: { id: string }) {
  const { t } = useTranslation('compliance')
  const versions = useVersions(id)
  const all = versions.data?.items ?? []
  if (all.length < 2) return null
  return (
    <Section title={t('versions')}>
      <ul className="plain versions">
        {all.map((one) => (
          <li key={one.id}>
            {one.id === id ? (
              <strong aria-current="page">{one.edition}</strong>
            ) : (
              <Link to="/compliance/regulations/$id" params={{ id: one.id }}>
                {one.edition}
              </Link>
            )}
            <span>{t(`regulation_state.${one.state}`)}</span>
            <span className="faint">
              <At at={one.decided_at ?? one.proposed_at} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Decide({ one }: { one: RegulationDetail }) {
  const { t } = useTranslation('compliance')
  const { modal } = App.useApp()
  const [reason, setReason] = useState<string | null>(null)
  const said = t('common:said.done')
  const yes = useAct(() => approve(one), { said })
  const no = useAct((why: string) => decline(one, why), { said, done: () => setReason(null) })
  if (one.state !== 'proposed') return null
  const [may, mayNot] = [action(one, 'approve'), action(one, 'decline')]
  return (
    <>
      <Button disabled={!mayNot?.allowed} title={mayNot?.reason_text ?? undefined} onClick={() => setReason('')}>
        {t('decline')}
      </Button>
      <Button
        type="primary"
        disabled={!may?.allowed}
        title={may?.reason_text ?? undefined}
        loading={yes.isPending}
        onClick={() =>
          modal.confirm({
            title: t('approve_sure', { title: one.title }),
            content: t('approve_help'),
            onOk: () => yes.mutateAsync(undefined),
          })
        }
      >
        {t('approve')}
      </Button>
      <Modal
        open={reason !== null}
        title={t('decline')}
        onCancel={() => setReason(null)}
        onOk={() => no.mutate(reason ?? '')}
        okButtonProps={{ disabled: !reason?.trim(), loading: no.isPending }}
      >
        <Input.TextArea
          aria-label={t('field.reason')}
          placeholder={t('field.reason')}
          rows={3}
          maxLength={1000}
          value={reason ?? ''}
          onChange={(event) => setReason(event.target.value)}
        />
      </Modal>
    </>
  )
}

/** Who has not read it yet, on demand. */
function NotYet({ id }: { id: string }) {
  const { t } = useTranslation('compliance')
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button type="link" className="inline" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('not_yet')}
      </Button>
      {open && <Names id={id} />}
    </>
  )
}

function Names({ id }: { id: string }) {
  const { t } = useTranslation('compliance')
  const pages = useNotYet(id)
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (pages.isLoading) return <Loading rows={3} />
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <p>{rows.length === 0 ? t('all_read') : rows.map((one) => one.name).join(t('comma'))}</p>
      <More pages={pages} />
    </>
  )
}

function Clauses({ id, rows }: { id: string; rows: Clause[] }) {
  const { t } = useTranslation('compliance')
  const phone = usePhone()
  const go = useNavigate()
  const link = (row: Clause) => ({ to: '/compliance/regulations/$id/$clause', params: { id, clause: row.id } }) as const
  if (phone)
    return (
      <ul className="cards">
        {rows.map((row) => (
          <li key={row.id}>
            <Link {...link(row)} className="card">
              <div className="title">
                {row.id} <VerdictDot verdict={row.verdict} />
              </div>
              <div>{row.text}</div>
              <NumbersLine numbers={row.numbers} />
            </Link>
          </li>
        ))}
      </ul>
    )
  return (
    <div className="scroller">
      <Table
        className="clickable"
        size="small"
        rowKey="id"
        dataSource={rows}
        pagination={false}
        onRow={(row) => ({
          onClick: (event) => {
            if (!(event.target as HTMLElement).closest('a')) void go(link(row))
          },
        })}
        columns={[
          { title: t('field.clause'), key: 'id', width: 100, render: (row: Clause) => <Link {...link(row)}>{row.id}</Link> },
          { title: t('field.text'), key: 'text', render: (row: Clause) => row.text },
          { title: t('field.verdict'), key: 'verdict', width: 130, render: (row: Clause) => <VerdictDot verdict={row.verdict} /> },
          { title: t('field.numbers'), key: 'numbers', width: 240, render: (row: Clause) => <NumbersLine numbers={row.numbers} /> },
          {
            title: t('field.owner'),
            key: 'owner',
            width: 130,
            render: (row: Clause) => row.owner?.name ?? <span className="faint">—</span>,
          },
        ]}
      />
    </div>
  )
}
