import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { may } from '@/shared/api/allowed'
import { useAct } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'
import { PeopleSelect } from '../forms/PeopleSelect'
import { type Allowed, type Cc, sendCopy } from './api'

type Props = { caseId: string; cc: Cc[]; allowed: { allowed_actions: Allowed[] } }

/** Who was told (抄送), by whom, and who has read it. */
export function Copies({ caseId, cc, allowed }: Props) {
  const { t } = useTranslation('work')
  const [people, setPeople] = useState<string[]>([])
  const [text, setText] = useState('')
  const run = useAct(() => sendCopy(caseId, people, text.trim() || undefined), {
    said: t('common:said.done'),
    done: () => {
      setPeople([])
      setText('')
    },
  })
  return (
    <>
      {may(allowed, 'cc') && (
        <div style={{ display: 'grid', gap: 8, marginBottom: 16 }}>
          <PeopleSelect aria-label={t('act.cc.to')} value={people} onChange={setPeople} />
          {people.length > 0 && (
            <>
              <Input
                aria-label={t('act.cc.text')}
                placeholder={t('act.cc.text')}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
              <div>
                <Button type="primary" loading={run.isPending} onClick={() => run.mutate(undefined)}>
                  {t('act.cc.title')}
                </Button>
              </div>
            </>
          )}
        </div>
      )}
      {cc.length === 0 && <p className="faint">{t('cc.none')}</p>}
      <ul className="plain seats">
        {cc.map((one) => (
          <li key={`${one.person.id} ${one.at}`}>
            <span>
              {one.person.name} <span className="faint">{t('cc.by', { name: one.by })}</span>
            </span>
            <span className="faint">
              {one.read_at ? (
                <>
                  {t('cc.read')} <Ago at={one.read_at} />
                </>
              ) : (
                t('cc.unread')
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
