import { Form, type FormInstance, Modal } from 'antd'
import type { ReactNode } from 'react'

type Props<V> = {
  form: FormInstance<V>
  title: ReactNode
  /** The word on the button. */
  ok: string
  /** What was filled in is on its way. */
  busy: boolean
  /** The button does something that one does not want to do by accident. */
  danger?: boolean
  initial?: object
  finish: (values: V) => void
  close: () => void
  children: ReactNode
}

/** A form in a dialog of its own. */
export function FormModal<V>({ form, title, ok, busy, danger, initial, finish, close, children }: Props<V>) {
  return (
    <Modal
      open
      title={title}
      onCancel={close}
      onOk={() => form.submit()}
      okText={ok}
      okButtonProps={{ loading: busy, danger: danger ?? false }}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" {...(initial && { initialValues: initial })} onFinish={finish}>
        {children}
      </Form>
    </Modal>
  )
}
