import { Link } from '@tanstack/react-router'
import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { may } from '@/shared/api/allowed'
import { FormModal } from '@/shared/ui/FormModal'
import { Loading, Nothing } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { ClassificationDot, Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { type Grant, revoke, type useGrants } from './api'
import './datasets.css'

const COLOURS = { in_force: 'green', upcoming: 'blue', ended: 'grey', revoked: 'grey' } as const

/** Who may use what, in which way, for what, until when. */
export function Grants({ pages, dataset }: { pages: ReturnType<typeof useGrants>; dataset?: boolean }) {
  const { t } = useTranslation('datasets')
  const [taken, setTaken] = useState<Grant | null>(null)
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (!pages.data) return <Loading rows={4} />
  const rows = pages.data.pages.flatMap((page) => page.items)
  if (rows.length === 0) return <Nothing text={t('grant.empty')} />
  return (
    <>
      <ul className="plain grants">
        {rows.map((grant) => (
          <li key={grant.id}>
            <div className="grow">
              <div className="row" style={{ gap: '0 10px' }}>
                <strong>{grant.person.name}</strong>
                <span>{t(`mode.${grant.mode}`)}</span>
                <Dot colour={COLOURS[grant.state]} text={t(`grant_state.${grant.state}`)} />
              </div>
              {dataset && (
                <div className="row" style={{ gap: '0 10px' }}>
                  <Link to="/datasets/$id" params={{ id: grant.dataset.id }}>
                    {grant.dataset.name}
                  </Link>
                  <ClassificationDot of={grant.dataset.classification} />
                </div>
              )}
              <div>{grant.purpose}</div>
              <div className="row" style={{ gap: '0 10px' }}>
                <span className="faint">
                  {t('grant.days', { from: grant.valid_from, until: grant.valid_until })} · {t('grant.given_by', { name: grant.given_by })}
                </span>
                {grant.case_id && (
                  <Link to="/cases/$id" params={{ id: grant.case_id }}>
                    {grant.case_number}
                  </Link>
                )}
              </div>
              {grant.revoked_at && (
                <div className="faint">
                  {t('grant.revoked_by', { name: grant.revoked_by })} <At at={grant.revoked_at} />
                  {t('common:comma')}
                  {grant.revoked_reason}
                </div>
              )}
            </div>
            {may(grant, 'revoke') && <Button onClick={() => setTaken(grant)}>{t('grant.revoke')}</Button>}
          </li>
        ))}
      </ul>
      <More pages={pages} />
      {taken && <RevokeForm grant={taken} close={() => setTaken(null)} />}
    </>
  )
}

function RevokeForm({ grant, close }: { grant: Grant; close: () => void }) {
  const { t } = useTranslation('datasets')
  const [form] = Form.useForm<{ reason: string }>()
  const act = useAct(({ reason }: { reason: string }) => revoke(grant, reason), { form, said: t('grant.revoked'), done: close })
  return (
    <FormModal
      form={form}
      danger
      title={t('grant.revoke_title', { name: grant.person.name, mode: t(`mode.${grant.mode}`) })}
      ok={t('grant.revoke')}
      busy={act.isPending}
      finish={(values) => act.mutate(values)}
      close={close}
    >
      <Form.Item name="reason" label={t('field.reason')} rules={[{ required: true, whitespace: true, message: t('common:required') }]}>
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
    </FormModal>
  )
}
