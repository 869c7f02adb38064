import { App, Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { actInBulk, type WorkItem } from './api'

/** Agreeing to several at once, each for itself; what failed says why. */
export function BulkBar({ picked, clear }: { picked: WorkItem[]; clear: () => void }) {
  const { t } = useTranslation('work')
  const { modal } = App.useApp()
  const [outcome, setOutcome] = useState<'agree' | 'refuse' | 'done' | null>(null)
  const [opinion, setOpinion] = useState('')
  const act = useAct(
    async (chosen: string) => {
      const items: { id: string; ok: boolean; reason?: string | null }[] = []
      // As many in one request as the server takes.
      for (let first = 0; first < picked.length; first += 40) {
        const some = picked.slice(first, first + 40).map(({ id, version }) => ({ id, version }))
        items.push(...(await actInBulk(some, chosen, opinion || undefined)).items)
      }
      return items
    },
    {
      done: (items) => {
        setOutcome(null)
        setOpinion('')
        const failed = items.filter((item) => !item.ok)
        clear()
        if (failed.length === 0) return
        modal.warning({
          title: t('bulk.partly', { done: items.length - failed.length, failed: failed.length }),
          content: (
            <ul>
              {failed.map((item) => (
                <li key={item.id}>
                  {picked.find((row) => row.id === item.id)?.case.title}: {item.reason}
                </li>
              ))}
            </ul>
          ),
        })
      },
    },
  )
  const approvals = picked.every((row) => row.kind === 'approve')
  const possible = approvals ? (['agree', 'refuse'] as const) : picked.every((row) => row.kind !== 'approve') ? (['done'] as const) : []
  return (
    <section className="bulk row" aria-label={t('bulk.title')}>
      <strong>{t('bulk.chosen', { count: picked.length })}</strong>
      {possible.map((name) => (
        <Button key={name} type={name === 'refuse' ? 'default' : 'primary'} onClick={() => setOutcome(name)}>
          {t(`outcome.${name}`)}
        </Button>
      ))}
      {possible.length === 0 && <span className="faint">{t('bulk.mixed')}</span>}
      <Button type="text" onClick={clear}>
        {t('bulk.clear')}
      </Button>
      <Modal
        open={outcome !== null}
        title={outcome && t('bulk.sure', { count: picked.length, outcome: t(`outcome.${outcome}`) })}
        onCancel={() => setOutcome(null)}
        onOk={() => outcome && act.mutate(outcome)}
        okText={outcome && t(`outcome.${outcome}`)}
        okButtonProps={{ loading: act.isPending, disabled: outcome === 'refuse' && !opinion.trim() }}
      >
        <Input.TextArea
          aria-label={t(approvals ? 'opinion' : 'note')}
          placeholder={t(approvals ? 'opinion' : 'note')}
          value={opinion}
          rows={3}
          maxLength={2000}
          onChange={(event) => setOpinion(event.target.value)}
        />
      </Modal>
    </section>
  )
}
