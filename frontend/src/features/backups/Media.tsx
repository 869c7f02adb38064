import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Form, Input, Modal, Select, Timeline } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { PersonSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { At } from '@/shared/ui/time'
import { action, type Medium, said, useMedia } from './api'
import { PlaceSelect } from './pick'
import { Row, Words } from './Rows'

const KINDS: Schemas['MediumType'][] = ['disk', 'tape', 'optical', 'usb', 'nas', 'cloud']
type Doing = { what: 'edit' | 'move' | 'history'; medium: Medium | null }

/** Media with where they are and with whom. */
export function Media() {
  const { t } = useTranslation('backups')
  const me = useMe()
  const pages = useMedia()
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const [doing, setDoing] = useState<Doing | null>(null)
  const close = () => setDoing(null)
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (pages.isLoading) return <Loading />
  return (
    <>
      {holds(me, 'backups.manage') && (
        <div className="row" style={{ justifyContent: 'end', marginBottom: 12 }}>
          <Button type="primary" onClick={() => setDoing({ what: 'edit', medium: null })}>
            {t('media.new')}
          </Button>
        </div>
      )}
      {rows.length === 0 && (
        <Section>
          <Nothing text={t('media.none')} />
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
      {doing?.what === 'history' && doing.medium && <History medium={doing.medium} close={close} />}
    </>
  )
}

function MediumForm({ medium, close }: { medium: Medium | null; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const save = useAct(
    (body: Schemas['BackupMediumBody']) =>
      medium
        ? take(api.PATCH('/api/v1/backup-media/{id}', { params: { path: { id: medium.id }, header: ifMatch(medium.version) }, body }))
        : take(api.POST('/api/v1/backup-media', { body })),
    { form, said: t('common:said.saved'), done: close },
  )
  const required = [{ required: true, message: t('common:required') }]
  return (
    <Modal
      open
      title={medium ? medium.serial : t('media.new')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('save')}
      okButtonProps={{ loading: save.isPending }}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={medium ?? { kind: 'disk', active: true }}
        onFinish={(values) => save.mutate(said(values))}
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
      </Form>
    </Modal>
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
    <Modal
      open
      title={t('media.move_of', { serial: medium.serial })}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('media.move')}
      okButtonProps={{ loading: move.isPending }}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ place_id: medium.place?.id, custodian_id: medium.custodian?.id }}
        onFinish={(values) => move.mutate(said(values))}
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
      </Form>
    </Modal>
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
