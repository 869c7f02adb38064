import { DownloadOutlined } from '@ant-design/icons'
import { Button, Form, Input, Modal, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { download } from '@/shared/api/client'
import { holds, useMe } from '@/shared/me'
import { Facts, PageHeader, Section } from '@/shared/ui/layout'
import { Listed } from '@/shared/ui/more'
import { useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { At, exact } from '@/shared/ui/time'
import { approve, decline, type Extraction, useExtractions, withdraw } from './api'
import { RequestForm } from './RequestForm'

const STATE = { requested: 'orange', half_approved: 'blue', approved: 'green', declined: 'red', withdrawn: 'grey' } as const

/** Records for the authorities: asked for by one, approved by two others, handed over with their proofs. */
export function ExtractionsPage() {
  const { t } = useTranslation('extractions')
  const me = useMe()
  const pages = useExtractions()
  const [asking, setAsking] = useState(false)
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <PageHeader
        title={t('title')}
        extra={
          holds(me, 'records.read') && (
            <Button type="primary" onClick={() => setAsking(true)}>
              {t('new')}
            </Button>
          )
        }
        under={<span className="faint">{t('help')}</span>}
      />
      <Listed pages={pages} nothing={t('none')}>
        {rows.map((row) => (
          <One key={row.id} row={row} />
        ))}
      </Listed>
      {asking && <RequestForm close={() => setAsking(false)} />}
    </>
  )
}

function Range({ row: { selection } }: { row: Extraction }) {
  const { t } = useTranslation('extractions')
  const { from, to } = selection
  if (from && to) return t('range.both', { from: exact(from), to: exact(to) })
  if (from) return t('range.from', { from: exact(from) })
  if (to) return t('range.to', { to: exact(to) })
  return t('range.all')
}

function One({ row }: { row: Extraction }) {
  const { t } = useTranslation('extractions')
  const [declining, setDeclining] = useState(false)
  const yes = useAct(approve, { said: t('said.approved') })
  const back = useAct(withdraw, { said: t('common:said.done') })
  const save = useAct(() => download(`/api/v1/extractions/${row.id}/package`, `extraction-${row.id}.zip`))
  const allowed = (name: string) => action(row, name)?.allowed
  return (
    <Section
      title={`${row.authority} ${row.document_number}`}
      extra={
        <div className="row">
          {allowed('approve') && (
            <Popconfirm title={t('approve_sure', { count: row.records })} okText={t('approve')} onConfirm={() => yes.mutateAsync(row)}>
              <Button type="primary">{t('approve')}</Button>
            </Popconfirm>
          )}
          {allowed('decline') && <Button onClick={() => setDeclining(true)}>{t('decline')}</Button>}
          {allowed('withdraw') && (
            <Button loading={back.isPending} onClick={() => back.mutate(row)}>
              {t('withdraw')}
            </Button>
          )}
          {allowed('package') && (
            <Button type="primary" icon={<DownloadOutlined />} loading={save.isPending} onClick={() => save.mutate(undefined)}>
              {t('package')}
            </Button>
          )}
        </div>
      }
    >
      <Facts
        items={[
          [t('field.state'), <Dot key="state" colour={STATE[row.state]} text={t(`state.${row.state}`)} />],
          [t('field.legal_basis'), row.legal_basis],
          [t('field.range'), <Range key="range" row={row} />],
          ...(row.actor ? [[t('field.actor'), row.actor] as [string, string]] : []),
          ...(row.unit ? [[t('field.unit'), row.unit] as [string, string]] : []),
          ...(row.selection.subject_id ? [[t('field.subject'), row.selection.subject_id] as [string, string]] : []),
          [t('field.records'), `${row.records}${row.whole ? ` · ${t('whole')}` : ''}`],
          [
            t('field.requested'),
            <span key="requested">
              {row.requested_by} <At at={row.requested_at} />
            </span>,
          ],
          [
            t('field.first'),
            row.first_by && (
              <span key="first">
                {row.first_by} <At at={row.first_at} />
              </span>
            ),
          ],
          [
            t(row.state === 'declined' || row.state === 'withdrawn' ? 'field.ended' : 'field.second'),
            row.decided_by && (
              <span key="decided">
                {row.decided_by} <At at={row.decided_at} />
              </span>
            ),
          ],
          ...(row.reason ? [[t('field.reason'), row.reason] as [string, string]] : []),
        ]}
      />
      {declining && <Declining row={row} close={() => setDeclining(false)} />}
    </Section>
  )
}

function Declining({ row, close }: { row: Extraction; close: () => void }) {
  const { t } = useTranslation('extractions')
  const [form] = Form.useForm<{ reason: string }>()
  const act = useAct(decline, { form, said: t('common:said.done'), done: close })
  return (
    <Modal
      open
      title={t('decline')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('decline')}
      okButtonProps={{ loading: act.isPending, danger: true }}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" onFinish={({ reason }) => act.mutate({ row, reason })}>
        <Form.Item name="reason" label={t('field.reason')} rules={[{ required: true, message: t('common:required') }]}>
          <Input.TextArea rows={3} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
