import { Button, Checkbox, DatePicker, Form, Input, Segmented } from 'antd'
import type dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { may } from '@/shared/api/allowed'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { FileInput } from '@/shared/ui/files'
import { useAct } from '@/shared/ui/problem'

type Values = { text: string; internal?: boolean; span?: [dayjs.Dayjs, dayjs.Dayjs] | null; files?: Schemas['AttachedFile'][] }

/** A comment or an on-site record, with photographs. */
export function Say({ ticket }: { ticket: Schemas['TicketDetail'] }) {
  const { t } = useTranslation('tickets')
  const [form] = Form.useForm<Values>()
  const [site, setSite] = useState(false)
  const [open, setOpen] = useState(false)
  const params = { path: { id: ticket.id } }
  const act = useAct(
    ({ text, internal, span, files = [] }: Values): Promise<unknown> => {
      const file_ids = files.map((file) => file.id)
      if (!site) return take(api.POST('/api/v1/tickets/{id}/comments', { params, body: { text, internal: internal ?? false, file_ids } }))
      const body = { text, file_ids, arrived_at: span?.[0].toISOString(), left_at: span?.[1].toISOString() }
      return take(api.POST('/api/v1/tickets/{id}/site-notes', { params, body }))
    },
    {
      form,
      done: () => {
        form.resetFields()
        setOpen(false)
      },
    },
  )
  if (!may(ticket, 'comment')) return null
  return (
    <Form form={form} validateTrigger="onSubmit" onFinish={(values) => act.mutate(values)} style={{ marginBottom: 16 }}>
      {may(ticket, 'record_site_note') && (
        <Segmented
          style={{ marginBottom: 8 }}
          value={site ? 'site' : 'comment'}
          onChange={(value) => {
            setSite(value === 'site')
            setOpen(true)
          }}
          options={[
            { value: 'comment', label: t('say.comment') },
            { value: 'site', label: t('say.site') },
          ]}
        />
      )}
      <Form.Item name="text" rules={[{ required: true, whitespace: true, message: t('common:required') }]} style={{ marginBottom: 8 }}>
        <Input.TextArea
          aria-keyshortcuts="c"
          aria-label={site ? t('say.site_hint') : t('say.hint')}
          placeholder={site ? t('say.site_hint') : t('say.hint')}
          autoSize={{ minRows: open ? 3 : 1, maxRows: 10 }}
          maxLength={5000}
          onFocus={() => setOpen(true)}
        />
      </Form.Item>
      {open && (
        <>
          {site && (
            <Form.Item name="span" label={t('say.time')} style={{ marginBottom: 8 }}>
              <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
            </Form.Item>
          )}
          <Form.Item name="files" style={{ marginBottom: 8 }}>
            <FileInput />
          </Form.Item>
          <div className="row">
            <Button type="primary" htmlType="submit" loading={act.isPending}>
              {t('say.do')}
            </Button>
            {!site && may(ticket, 'comment_internally') && (
              <Form.Item name="internal" valuePropName="checked" noStyle>
                <Checkbox>{t('say.internal')}</Checkbox>
              </Form.Item>
            )}
          </div>
        </>
      )}
    </Form>
  )
}
