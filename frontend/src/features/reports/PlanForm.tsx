import { useNavigate } from '@tanstack/react-router'
import { Form, Input, Modal, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { UnitSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { PERIODS, type Period, plan, type Report } from './api'

type Filled = { name: string; period: Period; unit_id?: string }

/** How often a report is to come by itself. */
export function PlanForm({ report, close }: { report: Report; close: () => void }) {
  const { t } = useTranslation('reports')
  const go = useNavigate()
  const [form] = Form.useForm<Filled>()
  const act = useAct(plan, {
    form,
    said: t('plans.made'),
    done: () => {
      close()
      go({ to: '/reports', search: { tab: 'plans' } as never })
    },
  })
  const required = [{ required: true, message: t('common:required') }]
  return (
    <Modal
      open
      title={t('all.plan_of', { name: report.title })}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('plans.save')}
      okButtonProps={{ loading: act.isPending }}
      destroyOnHidden
    >
      <p className="faint">{t('plans.help')}</p>
      <Form
        form={form}
        layout="vertical"
        initialValues={{ name: report.title, period: 'month' }}
        onFinish={({ name, period, unit_id }) => act.mutate({ report: report.key, name, period, unit_id: unit_id ?? null })}
      >
        <Form.Item name="name" label={t('field.name')} rules={required}>
          <Input maxLength={80} />
        </Form.Item>
        <Form.Item name="period" label={t('field.period')} rules={required}>
          <Select options={PERIODS.map((period) => ({ value: period, label: t(`period.${period}`) }))} />
        </Form.Item>
        {report.by_unit && (
          <Form.Item
            name="unit_id"
            label={t('field.unit')}
            extra={report.whole_company ? t('ask.company') : undefined}
            rules={report.whole_company ? [] : required}
          >
            <UnitSelect allowClear />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
