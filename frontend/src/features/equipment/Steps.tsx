import { Button, DatePicker, Dropdown, Form, Input, Modal } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { step } from './api'

type Action = Schemas['EquipmentAction']
type Detail = Schemas['EquipmentDetail']
const ORDER: Action[] = [
  'register',
  'assign',
  'start_repair',
  'repaired',
  'come_back',
  'take_back',
  'lend',
  'return_to_stock',
  'report_fault',
  'send_out',
  'retire',
  'dispose',
]
const HANDS: Action[] = ['register', 'assign', 'lend']
const REASON: Action[] = ['report_fault', 'send_out', 'retire', 'dispose']

/** What can be done with it now. */
export function Steps({ item }: { item: Detail }) {
  const { t } = useTranslation('equipment')
  const [action, setAction] = useState<Action | null>(null)
  const possible = ORDER.filter((name) => item.allowed_actions.some((one) => one.name === name && one.allowed))
  if (possible.length === 0) return null
  const [first, ...others] = possible
  const shown = others.slice(0, 3)
  const rest = others.slice(3)
  return (
    <div className="row">
      {first && (
        <Button type="primary" onClick={() => setAction(first)}>
          {t(`step.${first}`)}
        </Button>
      )}
      {shown.map((name) => (
        <Button key={name} onClick={() => setAction(name)}>
          {t(`step.${name}`)}
        </Button>
      ))}
      {rest.length > 0 && (
        <Dropdown
          menu={{ items: rest.map((key) => ({ key, label: t(`step.${key}`) })), onClick: ({ key }) => setAction(key as Action) }}
          trigger={['click']}
        >
          <Button>{t('step.more')}</Button>
        </Dropdown>
      )}
      {action && <StepForm key={action} item={item} action={action} close={() => setAction(null)} />}
    </div>
  )
}

function StepForm({ item, action, close }: { item: Detail; action: Action; close: () => void }) {
  const { t } = useTranslation('equipment')
  const [form] = Form.useForm()
  const act = useAct((body: Schemas['EquipmentStep']) => step(item, body), { form, said: t('common:said.done'), done: close })
  const required = [{ required: true, message: t('common:required') }]
  const final = action === 'dispose' || action === 'retire'
  const finish = ({ until, confirmed: _, ...values }: Record<string, unknown>) => {
    const body = { action, ...values, until: (until as dayjs.Dayjs | undefined)?.format('YYYY-MM-DD') }
    act.mutate(
      Object.fromEntries(
        Object.entries(body).filter(([, value]) => value !== undefined && value !== null && value !== ''),
      ) as Schemas['EquipmentStep'],
    )
  }
  return (
    <Modal
      open
      title={t(`step.${action}`)}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t(`step.${action}`)}
      okButtonProps={{ loading: act.isPending, danger: final }}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ unit_id: item.unit?.id, holder_id: action === 'lend' ? undefined : item.holder?.id, place: item.place }}
        onFinish={finish}
      >
        {(action === 'register' || action === 'assign') && (
          <Form.Item name="unit_id" label={t('field.unit')} rules={required}>
            <UnitSelect />
          </Form.Item>
        )}
        {HANDS.includes(action) && (
          <Form.Item name="holder_id" label={t('field.holder')} rules={required}>
            <PersonSelect known={item.holder} />
          </Form.Item>
        )}
        {action === 'lend' && (
          <Form.Item name="until" label={t('field.until')} rules={required}>
            <DatePicker minDate={dayjs()} style={{ width: '100%' }} />
          </Form.Item>
        )}
        {['register', 'assign', 'return_to_stock', 'take_back'].includes(action) && (
          <Form.Item name="place" label={t('field.place')}>
            <Input maxLength={120} />
          </Form.Item>
        )}
        <Form.Item name="reason" label={t('field.reason')} rules={REASON.includes(action) ? required : []}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
        {final && (
          <Form.Item
            name="confirmed"
            label={t('type_number', { number: item.number })}
            rules={[
              { validator: (_, value) => (value === item.number ? Promise.resolve() : Promise.reject(new Error(t('wrong_number')))) },
            ]}
          >
            <Input autoComplete="off" />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
