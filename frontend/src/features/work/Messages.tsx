import { Alert, Button, Popconfirm } from 'antd'
import { useTranslation } from 'react-i18next'
import { may } from '@/shared/api/allowed'
import { useAct } from '@/shared/ui/problem'
import { type CaseDetail, deliver } from './api'

/** The messages for which a case waits. Whoever looks after cases may deliver one that came by another way. */
export function Messages({ one }: { one: CaseDetail }) {
  const { t } = useTranslation('work')
  const act = useAct((message: string) => deliver(one.id, message), { said: t('messages.delivered') })
  const waiting = one.waiting.flatMap(({ message, ...wait }) => (message ? [{ ...wait, message }] : []))
  return waiting.map(({ step, name, message }) => (
    <Alert
      key={step}
      type="info"
      showIcon
      style={{ marginBottom: 12 }}
      title={
        <>
          {t('messages.waits', { message })} {name !== message && <span className="faint">{name}</span>}
        </>
      }
      action={
        may(one, 'message') && (
          <Popconfirm
            title={t('messages.sure', { message })}
            description={t('messages.help')}
            okText={t('messages.deliver')}
            onConfirm={() => act.mutateAsync(message)}
          >
            <Button>{t('messages.deliver')}</Button>
          </Popconfirm>
        )
      }
    />
  ))
}
