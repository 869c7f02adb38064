import { Form, Input, Modal, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { type Second, SecondPerson } from '@/shared/ui/SecondPerson'
import { actOnCase, type CaseDetail, jump } from './api'
import type { Deed } from './CaseActions'

type Values = { reason?: string; to?: string } & Second

/** Ending a case or moving it by hand: with a reason, and what cannot be undone with a typed word. */
export function CaseActForm({ one, action, close }: { one: CaseDetail; action: Deed; close: () => void }) {
  const { t } = useTranslation('work')
  const [form] = Form.useForm<Values>()
  const run = useAct(
    ({ reason = '', to = '', second_login = '', second_password = '' }: Values) =>
      action === 'jump'
        ? jump(one, { reason, to, second_login, second_password })
        : actOnCase(one, { action, reason: reason || undefined, ...(action === 'void' && { second_login, second_password }) }),
    { form, said: t('common:said.done'), done: close },
  )
  const required = [{ required: true, message: t('common:required') }]
  const final = action === 'void' || action === 'terminate'
  return (
    <Modal
      open
      title={t(`case.${action}.title`)}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t(`case.${action}.title`)}
      okButtonProps={{ loading: run.isPending, danger: final }}
      destroyOnHidden
    >
      <p className="faint">{t(`case.${action}.help`)}</p>
      <Form form={form} layout="vertical" onFinish={(values) => run.mutate(values)}>
        {action === 'jump' && (
          <Form.Item name="to" label={t('case.jump.to')} rules={required}>
            <Select options={one.jump_targets.map((target) => ({ value: target.step, label: target.name }))} />
          </Form.Item>
        )}
        {(action === 'jump' || action === 'void') && <SecondPerson help={t('common:second.manages')} />}
        <Form.Item name="reason" label={t('case.reason')} rules={action === 'withdraw' ? [] : required}>
          <Input.TextArea rows={3} maxLength={1000} />
        </Form.Item>
        {final && (
          <Form.Item
            name="word"
            label={t('case.word', { word: one.number })}
            rules={[{ required: true, pattern: new RegExp(`^${one.number}$`), message: t('case.word', { word: one.number }) }]}
          >
            <Input autoComplete="off" />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
