import { App, Button, Dropdown, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { type ProcessDetail, promote, restore, withdraw } from '../api'

/** Ending a pilot, taking a process out of use and back. */
export function Life({ process }: { process: ProcessDetail }) {
  const { t } = useTranslation('processes')
  const { modal } = App.useApp()
  const [reason, setReason] = useState<string | null>(null)
  const said = t('common:said.done')
  const up = useAct(() => promote(process), { said })
  const away = useAct((why: string) => withdraw(process, why), { said, done: () => setReason(null) })
  const back = useAct(() => restore(process), { said })
  const may = (name: string) => process.allowed_actions.some((one) => one.name === name && one.allowed)
  const items = ['promote', 'withdraw', 'restore'].filter(may).map((key) => ({ key, label: t(`life.${key}`) }))
  if (items.length === 0) return null
  const chosen = ({ key }: { key: string }) => {
    if (key === 'withdraw') return setReason('')
    if (key === 'restore') return back.mutate(undefined)
    void modal.confirm({ title: t('life.promote'), content: t('life.promote_sure'), onOk: () => up.mutateAsync(undefined) })
  }
  return (
    <>
      <Dropdown menu={{ items, onClick: chosen }} trigger={['click']}>
        <Button>{t('life.more')}</Button>
      </Dropdown>
      <Modal
        open={reason !== null}
        title={t('life.withdraw')}
        onCancel={() => setReason(null)}
        onOk={() => away.mutate(reason ?? '')}
        okButtonProps={{ disabled: !reason?.trim(), loading: away.isPending, danger: true }}
      >
        <p className="faint">{t('life.withdraw_help')}</p>
        <Input.TextArea
          aria-label={t('life.reason')}
          placeholder={t('life.reason')}
          value={reason ?? ''}
          rows={3}
          onChange={(event) => setReason(event.target.value)}
        />
      </Modal>
    </>
  )
}
