import { Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { FormModal } from '@/shared/ui/FormModal'
import { EquipmentSelect, PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { cleared, type Plan, said, useTargets } from './api'

const KEEP = ['keep_last', 'keep_daily', 'keep_weekly', 'keep_monthly'] as const

/** A plan, new or changed. */
export function PlanForm({ plan, close }: { plan: Plan | null; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const targets = useTargets()
  const save = useAct(
    ({ subject: kind, ...facts }: Record<string, unknown>) =>
      plan
        ? take(
            api.PATCH('/api/v1/backup-plans/{id}', {
              params: { path: { id: plan.id }, header: ifMatch(plan.version) },
              body: cleared<Schemas['ChangeBackupPlan']>(facts),
            }),
          )
        : take(api.POST('/api/v1/backup-plans', { body: said<Schemas['BackupPlanBody']>({ subject: kind, ...facts }) })),
    { form, said: t('common:said.saved'), done: close },
  )
  const subject: Plan['subject'] = Form.useWatch('subject', form) ?? plan?.subject ?? 'zhidu'
  const hourly: boolean = Form.useWatch('hourly', form) ?? Boolean(plan?.every_hours)
  const offsite: string | undefined = Form.useWatch('offsite', form)
  const own = subject === 'zhidu'
  const required = [{ required: true, message: t('common:required') }]
  const places = targets.data?.items.map((value) => ({ value, label: value }))
  const initial = plan
    ? {
        ...plan,
        equipment_id: plan.equipment ? [plan.equipment.id] : [],
        custodian_id: plan.custodian?.id,
        hourly: Boolean(plan.every_hours),
      }
    : { subject, hourly, daily_at: '02:30', keep_last: 7, keep_daily: 7, keep_weekly: 5, keep_monthly: 12, late_hours: 26, active: true }
  const finish = ({ hourly: _, equipment_id, ...values }: Record<string, unknown>) =>
    save.mutate({
      // What is not asked for by this kind of schedule, or without a second place, is cleared.
      every_hours: undefined,
      daily_at: undefined,
      ...(own && { offsite_locked: false }),
      ...values,
      ...(subject === 'equipment' && { equipment_id: (equipment_id as string[] | undefined)?.at(-1) }),
    })
  return (
    <FormModal
      form={form}
      title={plan ? t('plans.edit', { name: plan.name }) : t('plans.new')}
      ok={t('save')}
      busy={save.isPending}
      initial={initial}
      finish={finish}
      close={close}
    >
      <Form.Item name="name" label={t('field.name')} rules={required}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="subject" label={t('field.subject')}>
        <Radio.Group
          disabled={plan !== null}
          options={(['zhidu', 'equipment', 'application'] as const).map((value) => ({ value, label: t(`subject.${value}`) }))}
        />
      </Form.Item>
      {subject === 'equipment' && (
        <Form.Item name="equipment_id" label={t('subject.equipment')} rules={required}>
          <EquipmentSelect nameOf={() => `${plan?.equipment?.number} ${plan?.equipment?.name}`} />
        </Form.Item>
      )}
      {subject === 'application' && (
        <Form.Item name="application" label={t('field.application')} rules={required}>
          <Input maxLength={100} />
        </Form.Item>
      )}
      <Form.Item name="custodian_id" label={t('field.custodian')}>
        <PersonSelect known={plan?.custodian ?? null} allowClear />
      </Form.Item>
      <Form.Item name="hourly" label={t('field.schedule')}>
        <Radio.Group
          options={[
            { value: false, label: t('plans.by_day') },
            { value: true, label: t('plans.by_hours') },
          ]}
        />
      </Form.Item>
      {hourly ? (
        <Form.Item name="every_hours" label={t('field.every_hours')} rules={required}>
          <InputNumber min={1} max={744} precision={0} />
        </Form.Item>
      ) : (
        <Form.Item
          name="daily_at"
          label={t('field.daily_at')}
          rules={[...(own ? required : []), { pattern: /^([01]\d|2[0-3]):[0-5]\d$/, message: t('plans.time') }]}
        >
          <Input maxLength={5} style={{ width: 100 }} placeholder="02:30" />
        </Form.Item>
      )}
      <Form.Item name="late_hours" label={t('field.late_hours')} rules={required}>
        <InputNumber min={1} max={8784} precision={0} />
      </Form.Item>
      {own && (
        <>
          <Form.Item name="target" label={t('field.target')} extra={t('plans.target_help')} rules={required}>
            <Select options={places ?? []} />
          </Form.Item>
          <Form.Item name="offsite" label={t('field.offsite')}>
            <Select allowClear options={places ?? []} />
          </Form.Item>
          {offsite && (
            <Form.Item name="offsite_locked" valuePropName="checked">
              <Checkbox>{t('field.offsite_locked')}</Checkbox>
            </Form.Item>
          )}
          <div className="row" style={{ alignItems: 'end' }}>
            {KEEP.map((name) => (
              <Form.Item key={name} name={name} label={t(`field.${name}`)} rules={required}>
                <InputNumber min={0} max={1000} precision={0} style={{ width: 90 }} />
              </Form.Item>
            ))}
          </div>
          <Form.Item name="drill_days" label={t('field.drill_days')}>
            <InputNumber min={1} max={366} precision={0} />
          </Form.Item>
        </>
      )}
      <Form.Item name="active" valuePropName="checked">
        <Checkbox>{t('field.active')}</Checkbox>
      </Form.Item>
    </FormModal>
  )
}
