import { Form, Input, Radio } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { FormModal } from '@/shared/ui/FormModal'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { CLASSES, change, create, type Detail } from './api'

type Values = Schemas['CreateDataset'] & { reason?: string }

/** What is said of a data set, new or changed. */
export function DatasetForm({ item, close }: { item: Detail | null; close: (made?: string) => void }) {
  const { t } = useTranslation('datasets')
  const [form] = Form.useForm<Values>()
  const save = useAct(({ reason, ...facts }: Values) => (item ? change(item, { ...facts, ...(reason && { reason }) }) : create(facts)), {
    form,
    said: t('common:said.saved'),
    done: (made) => close(made.id),
  })
  const chosen: Values['classification'] | undefined = Form.useWatch('classification', form)
  const lowers = item && chosen && CLASSES.indexOf(chosen) < CLASSES.indexOf(item.classification)
  const required = [{ required: true, message: t('common:required') }]
  const words = [{ required: true, whitespace: true, message: t('common:required') }]
  const inside = item?.inside
  return (
    <FormModal
      form={form}
      title={item ? t('edit') : t('new')}
      ok={t('common:action.save')}
      busy={save.isPending}
      initial={
        item
          ? {
              name: item.name,
              classification: item.classification,
              unit_id: item.unit.id,
              purpose: inside?.purpose,
              location: inside?.location,
              custodian_id: inside?.custodian.id,
            }
          : { classification: 'internal' }
      }
      finish={(values) => save.mutate(values)}
      close={() => close()}
    >
      <Form.Item name="name" label={t('field.name')} rules={words}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="classification" label={t('field.classification')} rules={required}>
        <Radio.Group options={CLASSES.map((value) => ({ value, label: t(`common:classification.${value}`) }))} />
      </Form.Item>
      {lowers && (
        <Form.Item name="reason" label={t('field.lowered')} rules={words}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      )}
      <Form.Item name="purpose" label={t('field.purpose')} rules={words}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <Form.Item name="location" label={t('field.location')} extra={t('location_help')} rules={words}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="unit_id" label={t('field.unit')} rules={required}>
        <UnitSelect />
      </Form.Item>
      <Form.Item name="custodian_id" label={t('field.custodian')} rules={required}>
        <PersonSelect known={inside?.custodian ?? null} />
      </Form.Item>
    </FormModal>
  )
}
