import { Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { changeProcess, type ProcessChange, type ProcessDetail } from '../api'

/** Its names, its kind, and the sentence by which people find it. */
export function About({ process }: { process: ProcessDetail }) {
  const { t } = useTranslation('processes')
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm<ProcessChange>()
  const act = useAct((values: ProcessChange) => changeProcess(process, values), {
    form,
    said: t('common:said.saved'),
    done: () => setOpen(false),
  })
  if (!process.allowed_actions.some((one) => one.name === 'edit' && one.allowed)) return null
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('common:action.edit')}</Button>
      <Modal
        open={open}
        title={t('about')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okText={t('common:action.save')}
        okButtonProps={{ loading: act.isPending }}
        destroyOnHidden
      >
        <Form
          form={form}
          layout="vertical"
          initialValues={{ name: process.name, name_en: process.name_en, category: process.category, about: process.about }}
          onFinish={(values) => act.mutate(values)}
        >
          <Form.Item name="name" label={t('field.name')} rules={[{ required: true, message: t('common:required') }]}>
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="name_en" label={t('field.name_en')}>
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="category" label={t('field.category')}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="about" label={t('field.about')}>
            <Input.TextArea rows={2} maxLength={200} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  )
}
