import { Form, Input } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { FormModal } from '@/shared/ui/FormModal'
import { PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { type Medium, said } from './api'
import { MediumSelect, PlaceSelect } from './pick'

/** The giver's signature: of this medium, or of one that is chosen. */
export function GiveForm({ medium, close }: { medium: Medium | null; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const give = useAct((body: Schemas['BackupHandOverBody']) => take(api.POST('/api/v1/backup-handovers', { body })), {
    form,
    said: t('common:said.done'),
    done: close,
  })
  const required = [{ required: true, message: t('common:required') }]
  return (
    <FormModal
      form={form}
      title={t('handovers.new')}
      ok={t('handovers.give')}
      busy={give.isPending}
      finish={(values) => give.mutate(said(values))}
      initial={{ medium_id: medium?.id }}
      close={close}
    >
      <p className="faint">{t('handovers.help')}</p>
      <Form.Item name="medium_id" label={t('field.medium')} rules={required}>
        <MediumSelect can="hand_over" known={medium} />
      </Form.Item>
      <Form.Item name="receiver_id" label={t('field.receiver')} rules={required}>
        <PersonSelect />
      </Form.Item>
      <Form.Item name="place_id" label={t('field.place')}>
        <PlaceSelect />
      </Form.Item>
      <Form.Item name="note" label={t('field.note')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  )
}
