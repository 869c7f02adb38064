import { useNavigate } from '@tanstack/react-router'
import { DatePicker, Form, Modal } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useTranslation } from 'react-i18next'
import { UnitSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { ask, type Report } from './api'

type Filled = { time?: [Dayjs, Dayjs] | null; at?: Dayjs | null; unit_id?: string }

/** Whole days from the first to the last: the end of a report is the moment before which things happened. */
function asked(report: Report, { time, at, unit_id }: Filled) {
  const after = (day: Dayjs) => day.startOf('day').add(1, 'day').toISOString()
  return {
    report: report.key,
    from: time ? time[0].startOf('day').toISOString() : null,
    to: time ? after(time[1]) : at ? after(at) : null,
    unit_id: unit_id ?? null,
  }
}

/** Over what time, and of which part of the company. */
export function AskForm({ report, close }: { report: Report; close: () => void }) {
  const { t } = useTranslation('reports')
  const go = useNavigate()
  const [form] = Form.useForm<Filled>()
  const act = useAct(ask, { form, done: (run) => go({ to: '/reports/$id', params: { id: run.id } } as never) })
  const month = dayjs().startOf('month')
  const presets = [
    { label: t('ask.last_month'), value: [month.subtract(1, 'month'), month.subtract(1, 'day')] as [Dayjs, Dayjs] },
    { label: t('ask.this_month'), value: [month, dayjs()] as [Dayjs, Dayjs] },
    { label: t('ask.last_30'), value: [dayjs().subtract(29, 'day'), dayjs()] as [Dayjs, Dayjs] },
    { label: t('ask.this_year'), value: [dayjs().startOf('year'), dayjs()] as [Dayjs, Dayjs] },
  ]
  return (
    <Modal
      open
      title={report.title}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('all.make')}
      okButtonProps={{ loading: act.isPending }}
      destroyOnHidden
    >
      <p className="faint">{report.about}</p>
      <Form
        form={form}
        layout="vertical"
        initialValues={{ time: [dayjs().subtract(29, 'day'), dayjs()] }}
        onFinish={(filled) => act.mutate(asked(report, report.span === 'period' ? { ...filled, at: null } : { ...filled, time: null }))}
      >
        {report.span === 'period' ? (
          <Form.Item name="time" label={t('field.time')} extra={t('ask.all_time')}>
            <DatePicker.RangePicker presets={presets} style={{ width: '100%' }} inputReadOnly />
          </Form.Item>
        ) : (
          <Form.Item name="at" label={t('field.at')} extra={t('ask.now')}>
            <DatePicker style={{ width: '100%' }} inputReadOnly />
          </Form.Item>
        )}
        {report.by_unit && (
          <Form.Item
            name="unit_id"
            label={t('field.unit')}
            extra={report.whole_company ? t('ask.company') : undefined}
            rules={report.whole_company ? [] : [{ required: true, message: t('common:required') }]}
          >
            <UnitSelect allowClear />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
