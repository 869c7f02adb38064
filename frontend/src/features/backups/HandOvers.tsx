import { Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { PersonSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { action, type HandOver, said, useHandOvers } from './api'
import { MediumSelect, PlaceSelect } from './pick'
import { Row, Words } from './Rows'

const STATE = { given: 'orange', received: 'green', declined: 'red' } as const

/** Hand-overs: the giver's signature, and the receiver's. */
export function HandOvers() {
  const { t } = useTranslation('backups')
  const me = useMe()
  const pages = useHandOvers()
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const [giving, setGiving] = useState(false)
  const [answering, setAnswering] = useState<{ one: HandOver; accept: boolean } | null>(null)
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (pages.isLoading) return <Loading />
  return (
    <>
      {holds(me, 'backups.manage') && (
        <div className="row" style={{ justifyContent: 'end', marginBottom: 12 }}>
          <Button type="primary" onClick={() => setGiving(true)}>
            {t('handovers.new')}
          </Button>
        </div>
      )}
      {rows.length === 0 && (
        <Section>
          <Nothing text={t('handovers.none')} />
        </Section>
      )}
      <ul className="plain">
        {rows.map((one) => (
          <Row
            key={one.id}
            title={one.medium?.name ?? t('handovers.backup')}
            state={<Dot colour={STATE[one.state]} text={t(`handover.${one.state}`)} />}
            actions={
              action(one, 'receive')?.allowed && (
                <>
                  <Button type="primary" onClick={() => setAnswering({ one, accept: true })}>
                    {t('handovers.receive')}
                  </Button>
                  <Button onClick={() => setAnswering({ one, accept: false })}>{t('handovers.decline')}</Button>
                </>
              )
            }
          >
            <div>
              {t('handovers.signed', { name: one.giver.name })} <At at={one.given_at} /> → {one.receiver.name}{' '}
              {one.answered_at && <At at={one.answered_at} />}
            </div>
            <Words of={[one.place && t('media.at', { place: one.place.name }), one.note, one.answer]} />
          </Row>
        ))}
      </ul>
      <More pages={pages} />
      {giving && <GiveForm close={() => setGiving(false)} />}
      {answering && <AnswerForm {...answering} close={() => setAnswering(null)} />}
    </>
  )
}

function GiveForm({ close }: { close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const give = useAct((body: Schemas['BackupHandOverBody']) => take(api.POST('/api/v1/backup-handovers', { body })), {
    form,
    said: t('common:said.done'),
    done: close,
  })
  const required = [{ required: true, message: t('common:required') }]
  return (
    <Modal
      open
      title={t('handovers.new')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('handovers.give')}
      okButtonProps={{ loading: give.isPending }}
      destroyOnHidden
    >
      <p className="faint">{t('handovers.help')}</p>
      <Form form={form} layout="vertical" onFinish={(values) => give.mutate(said(values))}>
        <Form.Item name="medium_id" label={t('field.medium')} rules={required}>
          <MediumSelect />
        </Form.Item>
        <Form.Item name="receiver_id" label={t('field.receiver')} rules={required}>
          <PersonSelect />
        </Form.Item>
        <Form.Item name="place_id" label={t('field.place')}>
          <PlaceSelect />
        </Form.Item>
        <Form.Item name="note" label={t('field.note')}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
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
    <Modal
      open
      title={`${word} ${one.medium?.name ?? t('handovers.backup')}`}
      onCancel={close}
      onOk={() => form.submit()}
      okText={word}
      okButtonProps={{ loading: answer.isPending, danger: !accept }}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" onFinish={({ note }) => answer.mutate(said({ accept, note }))}>
        <Form.Item name="note" label={t('field.note')} rules={accept ? [] : [{ required: true, message: t('common:required') }]}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
