import { DatePicker, Form, Input, Radio } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useTranslation } from 'react-i18next'
import { FormModal } from '@/shared/ui/FormModal'
import { PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { type Detail, give, MODES } from './api'

type Values = { person_id: string; mode: (typeof MODES)[number]; purpose: string; valid_from?: Dayjs | null; valid_until: Dayjs }
const day = (at: Dayjs) => at.format('YYYY-MM-DD')

/** Lets somebody use a data set. */
export function GiveForm({ item, close }: { item: Detail; close: () => void }) {
  const { t } = useTranslation('datasets')
  const [form] = Form.useForm<Values>()
  const act = useAct(
    ({ valid_from, valid_until, ...values }: Values) =>
      give(item.id, { ...values, valid_until: day(valid_until), ...(valid_from && { valid_from: day(valid_from) }) }),
    { form, said: t('grant.given'), done: close },
  )
  const required = [{ required: true, message: t('common:required') }]
  return (
    <FormModal
      form={form}
      title={t('grant.give_title', { name: item.name })}
      ok={t('grant.give')}
      busy={act.isPending}
      initial={{ mode: 'read' }}
      finish={(values) => act.mutate(values)}
      close={close}
    >
      <Form.Item name="person_id" label={t('field.person')} rules={required}>
        <PersonSelect />
      </Form.Item>
      <Form.Item name="mode" label={t('field.mode')} rules={required}>
        <Radio.Group options={MODES.map((value) => ({ value, label: t(`mode.${value}`) }))} />
      </Form.Item>
      <Form.Item name="purpose" label={t('field.purpose')} rules={[{ required: true, whitespace: true, message: t('common:required') }]}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <Form.Item name="valid_from" label={t('field.valid_from')} extra={t('grant.from_help')}>
        <DatePicker minDate={dayjs()} style={{ width: 200 }} />
      </Form.Item>
      <Form.Item name="valid_until" label={t('field.valid_until')} rules={required}>
        <DatePicker minDate={dayjs()} style={{ width: 200 }} />
      </Form.Item>
    </FormModal>
  )
}
