import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Form, Input, InputNumber, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { FormModal } from '@/shared/ui/FormModal'
import { Loading, Nothing, Section } from '@/shared/ui/layout'
import { PersonSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Row, Words } from '@/shared/ui/rows'
import { Dot } from '@/shared/ui/states'
import { Ago, At } from '@/shared/ui/time'
import { cleared, type Place, said, usePlaces } from './api'

/** 防火、防热、防潮、防尘、防磁、防盗 */
const POINTS = ['fire', 'heat', 'damp', 'dust', 'magnetism', 'theft'] as const
type Doing = { what: 'edit' | 'inspect' | 'history'; place: Place | null }

/** Places where media are kept, and whether they are inspected and fit. */
export function Places() {
  const { t } = useTranslation('backups')
  const me = useMe()
  const places = usePlaces()
  const [doing, setDoing] = useState<Doing | null>(null)
  const close = () => setDoing(null)
  if (places.isError) return <ProblemAlert error={places.error} retry={places.refetch} />
  if (!places.data) return <Loading />
  return (
    <>
      {holds(me, 'backups.manage') && (
        <div className="row" style={{ justifyContent: 'end', marginBottom: 12 }}>
          <Button type="primary" onClick={() => setDoing({ what: 'edit', place: null })}>
            {t('places.new')}
          </Button>
        </div>
      )}
      {places.data.items.length === 0 && (
        <Section>
          <Nothing text={t('places.none')} />
        </Section>
      )}
      <ul className="plain">
        {places.data.items.map((place) => (
          <Row
            key={place.id}
            title={place.name}
            state={
              <>
                {place.fit !== null && <Dot colour={place.fit ? 'green' : 'red'} text={t(place.fit ? 'places.fit' : 'places.unfit')} />}
                {place.overdue && <Dot colour="orange" text={t(place.inspected_at ? 'places.overdue' : 'places.uninspected')} />}
              </>
            }
            actions={
              <>
                {action(place, 'update')?.allowed && (
                  <>
                    <Button onClick={() => setDoing({ what: 'inspect', place })}>{t('places.inspect')}</Button>
                    <Button onClick={() => setDoing({ what: 'edit', place })}>{t('change')}</Button>
                  </>
                )}
                <Button onClick={() => setDoing({ what: 'history', place })}>{t('places.inspections')}</Button>
              </>
            }
          >
            <Words
              of={[
                place.location,
                place.custodian && t('plans.custodian', { name: place.custodian.name }),
                t('places.every', { count: place.inspect_days }),
                place.inspected_at && (
                  <span key="i">
                    {t('places.last')} <Ago at={place.inspected_at} />
                  </span>
                ),
                !place.active && t('inactive'),
              ]}
            />
          </Row>
        ))}
      </ul>
      {doing?.what === 'edit' && <PlaceForm place={doing.place} close={close} />}
      {doing?.what === 'inspect' && doing.place && <InspectForm place={doing.place} close={close} />}
      {doing?.what === 'history' && doing.place && <Inspections place={doing.place} close={close} />}
    </>
  )
}

function PlaceForm({ place, close }: { place: Place | null; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const save = useAct(
    (values: object) =>
      place
        ? take(
            api.PATCH('/api/v1/backup-places/{id}', {
              params: { path: { id: place.id }, header: ifMatch(place.version) },
              body: cleared<Schemas['ChangeBackupPlace']>(values),
            }),
          )
        : take(api.POST('/api/v1/backup-places', { body: said<Schemas['BackupPlaceBody']>(values) })),
    { form, said: t('common:said.saved'), done: close },
  )
  const required = [{ required: true, message: t('common:required') }]
  return (
    <FormModal
      form={form}
      title={place ? place.name : t('places.new')}
      ok={t('save')}
      busy={save.isPending}
      initial={place ? { ...place, custodian_id: place.custodian?.id } : { inspect_days: 90, active: true }}
      finish={save.mutate}
      close={close}
    >
      <Form.Item name="name" label={t('field.name')} rules={required}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="location" label={t('field.location')}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="custodian_id" label={t('field.custodian')}>
        <PersonSelect known={place?.custodian ?? null} allowClear />
      </Form.Item>
      <Form.Item name="inspect_days" label={t('field.inspect_days')} rules={required}>
        <InputNumber min={1} max={732} precision={0} />
      </Form.Item>
      <Form.Item name="active" valuePropName="checked">
        <Checkbox>{t('field.active')}</Checkbox>
      </Form.Item>
    </FormModal>
  )
}

function InspectForm({ place, close }: { place: Place; close: () => void }) {
  const { t } = useTranslation('backups')
  const [form] = Form.useForm()
  const inspect = useAct(
    (body: Schemas['PlaceInspectionBody']) =>
      take(api.POST('/api/v1/backup-places/{id}/inspections', { params: { path: { id: place.id } }, body })),
    { form, said: t('common:said.saved'), done: close },
  )
  const points: string[] = Form.useWatch('points', form) ?? []
  const finish = ({ note }: { note?: string }) => {
    const has = (point: (typeof POINTS)[number]) => points.includes(point)
    const six = {
      fire: has('fire'),
      heat: has('heat'),
      damp: has('damp'),
      dust: has('dust'),
      magnetism: has('magnetism'),
      theft: has('theft'),
    }
    inspect.mutate(said({ ...six, note }))
  }
  return (
    <FormModal
      form={form}
      title={t('places.inspect_of', { name: place.name })}
      ok={t('save')}
      busy={inspect.isPending}
      finish={finish}
      close={close}
    >
      <p className="faint">{t('places.six')}</p>
      <Form.Item name="points" label={t('places.protected')}>
        <Checkbox.Group options={POINTS.map((value) => ({ value, label: t(`point.${value}`) }))} />
      </Form.Item>
      <Form.Item
        name="note"
        label={t('places.lacking')}
        rules={points.length < POINTS.length ? [{ required: true, message: t('common:required') }] : []}
      >
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  )
}

function Inspections({ place, close }: { place: Place; close: () => void }) {
  const { t } = useTranslation('backups')
  const list = useQuery({
    queryKey: ['backup-inspections', place.id],
    queryFn: () => take(api.GET('/api/v1/backup-places/{id}/inspections', { params: { path: { id: place.id }, query: { limit: 100 } } })),
  })
  return (
    <Modal open title={t('places.inspections_of', { name: place.name })} footer={null} onCancel={close}>
      {list.isError && <ProblemAlert error={list.error} retry={list.refetch} />}
      {list.data?.items.length === 0 && <Nothing text={t('places.uninspected')} />}
      <ul className="plain">
        {list.data?.items.map((one) => {
          const lacking = POINTS.filter((point) => !one[point])
          return (
            <li key={one.at} style={{ marginBottom: 12 }}>
              <div className="row">
                <At at={one.at} /> {one.by.name}
                <Dot
                  colour={lacking.length === 0 ? 'green' : 'red'}
                  text={
                    lacking.length === 0
                      ? t('places.fit')
                      : t('places.lacks', { points: lacking.map((point) => t(`point.${point}`)).join('、') })
                  }
                />
              </div>
              {one.note && <div className="faint">{one.note}</div>}
            </li>
          )
        })}
      </ul>
    </Modal>
  )
}
