import { CloseOutlined, EyeOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Form, Input, Modal, Popover, Segmented, Select, Tooltip } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { DrivenBy } from '@/shared/ui/DrivenBy'
import { FileList } from '@/shared/ui/files'
import { Facts, Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { EquipmentStateDot, PriorityDot, TicketStateDot } from '@/shared/ui/states'
import { Ago, At } from '@/shared/ui/time'
import { linked, useCategories, useTicket } from './api'
import { Say } from './Say'
import { Steps } from './Steps'
import { Story } from './Story'

type Detail = Schemas['TicketDetail']

/** What it is and its state on top with the likely next step; facts, then everything that happened. */
export function TicketDetail({ id, close, page }: { id: string; close?: () => void; page?: boolean }) {
  const { t } = useTranslation('tickets')
  const ticket = useTicket(id)
  const seen = ticket.data?.unread
  useEffect(() => {
    if (seen) void api.POST('/api/v1/tickets/{id}/seen', { params: { path: { id } } })
  }, [id, seen])
  if (ticket.isError) return <ProblemAlert error={ticket.error} retry={ticket.refetch} />
  if (!ticket.data) return <Loading rows={8} />
  const one = ticket.data
  const Title = page ? 'h1' : 'h2'
  const head = (
    <>
      {page ? (
        <PageHeader title={one.title} extra={<Follow ticket={one} />} under={<Under ticket={one} />} />
      ) : (
        <header className="page-header">
          <div className="row" style={{ flexWrap: 'nowrap', alignItems: 'start' }}>
            <Title className="grow">
              <Link to="/tickets/$id" params={{ id }} aria-keyshortcuts="o" style={{ color: 'inherit' }}>
                {one.title}
              </Link>
            </Title>
            <Follow ticket={one} />
            {close && <Button type="text" aria-label={t('common:action.close')} icon={<CloseOutlined />} onClick={close} />}
          </div>
          <div className="page-header-under">
            <Under ticket={one} />
          </div>
        </header>
      )}
      <DrivenBy by={one.driven_by} />
      <div style={{ marginBottom: 14 }}>
        <Steps ticket={one} />
      </div>
    </>
  )
  const left = (
    <>
      <Section title={t('facts')} extra={<Edit ticket={one} />}>
        <TicketFacts ticket={one} />
        {one.description && <p style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{one.description}</p>}
      </Section>
      <Outcome ticket={one} />
      {(one.equipment.length > 0 || one.attachments.length > 0) && (
        <Section title={t('linked')}>
          <ul className="plain">
            {one.equipment.map((item) => (
              <li key={item.id} className="row" style={{ marginBottom: 6 }}>
                <Link to="/equipment/$id" params={{ id: item.id }}>
                  {item.number} {item.name}
                </Link>
                <EquipmentStateDot state={item.state} />
              </li>
            ))}
          </ul>
          <FileList files={linked(id, one.attachments)} />
        </Section>
      )}
    </>
  )
  const right = (
    <Section title={t('story')}>
      <Say ticket={one} />
      <Story id={id} />
    </Section>
  )
  if (!page) {
    return (
      <>
        {head}
        {left}
        {right}
      </>
    )
  }
  return (
    <>
      {head}
      <div className="two">
        <div>{left}</div>
        <div>{right}</div>
      </div>
    </>
  )
}

function Under({ ticket }: { ticket: Detail }) {
  const { t } = useTranslation('tickets')
  return (
    <span className="row" style={{ gap: '4px 14px' }}>
      <TicketStateDot state={ticket.state} />
      <PriorityDot priority={ticket.priority} />
      <span>{ticket.number}</span>
      <span>{t(`common:kind.${ticket.kind}`)}</span>
      {ticket.overdue && <strong>{t('overdue')}</strong>}
      {ticket.paused && <span>{t('paused')}</span>}
    </span>
  )
}

function TicketFacts({ ticket }: { ticket: Detail }) {
  const { t } = useTranslation('tickets')
  const assigned = [ticket.assigned_unit?.name, ticket.assignee?.name].filter(Boolean).join(' · ')
  return (
    <Facts
      items={[
        [t('field.reporter'), `${ticket.reporter.name} · ${ticket.unit.name}`],
        [t('field.assignee'), assigned || t('nobody')],
        [t('field.category'), ticket.category?.name],
        [t('field.impact_urgency'), `${t(`common:level.${ticket.impact}`)} / ${t(`common:level.${ticket.urgency}`)}`],
        [t('field.place'), ticket.place],
        [t('field.contact'), ticket.contact],
        [t('field.created'), <At key="c" at={ticket.created_at} />],
        [t('field.respond_due'), <Due key="r" ticket={ticket} which="respond" />],
        [t('field.resolve_due'), ticket.paused ? t('paused') : <Due key="s" ticket={ticket} which="resolve" />],
      ]}
    />
  )
}

/** A due time that says how it came about. */
function Due({ ticket, which }: { ticket: Detail; which: 'respond' | 'resolve' }) {
  const { t } = useTranslation('tickets')
  const [open, setOpen] = useState(false)
  const due = useQuery({
    queryKey: ['tickets', 'due', ticket.id, ticket.version],
    enabled: open,
    queryFn: () => take(api.GET('/api/v1/tickets/{id}/due', { params: { path: { id: ticket.id } } })),
  })
  const part = due.data?.[which]
  const at = which === 'respond' ? ticket.respond_due : ticket.resolve_due
  return (
    <Popover
      trigger="click"
      open={open}
      onOpenChange={setOpen}
      title={t('due.title')}
      content={
        part ? (
          <div style={{ maxWidth: 440 }}>
            <p>{t('due.text', { minutes: part.minutes, priority: t(`common:priority.${ticket.priority}`) })}</p>
            <table className="changes">
              <tbody>
                {part.stretches.map((stretch) => (
                  <tr key={stretch.from}>
                    <td>
                      <At at={stretch.from} />
                    </td>
                    <td>{stretch.name ?? t(`due.${stretch.why}`)}</td>
                    <td style={{ textAlign: 'end' }}>{t('due.minutes', { count: stretch.minutes })}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : (
          <Loading rows={2} />
        )
      }
    >
      <Button type="link" className="inline" title={t('due.explain')}>
        <At at={at} />
      </Button>
    </Popover>
  )
}

function Outcome({ ticket }: { ticket: Detail }) {
  const { t } = useTranslation('tickets')
  const { appraisal, vendor_repair: repair } = ticket
  return (
    <>
      {ticket.resolution && (
        <Alert type="success" showIcon title={t('outcome.resolution')} description={ticket.resolution} style={{ marginBottom: 12 }} />
      )}
      {ticket.reason && <Alert type="info" showIcon title={t('outcome.reason')} description={ticket.reason} style={{ marginBottom: 12 }} />}
      {appraisal && (
        <Section title={t('outcome.appraisal')}>
          <Facts
            items={[
              [t('field.cause'), appraisal.cause],
              [t('field.conclusion'), appraisal.conclusion],
              [t('field.repairable'), appraisal.repairable ? t('step.appraise.here') : t('step.appraise.away')],
              [
                t('outcome.by'),
                <span key="b">
                  {appraisal.by} · <At at={appraisal.at} />
                </span>,
              ],
            ]}
          />
        </Section>
      )}
      {repair && (
        <Section title={t('outcome.repair')}>
          <Facts
            items={[
              [t('field.vendor'), repair.vendor],
              [t('outcome.sent'), <At key="s" at={repair.sent_at} />],
              [t('field.expected_back'), repair.expected_back],
              [t('outcome.returned'), <At key="r" at={repair.returned_at} />],
              [t('outcome.result'), repair.result],
            ]}
          />
        </Section>
      )}
      {ticket.satisfaction && (
        <Section title={t('field.satisfaction')}>
          {t('outcome.satisfaction', { count: ticket.satisfaction })} {ticket.satisfaction_comment}
        </Section>
      )}
    </>
  )
}

function Follow({ ticket }: { ticket: Detail }) {
  const { t } = useTranslation('tickets')
  const me = useMe()
  const path = { id: ticket.id, person_id: me.id }
  const act = useAct(() =>
    ticket.watching
      ? take(api.DELETE('/api/v1/tickets/{id}/watchers/{person_id}', { params: { path } }))
      : take(api.PUT('/api/v1/tickets/{id}/watchers/{person_id}', { params: { path } })),
  )
  if (!holds(me, 'tickets.report')) return null
  const names = ticket.watchers.map((person) => person.name).join(t('common:comma'))
  return (
    <Tooltip title={names ? t('watchers', { names }) : undefined}>
      <Button icon={<EyeOutlined />} loading={act.isPending} onClick={() => act.mutate(undefined)}>
        {ticket.watching ? t('unwatch') : t('watch')}
      </Button>
    </Tooltip>
  )
}

function Edit({ ticket }: { ticket: Detail }) {
  const { t } = useTranslation('tickets')
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm()
  const categories = useCategories()
  const act = useAct(
    (values: Schemas['ChangeTicket']) =>
      take(
        api.PATCH('/api/v1/tickets/{id}', {
          params: { path: { id: ticket.id }, header: ifMatch(ticket.version) },
          body: { ...values, place: values.place || null, contact: values.contact || null, category_id: values.category_id ?? null },
        }),
      ),
    { form, said: t('common:said.saved'), done: () => setOpen(false) },
  )
  const allowed = action(ticket, 'update')
  if (!allowed?.allowed) return null
  const levels = (['low', 'medium', 'high'] as const).map((value) => ({ value, label: t(`common:level.${value}`) }))
  return (
    <>
      <Button type="link" className="inline" aria-keyshortcuts="e" onClick={() => setOpen(true)}>
        {t('common:action.edit')}
      </Button>
      <Modal
        open={open}
        title={t('edit')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okText={t('common:action.save')}
        okButtonProps={{ loading: act.isPending }}
        destroyOnHidden
      >
        <Form
          form={form}
          layout="vertical"
          initialValues={{
            kind: ticket.kind,
            title: ticket.title,
            description: ticket.description,
            impact: ticket.impact,
            urgency: ticket.urgency,
            category_id: ticket.category?.id,
            place: ticket.place,
            contact: ticket.contact,
          }}
          onFinish={(values) => act.mutate(values)}
        >
          <Form.Item name="title" label={t('new.what')} rules={[{ required: true, message: t('common:required') }]}>
            <Input maxLength={120} />
          </Form.Item>
          <Form.Item name="kind" label={t('field.kind')}>
            <Select
              options={(['fault', 'request', 'incident', 'consultation'] as const).map((value) => ({
                value,
                label: t(`common:kind.${value}`),
              }))}
            />
          </Form.Item>
          <div className="row" style={{ gap: 24 }}>
            <Form.Item name="impact" label={t('field.impact')}>
              <Segmented options={levels} />
            </Form.Item>
            <Form.Item name="urgency" label={t('field.urgency')}>
              <Segmented options={levels} />
            </Form.Item>
          </div>
          <Form.Item name="category_id" label={t('field.category')}>
            <Select
              allowClear
              options={categories.data?.items.filter((one) => one.active).map((one) => ({ value: one.id, label: one.name }))}
            />
          </Form.Item>
          <Form.Item name="place" label={t('field.place')}>
            <Input maxLength={120} />
          </Form.Item>
          <Form.Item name="contact" label={t('field.contact')}>
            <Input maxLength={120} />
          </Form.Item>
          <Form.Item name="description" label={t('field.description')}>
            <Input.TextArea rows={4} maxLength={10000} />
          </Form.Item>
        </Form>
        <p className="faint">
          {t('field.updated')} <Ago at={ticket.updated_at} />
        </p>
      </Modal>
    </>
  )
}
