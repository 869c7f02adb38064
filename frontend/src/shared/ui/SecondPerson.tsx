import { Form, Input } from 'antd'
import { useTranslation } from 'react-i18next'

/** What a form has of somebody who agrees. */
export type Second = { second_login?: string; second_password?: string }

/** Somebody else agrees at this screen, with account and password: fields of a form. */
export function SecondPerson({ help }: { help?: string }) {
  const { t } = useTranslation()
  const rules = [{ required: true, message: t('required') }]
  return (
    <>
      <Form.Item name="second_login" label={t('second.login')} extra={help} rules={rules}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="second_password" label={t('second.password')} rules={rules}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  )
}
