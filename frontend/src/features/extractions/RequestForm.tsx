import { DatePicker, Form, Input, Modal } from 'antd'
import type { Dayjs } from 'dayjs'
import { useTranslation } from 'react-i18next'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { request } from './api'

type Filled = {
  authority: string
  document_number: string
  legal_basis: string
  selection?: { from?: Dayjs | null; to?: Dayjs | null; actor_id?: string; unit_id?: string }
}

const asked = ({ selection, ...said }: Filled) => ({
  ...said,
  selection: {
    from: selection?.from?.startOf('minute').toISOString() ?? null,
    to: selection?.to?.startOf('minute').toISOString() ?? null,
    actor_id: selection?.actor_id ?? null,
    unit_id: selection?.unit_id ?? null,
    subject_id: null,
  },
})

/** For whom, on what basis, which records. */
export function RequestForm({ close }: { close: () => void }) {
  const { t } = useTranslation('extractions')
  const [form] = Form.useForm<Filled>()
  const act = useAct(request, { form, said: t('said.requested'), done: close })
  const required = [{ required: true, message: t('common:required') }]
  return (
    <Modal
      open
      title={t('new')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('submit')}
      okButtonProps={{ loading: act.isPending }}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" onFinish={(filled) => act.mutate(asked(filled))}>
        <Form.Item name="authority" label={t('field.authority')} rules={required}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="document_number" label={t('field.document_number')} rules={required}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="legal_basis" label={t('field.legal_basis')} rules={required}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
        <Form.Item name={['selection', 'from']} label={t('field.from')}>
          <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name={['selection', 'to']} label={t('field.to')} extra={t('whole_help')}>
          <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name={['selection', 'actor_id']} label={t('field.actor')}>
          <PersonSelect allowClear />
        </Form.Item>
        <Form.Item name={['selection', 'unit_id']} label={t('field.unit')}>
          <UnitSelect allowClear />
        </Form.Item>
      </Form>
    </Modal>
  )
}
