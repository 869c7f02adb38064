import { useNavigate, useParams } from '@tanstack/react-router'
import { Button, DatePicker, Form, Input, InputNumber, Select, Switch } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { useOne, useTypes } from './api'

type Values = Omit<Schemas['EquipmentFacts'], 'purchased_on' | 'warranty_until' | 'attributes'> & {
  purchased_on?: Dayjs
  warranty_until?: Dayjs
  attributes?: Record<string, unknown>
}

const body = ({ purchased_on, warranty_until, attributes, ...values }: Values): Schemas['EquipmentFacts'] => {
  const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''))
  const kept = Object.entries(attributes ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return {
    ...(filled as typeof values),
    purchased_on: purchased_on?.format('YYYY-MM-DD'),
    warranty_until: warranty_until?.format('YYYY-MM-DD'),
    attributes: Object.fromEntries(
      kept.map(([key, value]) => [key, dayjs.isDayjs(value) ? value.format('YYYY-MM-DD') : value]),
    ) as Schemas['EquipmentFacts']['attributes'],
  }
}

export function NewEquipmentPage() {
  const { t } = useTranslation('equipment')
  const go = useNavigate()
  const [form] = Form.useForm<Values>()
  const act = useAct((values: Values) => take(api.POST('/api/v1/equipment', { body: body(values) })), {
    form,
    said: t('common:said.saved'),
    done: (item) => void go({ to: '/equipment/$id', params: { id: item.id } }),
  })
  return (
    <>
      <PageHeader title={t('new')} />
      <Section>
        <Form form={form} layout="vertical" style={{ maxWidth: 720 }} onFinish={(values) => act.mutate(values)} scrollToFirstError>
          <FactFields fresh />
          <Button type="primary" htmlType="submit" loading={act.isPending}>
            {t('new')}
          </Button>
        </Form>
      </Section>
    </>
  )
}

export function EditEquipmentPage() {
  const { t } = useTranslation('equipment')
  const { id = '' } = useParams({ strict: false })
  const found = useOne(id)
  const types = useTypes()
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data || !types.data) return <Loading rows={10} />
  return (
    <>
      <PageHeader title={t('edit', { name: found.data.name })} />
      <Section>
        <Edit key={found.data.version} item={found.data} types={types.data.items} />
      </Section>
    </>
  )
}

function Edit({ item, types }: { item: Schemas['EquipmentDetail']; types: Schemas['TypeView'][] }) {
  const { t } = useTranslation('equipment')
  const go = useNavigate()
  const [form] = Form.useForm<Values>()
  const act = useAct(
    (values: Values) =>
      take(api.PATCH('/api/v1/equipment/{id}', { params: { path: { id: item.id }, header: ifMatch(item.version) }, body: body(values) })),
    {
      form,
      said: t('common:said.saved'),
      done: () => void go({ to: '/equipment/$id', params: { id: item.id } }),
    },
  )
  const dates = types.find((type) => type.id === item.type.id)?.attributes.filter((attribute) => attribute.type === 'date') ?? []
  const attributes: Record<string, unknown> = { ...(item.attributes as object) }
  for (const attribute of dates) if (attributes[attribute.key]) attributes[attribute.key] = dayjs(String(attributes[attribute.key]))
  return (
    <Form
      form={form}
      layout="vertical"
      style={{ maxWidth: 720 }}
      initialValues={{
        ...item,
        type_id: item.type.id,
        purchased_on: item.purchased_on && dayjs(item.purchased_on),
        warranty_until: item.warranty_until && dayjs(item.warranty_until),
        attributes,
      }}
      onFinish={(values) => act.mutate(values)}
      scrollToFirstError
    >
      <FactFields />
      <Button type="primary" htmlType="submit" loading={act.isPending}>
        {t('common:action.save')}
      </Button>
    </Form>
  )
}

function FactFields({ fresh }: { fresh?: boolean }) {
  const { t } = useTranslation('equipment')
  const types = useTypes()
  const chosen = Form.useWatch('type_id')
  const required = [{ required: true, message: t('common:required') }]
  const attributes = types.data?.items.find((type) => type.id === chosen)?.attributes ?? []
  const line = (name: keyof Values, max = 120) => (
    <Form.Item name={name} label={t(`field.${name}`)}>
      <Input maxLength={max} />
    </Form.Item>
  )
  return (
    <>
      <Form.Item name="name" label={t('field.name')} rules={required}>
        <Input maxLength={100} autoFocus />
      </Form.Item>
      <Form.Item name="type_id" label={t('field.type')} rules={required}>
        <Select
          options={types.data?.items
            .filter((type) => type.active || type.id === chosen)
            .map((type) => ({ value: type.id, label: type.name }))}
        />
      </Form.Item>
      <Form.Item name="number" label={t('field.number')} extra={fresh ? t('number_help') : undefined}>
        <Input maxLength={40} />
      </Form.Item>
      {fresh && (
        <>
          <Form.Item name="unit_id" label={t('field.unit')} rules={required}>
            <UnitSelect />
          </Form.Item>
          <Form.Item name="holder_id" label={t('field.holder')} extra={t('holder_help')}>
            <PersonSelect allowClear />
          </Form.Item>
        </>
      )}
      {line('serial')}
      {line('manufacturer')}
      {line('model')}
      {line('place')}
      <Form.Item name="purchased_on" label={t('field.purchased_on')}>
        <DatePicker style={{ width: 200 }} />
      </Form.Item>
      <Form.Item name="price" label={t('field.price')} rules={[{ pattern: /^\d{1,12}(\.\d{1,2})?$/, message: t('price_format') }]}>
        <Input prefix="¥" inputMode="decimal" style={{ width: 200 }} />
      </Form.Item>
      <Form.Item name="warranty_until" label={t('field.warranty_until')}>
        <DatePicker style={{ width: 200 }} />
      </Form.Item>
      {attributes.map((attribute) => (
        <Form.Item
          key={attribute.key}
          name={['attributes', attribute.key]}
          label={attribute.label}
          rules={attribute.required ? required : []}
          valuePropName={attribute.type === 'boolean' ? 'checked' : 'value'}
        >
          {attribute.type === 'boolean' ? (
            <Switch />
          ) : attribute.type === 'date' ? (
            <DatePicker />
          ) : attribute.type === 'integer' ? (
            <InputNumber precision={0} style={{ width: 200 }} />
          ) : attribute.type === 'choice' ? (
            <Select allowClear options={(attribute.choices ?? []).map((value) => ({ value, label: value }))} />
          ) : (
            <Input maxLength={200} inputMode={attribute.type === 'decimal' ? 'decimal' : 'text'} />
          )}
        </Form.Item>
      ))}
    </>
  )
}
