import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Form, Input, Modal, Select, Timeline } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { FormModal } from '@/shared/ui/FormModal'
import { Words as Search } from '@/shared/ui/filters'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { PersonSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Row, Words } from '@/shared/ui/rows'
import { At } from '@/shared/ui/time'
import { cleared, type Medium, said, useMedia } from './api'
import { GiveForm } from './GiveForm'
import { PlaceSelect } from './pick'

const KINDS: Schemas['MediumType'][] = ['disk', 'tape', 'optical', 'usb', 'nas', 'cloud']
type Doing = { what: 'edit' | 'move' | 'give' | 'history'; medium: Medium | null }

/** Media with where they are and with whom. */
export function Media() {
  const { t } = useTranslation('backups')
  const me = useMe()
  const [words, setWords] = useState<string>()
  const pages = useMedia(words)
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const [doing, setDoing] = useState<Doing | null>(null)
  const close = () => setDoing(null)
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  return (
    <>
      <div className="row" style={{ justifyContent: 'space-between', marginBottom: 12 }}>
        <Search value={words} hint={t('media.search')} search={setWords} />
        {holds(me, 'backups.manage') && (
          <Button type="primary" onClick={() => setDoing({ what: 'edit', medium: null })}>
            {t('media.new')}
          </Button>
        )}
      </div>
      {pages.isLoading && <Loading />}
      {pages.isSuccess && rows.length === 0 && (
        <Section>
          <Nothing text={t(words ? 'media.not_found' : 'media.none')} />
        </Section>
      )}
      <ul className="plain">
        {rows.map((medium) => (
          <Row
            key={medium.id}
            title={medium.serial}
            state={<span className="faint">{t(`kind.${medium.kind}`)}</span>}
            actions={
              <>
                {action(medium, 'update')?.allowed && (
                  <>
                    <Button onClick={() => setDoing({ what: 'move', medium })}>{t('media.move')}</Button>
                    <Button onClick={() => setDoing({ what: 'edit', medium })}>{t('change')}</Button>
                  </>
                )}
                {action(medium, 'hand_over')?.allowed && medium.active && (
                  <Button onClick={() => setDoing({ what: 'give', medium })}>{t('handovers.new')}</Button>
                )}
                <Button onClick={() => setDoing({ what: 'history', medium })}>{t('media.history')}</Button>
              </>
            }
          >
            <Words
              of={[
                medium.place ? t('media.at', { place: medium.place.name }) : t('media.out'),
                medium.custodian && t('plans.custodian', { name: medium.custodian.name }),
                medium.seal_number && t('media.seal', { number: medium.seal_number }),
                !medium.active && t('inactive'),
                medium.note,
              ]}
            />
          </Row>
        ))}
      </ul>
      <More pages={pages} />
      {doing?.what === 'edit' && <MediumForm medium={doing.medium} close={close} />}
      {doing?.what === 'move' && doing.medium && <MoveForm medium={doing.medium} close={close} />}
      {doing?.what === 'give' && <GiveForm medium={doing.medium} close={close} />}
      {doing?.what === 'history' && doing.medium && <History medium={doing.medium} close={close} />}
    </>
  )
}

function MediumForm({ medium, close }: { medium: Medium | null; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const save = useAct(
    (values: object) =>
      medium
        ? take(
            api.PATCH('/api/v1/backup-media/{id}', {
              params: { path: { id: medium.id }, header: ifMatch(medium.version) },
              body: cleared<Schemas['ChangeBackupMedium']>(values),
            }),
          )
        : take(api.POST('/api/v1/backup-media', { body: said<Schemas['BackupMediumBody']>(values) })),
    { form, said: t('common:said.saved'), done: close },
  )
  const required = [{ required: true, message: t('common:required') }]
  return (
    <FormModal
      form={form}
      title={medium ? medium.serial : t('media.new')}
      ok={t('save')}
      busy={save.isPending}
      initial={medium ?? { kind: 'disk', active: true }}
      finish={save.mutate}
      close={close}
    >
      <Form.Item name="serial" label={t('field.serial')} rules={required}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="kind" label={t('field.kind')} rules={required}>
        <Select options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} />
      </Form.Item>
      <Form.Item name="note" label={t('field.note')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <Form.Item name="active" valuePropName="checked">
        <Checkbox>{t('field.active')}</Checkbox>
      </Form.Item>
    </FormModal>
  )
}

function MoveForm({ medium, close }: { medium: Medium; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const move = useAct(
    (body: Schemas['MediumMoveBody']) =>
      take(api.POST('/api/v1/backup-media/{id}/move', { params: { path: { id: medium.id }, header: ifMatch(medium.version) }, body })),
    { form, said: t('common:said.done'), done: close },
  )
  return (
    <FormModal
      form={form}
      title={t('media.move_of', { serial: medium.serial })}
      ok={t('media.move')}
      busy={move.isPending}
      initial={{ place_id: medium.place?.id, custodian_id: medium.custodian?.id }}
      finish={(values) => move.mutate(said(values))}
      close={close}
    >
      <Form.Item name="place_id" label={t('field.place')} extra={t('media.place_help')}>
        <PlaceSelect />
      </Form.Item>
      <Form.Item name="custodian_id" label={t('field.custodian')}>
        <PersonSelect known={medium.custodian} allowClear />
      </Form.Item>
      <Form.Item name="seal_number" label={t('field.seal_number')}>
        <Input maxLength={60} placeholder={medium.seal_number ?? ''} />
      </Form.Item>
      <Form.Item name="reason" label={t('field.reason')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  )
}

function History({ medium, close }: { medium: Medium; close: () => void }) {
  const { t } = useTranslation('backups')
  const moves = useQuery({
    queryKey: ['backup-moves', medium.id],
    queryFn: () => take(api.GET('/api/v1/backup-media/{id}/moves', { params: { path: { id: medium.id }, query: { limit: 100 } } })),
  })
  return (
    <Modal open title={t('media.history_of', { serial: medium.serial })} footer={null} onCancel={close}>
      {moves.isError && <ProblemAlert error={moves.error} retry={moves.refetch} />}
      {moves.data?.items.length === 0 && <Nothing text={t('media.unmoved')} />}
      <Timeline
        items={(moves.data?.items ?? []).map((move) => ({
          key: move.at,
          content: (
            <>
              <Words
                of={[
                  move.to_place?.name ?? t('media.out'),
                  move.to_custodian?.name,
                  move.seal_number && t('media.seal', { number: move.seal_number }),
                  move.reason,
                ]}
              />
              <div className="faint">
                <At at={move.at} /> {move.by}
              </div>
            </>
          ),
        }))}
      />
    </Modal>
  )
}
