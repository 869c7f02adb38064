import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Button, Form, Input, Segmented, Select } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, newKey, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { FileInput } from '@/shared/ui/files'
import { PageHeader, Section } from '@/shared/ui/layout'
import { PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { useCategories } from './api'

type Values = {
  kind: Schemas['TicketType']
  title: string
  description?: string
  impact?: Schemas['Level']
  urgency?: Schemas['Level']
  category_id?: string
  place?: string
  contact?: string
  reporter_id?: string
  equipment_ids?: string[]
  files?: Schemas['AttachedFile'][]
}

const DRAFT = 'draft:ticket'

/** Reporting: a sentence is enough. What was typed survives a closed window. */
export function NewTicketPage() {
  const { t } = useTranslation('tickets')
  const me = useMe()
  const go = useNavigate()
  const { equipment, label, name } = useSearch({ strict: false }) as { equipment?: string; label?: string; name?: string }
  const [form] = Form.useForm<Values>()
  const kind = Form.useWatch('kind', form) ?? 'fault'
  const categories = useCategories()
  const [more, setMore] = useState(false)
  // One key for one ticket: sending it again after a broken connection makes no second one.
  const key = useRef(newKey())
  const mine = useQuery({
    queryKey: ['equipment', 'mine'],
    queryFn: () => take(api.GET('/api/v1/equipment', { params: { query: { lens: 'mine', limit: 50 } } })),
  })
  const given = useQuery({
    queryKey: ['equipment', 'one', equipment],
    enabled: Boolean(equipment),
    queryFn: () => take(api.GET('/api/v1/equipment/{id}', { params: { path: { id: equipment ?? '' } } })),
  })
  useEffect(() => {
    const draft = sessionStorage.getItem(DRAFT)
    if (draft) form.setFieldsValue(JSON.parse(draft))
    if (equipment) form.setFieldsValue({ equipment_ids: [equipment] })
  }, [form, equipment])
  const act = useAct(
    ({ files = [], ...values }: Values) =>
      take(
        api.POST('/api/v1/tickets', {
          headers: { 'idempotency-key': key.current },
          body: { ...values, description: values.description ?? '', label_code: label, file_ids: files.map((file) => file.id) },
        }),
      ),
    {
      form,
      said: t('new.sent'),
      done: (ticket) => {
        sessionStorage.removeItem(DRAFT)
        void go({ to: '/tickets/$id', params: { id: ticket.id } })
      },
    },
  )
  const options = [...(mine.data?.items ?? [])]
  if (given.data && !options.some((item) => item.id === given.data.id)) options.unshift(given.data)
  const levels = (['low', 'medium', 'high'] as const).map((value) => ({ value, label: t(`common:level.${value}`) }))
  return (
    <>
      <PageHeader title={t('new.title')} />
      <Section>
        <Form
          form={form}
          layout="vertical"
          style={{ maxWidth: 640 }}
          initialValues={{ kind: 'fault' }}
          onValuesChange={(_, { files: _files, ...values }) => sessionStorage.setItem(DRAFT, JSON.stringify(values))}
          onFinish={(values) => act.mutate(values)}
          scrollToFirstError
        >
          {label && <Alert type="info" showIcon title={t('new.scanned', { name })} style={{ marginBottom: 16 }} />}
          <Form.Item name="kind" label={t('field.kind')}>
            <Segmented
              block
              options={(['fault', 'request', 'incident', 'consultation'] as const).map((value) => ({
                value,
                label: t(`common:kind.${value}`),
              }))}
            />
          </Form.Item>
          <Form.Item name="title" label={t('new.what')} rules={[{ required: true, whitespace: true, message: t('common:required') }]}>
            <Input maxLength={120} placeholder={t(`new.example.${kind}`)} autoFocus />
          </Form.Item>
          {!label && (
            <Form.Item name="equipment_ids" label={t('field.equipment')}>
              <Select
                mode="multiple"
                placeholder={t('new.which')}
                loading={mine.isLoading}
                options={options.map((item) => ({ value: item.id, label: `${item.name} (${item.number})` }))}
                optionFilterProp="label"
              />
            </Form.Item>
          )}
          <Form.Item name="description" label={t('field.description')}>
            <Input.TextArea rows={3} maxLength={10000} placeholder={t('new.more_words')} />
          </Form.Item>
          <Form.Item name="files" label={t('field.files')}>
            <FileInput />
          </Form.Item>
          {more ? (
            <>
              <Form.Item name="urgency" label={t('field.urgency')} extra={t('new.urgency_help')} initialValue="medium">
                <Segmented options={levels} />
              </Form.Item>
              <Form.Item name="impact" label={t('field.impact')} extra={t('new.impact_help')} initialValue="low">
                <Segmented options={levels} />
              </Form.Item>
              <Form.Item name="category_id" label={t('field.category')}>
                <Select
                  allowClear
                  options={categories.data?.items
                    .filter((category) => category.active && (!category.kind || category.kind === kind))
                    .map((category) => ({ value: category.id, label: category.name }))}
                />
              </Form.Item>
              <Form.Item name="place" label={t('field.place')}>
                <Input maxLength={120} />
              </Form.Item>
              <Form.Item name="contact" label={t('field.contact')}>
                <Input maxLength={120} inputMode="tel" />
              </Form.Item>
              {holds(me, 'tickets.dispatch') && (
                <Form.Item name="reporter_id" label={t('new.for')}>
                  <PersonSelect allowClear />
                </Form.Item>
              )}
            </>
          ) : (
            <Button type="link" className="inline" onClick={() => setMore(true)} style={{ marginBottom: 16 }}>
              {t('new.more')}
            </Button>
          )}
          <div>
            <Button type="primary" htmlType="submit" size="large" loading={act.isPending}>
              {t('new.do')}
            </Button>
          </div>
        </Form>
      </Section>
    </>
  )
}
