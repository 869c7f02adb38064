import { DeleteOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'
import { dropDraft, useDrafts } from './api'

/** What I began to fill in and have not sent. */
export function Drafts() {
  const { t } = useTranslation('work')
  const drafts = useDrafts()
  const drop = useAct(dropDraft, { said: t('common:said.done') })
  if (drafts.isError) return <ProblemAlert error={drafts.error} retry={drafts.refetch} />
  if (!drafts.data) return <Loading />
  if (drafts.data.items.length === 0) {
    return (
      <Section>
        <Nothing text={t('empty.drafts')} />
      </Section>
    )
  }
  return (
    <ul className="cards">
      {drafts.data.items.map((draft) => (
        <li key={draft.id} className="work-line">
          <Link to="/start/$id" params={{ id: draft.process.id }} search={{ draft: draft.id } as never} className="card">
            <span className="title">{draft.process.name}</span>
            <span className="row">
              <span className="faint">
                <Ago at={draft.changed_at} />
              </span>
            </span>
          </Link>
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t('draft.drop', { title: draft.process.name })}
            onClick={() => drop.mutate(draft.id)}
          />
        </li>
      ))}
    </ul>
  )
}
