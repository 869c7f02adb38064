import { Alert, Button, Popconfirm } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { messagesOf } from '@/shared/bpmn/messages'
import { useAct } from '@/shared/ui/problem'
import { type CaseDetail, deliver, may, useCaseDiagram } from './api'

/** The messages for which a case waits. Whoever looks after cases may deliver one that came by another way. */
export function Messages({ one }: { one: CaseDetail }) {
  const { t } = useTranslation('work')
  const { data } = useCaseDiagram(one.id)
  const waiting = useMemo(() => (data ? messagesOf(data.bpmn).filter(({ event }) => data.elements[event]?.state === 'active') : []), [data])
  const act = useAct((message: string) => deliver(one.id, message), { said: t('messages.delivered') })
  return waiting.map(({ event, name, message }) => (
    <Alert
      key={event}
      type="info"
      showIcon
      style={{ marginBottom: 12 }}
      title={
        <>
          {t('messages.waits', { message })} {name !== message && <span className="faint">{name}</span>}
        </>
      }
      action={
        may(one, 'jump') && (
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
