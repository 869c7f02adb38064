import { Alert, Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { type CaseDetail, resolve, retry } from './api'

/** Where a case stopped by itself, why, and how it goes on. */
export function Incidents({ one }: { one: CaseDetail }) {
  const { t } = useTranslation('work')
  const [token, setToken] = useState<number | null>(null)
  const [reason, setReason] = useState('')
  const again = useAct((id: number) => retry(one.id, id), { said: t('common:said.done') })
  const done = useAct((id: number) => resolve(one.id, id, { reason }), {
    said: t('common:said.done'),
    done: () => {
      setToken(null)
      setReason('')
    },
  })
  const manages = one.allowed_actions.some((action) => action.name === 'jump' && action.allowed)
  return (
    <>
      {one.incidents.map((incident) => (
        <Alert
          key={incident.token}
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('incidents.at', { name: incident.name })}
          description={
            <>
              {incident.reason}
              {manages && (
                <div className="row" style={{ marginTop: 10 }}>
                  <Button loading={again.isPending} onClick={() => again.mutate(incident.token)}>
                    {t('incidents.retry')}
                  </Button>
                  {incident.resolvable && <Button onClick={() => setToken(incident.token)}>{t('incidents.resolve')}</Button>}
                </div>
              )}
            </>
          }
        />
      ))}
      <Modal
        open={token !== null}
        title={t('incidents.resolve')}
        onCancel={() => setToken(null)}
        onOk={() => token && done.mutate(token)}
        okButtonProps={{ disabled: !reason.trim(), loading: done.isPending }}
      >
        <p className="faint">{t('incidents.help')}</p>
        <Input.TextArea aria-label={t('case.reason')} value={reason} rows={3} onChange={(event) => setReason(event.target.value)} />
      </Modal>
    </>
  )
}
