import { Alert, Modal, Typography } from 'antd'
import { useTranslation } from 'react-i18next'
import { Facts } from '@/shared/ui/layout'

/** A password that is shown once. */
export function InitialPassword({ name, login, password, close }: { name: string; login: string; password: string; close: () => void }) {
  const { t } = useTranslation('org')
  return (
    <Modal
      open
      title={t('initial.title', { name })}
      onOk={close}
      onCancel={close}
      cancelButtonProps={{ style: { display: 'none' } }}
      okText={t('initial.done')}
      mask={{ closable: false }}
    >
      <Alert type="warning" showIcon title={t('initial.text')} style={{ marginBottom: 16 }} />
      <Facts
        items={[
          [t('person.login'), login],
          [
            t('initial.password'),
            <Typography.Text key="p" code copyable>
              {password}
            </Typography.Text>,
          ],
        ]}
      />
    </Modal>
  )
}
