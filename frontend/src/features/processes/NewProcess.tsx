import { useNavigate } from '@tanstack/react-router'
import { Form, Input, Modal } from 'antd'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { createProcess } from './api'

type Values = { key: string; name: string; name_en?: string; category?: string; about?: string }

/** A new process begins as a small one that could already be published. */
export function NewProcess({ close }: { close: () => void }) {
  const { t } = useTranslation('processes')
  const go = useNavigate()
  const [form] = Form.useForm<Values>()
  const make = useAct(createProcess, {
    form,
    done: (made) => {
      close()
      void go({ to: '/processes/$id/design', params: { id: made.id } })
    },
  })
  const required = { required: true, message: t('common:required') }
  return (
    <Modal
      open
      title={t('new.title')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('new.do')}
      okButtonProps={{ loading: make.isPending }}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" onFinish={(values) => make.mutate(values)}>
        <Form.Item name="name" label={t('field.name')} rules={[required]}>
          <Input maxLength={80} autoFocus />
        </Form.Item>
        <Form.Item name="name_en" label={t('field.name_en')}>
          <Input maxLength={80} />
        </Form.Item>
        <Form.Item
          name="key"
          label={t('field.key')}
          extra={t('new.key_help')}
          rules={[required, { pattern: /^[a-z][a-z0-9_-]*$/, message: t('new.key_help') }]}
        >
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="category" label={t('field.category')}>
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item name="about" label={t('field.about')}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
