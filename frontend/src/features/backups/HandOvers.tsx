import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { FormModal } from '@/shared/ui/FormModal'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Row, Words } from '@/shared/ui/rows'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { type HandOver, said, useHandOvers } from './api'
import { GiveForm } from './GiveForm'

const STATE = { given: 'orange', received: 'green', declined: 'red', withdrawn: 'grey' } as const

/** Hand-overs: the giver's signature, and the receiver's. */
export function HandOvers() {
  const { t } = useTranslation('backups')
  const pages = useHandOvers()
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const [giving, setGiving] = useState(false)
  const [answering, setAnswering] = useState<{ one: HandOver; accept: boolean } | null>(null)
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (pages.isLoading) return <Loading />
  return (
    <>
      <div className="row" style={{ justifyContent: 'end', marginBottom: 12 }}>
        <Button type="primary" onClick={() => setGiving(true)}>
          {t('handovers.new')}
        </Button>
      </div>
      {rows.length === 0 && (
        <Section>
          <Nothing text={t('handovers.none')} />
        </Section>
      )}
      <ul className="plain">
        {rows.map((one) => (
          <HandOverRow key={one.id} one={one} answer={(accept) => setAnswering({ one, accept })} />
        ))}
      </ul>
      <More pages={pages} />
      {giving && <GiveForm medium={null} close={() => setGiving(false)} />}
      {answering && <AnswerForm {...answering} close={() => setAnswering(null)} />}
    </>
  )
}

function HandOverRow({ one, answer }: { one: HandOver; answer: (accept: boolean) => void }) {
  const { t } = useTranslation('backups')
  const withdraw = useAct(
    () => take(api.POST('/api/v1/backup-handovers/{id}/withdraw', { params: { path: { id: one.id }, header: ifMatch(one.version) } })),
    { said: t('common:said.done') },
  )
  return (
    <Row
      title={one.medium?.name ?? t('handovers.backup')}
      state={<Dot colour={STATE[one.state]} text={t(`handover.${one.state}`)} />}
      actions={
        <>
          {action(one, 'receive')?.allowed && (
            <>
              <Button type="primary" onClick={() => answer(true)}>
                {t('handovers.receive')}
              </Button>
              <Button onClick={() => answer(false)}>{t('handovers.decline')}</Button>
            </>
          )}
          {action(one, 'withdraw')?.allowed && (
            <Button onClick={() => withdraw.mutate(undefined)} loading={withdraw.isPending}>
              {t('handovers.withdraw')}
            </Button>
          )}
        </>
      }
    >
      <div>
        {t('handovers.signed', { name: one.giver.name })} <At at={one.given_at} /> → {one.receiver.name}{' '}
        {one.answered_at && <At at={one.answered_at} />}
      </div>
      <Words of={[one.place && t('media.at', { place: one.place.name }), one.note, one.answer]} />
    </Row>
  )
}

function AnswerForm({ one, accept, close }: { one: HandOver; accept: boolean; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const answer = useAct(
    (body: Schemas['HandOverAnswerBody']) =>
      take(api.POST('/api/v1/backup-handovers/{id}/receive', { params: { path: { id: one.id }, header: ifMatch(one.version) }, body })),
    { form, said: t('common:said.done'), done: close },
  )
  const word = t(accept ? 'handovers.receive' : 'handovers.decline')
  return (
    <FormModal
      form={form}
      title={`${word} ${one.medium?.name ?? t('handovers.backup')}`}
      ok={word}
      busy={answer.isPending}
      danger={!accept}
      finish={({ note }) => answer.mutate(said({ accept, note }))}
      close={close}
    >
      <Form.Item name="note" label={t('field.note')} rules={accept ? [] : [{ required: true, message: t('common:required') }]}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  )
}
