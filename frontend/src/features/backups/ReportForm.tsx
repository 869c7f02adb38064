import { Checkbox, DatePicker, Form, Input, InputNumber, Radio } from 'antd'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { FormModal } from '@/shared/ui/FormModal'
import { useAct } from '@/shared/ui/problem'
import { type Plan, said } from './api'
import { MediumSelect } from './pick'

type Body = Schemas['BackupResultBody']

/** What came of another system's backup, by hand. */
export function ReportForm({ plan, close }: { plan: Plan; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const report = useAct((body: Body) => take(api.POST('/api/v1/backup-plans/{id}/results', { params: { path: { id: plan.id } }, body })), {
    form,
    said: t('common:said.saved'),
    done: close,
  })
  const required = [{ required: true, message: t('common:required') }]
  const state = Form.useWatch('state', form) ?? 'completed'
  const finish = ({ started_at, size_mb, ...values }: Record<string, unknown>) =>
    report.mutate(
      said<Body>({
        ...values,
        started_at: (started_at as dayjs.Dayjs).toISOString(),
        size: size_mb === undefined || size_mb === null ? undefined : Math.round(Number(size_mb) * 1024 * 1024),
      }),
    )
  return (
    <FormModal
      form={form}
      title={t('plans.report_of', { name: plan.name })}
      ok={t('save')}
      busy={report.isPending}
      initial={{ state: 'completed', started_at: dayjs() }}
      finish={finish}
      close={close}
    >
      <Form.Item name="state" label={t('field.result')}>
        <Radio.Group options={(['completed', 'failed'] as const).map((value) => ({ value, label: t(`state.${value}`) }))} />
      </Form.Item>
      <Form.Item name="started_at" label={t('field.started_at')} rules={required}>
        <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" maxDate={dayjs()} style={{ width: '100%' }} />
      </Form.Item>
      {state === 'completed' && (
        <>
          <Form.Item name="size_mb" label={t('field.size_mb')}>
            <InputNumber min={0} />
          </Form.Item>
          <Form.Item name="sha256" label="SHA-256" rules={[{ pattern: /^[0-9a-fA-F]{64}$/, message: t('runs.sha256') }]}>
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item name="medium_id" label={t('field.medium')}>
            <MediumSelect />
          </Form.Item>
          <Form.Item name="verified" valuePropName="checked">
            <Checkbox>{t('field.verified')}</Checkbox>
          </Form.Item>
        </>
      )}
      <Form.Item name="note" label={t('field.note')} rules={state === 'failed' ? required : []}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  )
}
