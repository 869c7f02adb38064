import { App, Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { handOver } from './api'

/** All open work of one person goes to another. */
export function HandOver() {
  const { t } = useTranslation('work')
  const { message } = App.useApp()
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm<{ from: string; to: string; reason: string }>()
  const run = useAct(handOver, {
    form,
    done: ({ moved }) => {
      void message.success(t('hand_over.done', { count: moved }))
      setOpen(false)
    },
  })
  const required = [{ required: true, message: t('common:required') }]
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('hand_over.title')}</Button>
      <Modal
        open={open}
        title={t('hand_over.title')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okText={t('hand_over.title')}
        okButtonProps={{ loading: run.isPending }}
        destroyOnHidden
      >
        <p className="faint">{t('hand_over.help')}</p>
        <Form form={form} layout="vertical" onFinish={(values) => run.mutate(values)}>
          <Form.Item name="from" label={t('hand_over.from')} rules={required}>
            <PersonSelect />
          </Form.Item>
          <Form.Item name="to" label={t('hand_over.to')} rules={required}>
            <PersonSelect />
          </Form.Item>
          <Form.Item name="reason" label={t('case.reason')} rules={required}>
            <Input.TextArea rows={2} maxLength={2000} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  )
}
