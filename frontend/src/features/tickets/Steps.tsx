import { Button, DatePicker, Dropdown, Form, Input, Modal, Radio, Rate, Select, Tooltip } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { type Step, step } from './api'

type Detail = Schemas['TicketDetail']
type Action = Schemas['TicketAction']

/** What is likely next, first. */
const NEXT: Action[] = [
  'dispatch',
  'start',
  'answer',
  'confirm',
  'return_from_vendor',
  'resolve',
  'appraise',
  'send_to_vendor',
  'ask_reporter',
  'reopen',
  'refuse',
  'cancel',
]
/** In which state which step is the likely one. */
const LIKELY: Partial<Record<Schemas['TicketState'], Action[]>> = {
  new: ['dispatch', 'start'],
  dispatched: ['start'],
  in_progress: ['resolve'],
  waiting_reporter: ['answer'],
  waiting_vendor: ['return_from_vendor'],
  resolved: ['confirm'],
  closed: ['reopen'],
}

/** The steps that the reader may take now: one as the primary button, the rest beside it; what is not possible says why. */
export function Steps({ ticket }: { ticket: Detail }) {
  const { t } = useTranslation('tickets')
  const [action, setAction] = useState<Action | null>(null)
  const say = useAct((body: Step) => step(ticket, body), { said: t('common:said.done') })
  const allowed = new Map(ticket.allowed_actions.map((one) => [one.name, one]))
  const possible = NEXT.filter((name) => allowed.get(name)?.allowed)
  const primary = LIKELY[ticket.state]?.find((name) => possible.includes(name))
  const others = possible.filter((name) => name !== primary)
  // Not for me is left out; not now is shown with its reason.
  const later = NEXT.filter((name) => {
    const one = allowed.get(name)
    return (
      one &&
      !one.allowed &&
      [
        'ticket.appraisal_required',
        'ticket.appraised_repairable',
        'ticket.vendor_pending',
        'ticket.reopen_period_over',
        'ticket.needs_equipment',
      ].includes(one.reason ?? '')
    )
  })
  const begin = (name: Action) => (name === 'start' ? say.mutate({ action: 'start' }) : setAction(name))
  const shown = others.slice(0, 3)
  const rest = others.slice(3)
  return (
    <div className="row">
      {primary && (
        <Button key={primary} type="primary" aria-keyshortcuts="a" loading={say.isPending} onClick={() => begin(primary)}>
          {t(`step.${primary}.title`)}
        </Button>
      )}
      {shown.map((name) => (
        <Button key={name} disabled={say.isPending} onClick={() => begin(name)}>
          {t(`step.${name}.title`)}
        </Button>
      ))}
      {later.map((name) => (
        <Tooltip key={name} title={allowed.get(name)?.reason_text}>
          <Button disabled>{t(`step.${name}.title`)}</Button>
        </Tooltip>
      ))}
      {rest.length > 0 && (
        <Dropdown
          menu={{ items: rest.map((name) => ({ key: name, label: t(`step.${name}.title`) })), onClick: ({ key }) => begin(key as Action) }}
          trigger={['click']}
        >
          <Button>{t('step.more')}</Button>
        </Dropdown>
      )}
      {action && <StepForm key={action} ticket={ticket} action={action} close={() => setAction(null)} />}
    </div>
  )
}

function StepForm({ ticket, action, close }: { ticket: Detail; action: Action; close: () => void }) {
  const { t } = useTranslation('tickets')
  const [form] = Form.useForm()
  const unit = Form.useWatch('unit_id', form)
  const act = useAct((body: Step) => step(ticket, body), { form, said: t('common:said.done'), done: close })
  const required = [{ required: true, message: t('common:required') }]
  const optional = action === 'dispatch' || action === 'confirm' || action === 'send_to_vendor'
  const finish = (values: Record<string, unknown>) => {
    const back = values.expected_back as dayjs.Dayjs | undefined
    const body = { action, ...values, expected_back: back?.format('YYYY-MM-DD') } as Step
    act.mutate(
      Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== '' && value !== null)) as Step,
    )
  }
  const initial =
    action === 'dispatch'
      ? { unit_id: ticket.assigned_unit?.id, assignee_id: ticket.assignee?.id }
      : action === 'confirm'
        ? { satisfaction: 5 }
        : {}
  const choice = (yes: string, no: string) => (
    <Radio.Group>
      <Radio value={true}>{yes}</Radio>
      <Radio value={false}>{no}</Radio>
    </Radio.Group>
  )
  return (
    <Modal
      open
      title={t(`step.${action}.title`)}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t(`step.${action}.title`)}
      okButtonProps={{ loading: act.isPending }}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" initialValues={initial} onFinish={finish}>
        {action === 'dispatch' && (
          <>
            <Form.Item name="unit_id" label={t('field.assigned_unit')} rules={required}>
              <UnitSelect />
            </Form.Item>
            <Form.Item name="assignee_id" label={t('field.assignee')} extra={t('step.dispatch.help')}>
              <PersonSelect unitId={unit} known={ticket.assignee} allowClear />
            </Form.Item>
          </>
        )}
        {action === 'appraise' && (
          <>
            <Form.Item name="cause" label={t('field.cause')} rules={required}>
              <Input.TextArea rows={2} maxLength={2000} autoFocus />
            </Form.Item>
            <Form.Item name="repairable" label={t('field.repairable')} rules={required}>
              {choice(t('step.appraise.here'), t('step.appraise.away'))}
            </Form.Item>
          </>
        )}
        {action === 'send_to_vendor' && (
          <>
            {ticket.equipment.length > 1 && (
              <Form.Item name="equipment_id" label={t('field.equipment')} rules={required}>
                <Select options={ticket.equipment.map((item) => ({ value: item.id, label: `${item.number} ${item.name}` }))} />
              </Form.Item>
            )}
            <Form.Item name="vendor" label={t('field.vendor')} rules={required}>
              <Input maxLength={120} autoFocus />
            </Form.Item>
            <Form.Item name="expected_back" label={t('field.expected_back')}>
              <DatePicker minDate={dayjs()} style={{ width: '100%' }} />
            </Form.Item>
          </>
        )}
        {action === 'return_from_vendor' && (
          <Form.Item name="repaired" label={t('field.repaired')} rules={required}>
            {choice(t('common:yes'), t('common:no'))}
          </Form.Item>
        )}
        {action === 'confirm' && (
          <Form.Item name="satisfaction" label={t('field.satisfaction')}>
            <Rate />
          </Form.Item>
        )}
        <Form.Item name="text" label={t(`step.${action}.text`)} rules={optional ? [] : required}>
          <Input.TextArea rows={3} maxLength={2000} autoFocus={!['dispatch', 'appraise', 'send_to_vendor'].includes(action)} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
