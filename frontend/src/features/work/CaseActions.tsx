import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { may } from '@/shared/api/allowed'
import { useAct } from '@/shared/ui/problem'
import { type CaseDetail, urge } from './api'
import { CaseActForm } from './CaseActForm'

const ACTS = ['withdraw', 'revoke', 'jump', 'void', 'terminate'] as const
export type Deed = (typeof ACTS)[number]

/** What the reader may do with the case as a whole. */
export function CaseActions({ one }: { one: CaseDetail }) {
  const { t } = useTranslation('work')
  const [action, setAction] = useState<Deed | null>(null)
  const run = useAct(() => urge(one.id), { said: t('case.urged') })
  const possible = ACTS.filter((name) => may(one, name))
  const rest = possible.filter((name) => name !== 'withdraw')
  return (
    <div className="row">
      {may(one, 'urge') && (
        <Button loading={run.isPending} onClick={() => run.mutate(undefined)}>
          {t('case.urge')}
        </Button>
      )}
      {possible.includes('withdraw') && <Button onClick={() => setAction('withdraw')}>{t('case.withdraw.title')}</Button>}
      {rest.length > 0 && (
        <Dropdown
          trigger={['click']}
          menu={{
            items: rest.map((name) => ({ key: name, label: t(`case.${name}.title`) })),
            onClick: ({ key }) => setAction(key as Deed),
          }}
        >
          <Button>{t('act.more')}</Button>
        </Dropdown>
      )}
      {action && <CaseActForm key={action} one={one} action={action} close={() => setAction(null)} />}
    </div>
  )
}
