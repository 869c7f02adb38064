import { App, Button, DatePicker, Form, Input, Modal, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { INTO_VIEW, ProblemAlert, useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { decideWaiver, requestWaiver, useControls, useWaivers } from './api'

type Waiver = Schemas['WaiverView']
const COLOUR = { requested: 'orange', approved: 'green', declined: 'grey', ended: 'grey' } as const

/** For a time, a control is not held against somebody. */
export function WaiversPage() {
  const { t } = useTranslation('compliance')
  const me = useMe()
  const found = useWaivers()
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const rows = found.data.pages.flatMap((page) => page.items)
  return (
    <>
      <PageHeader title={t('waivers.title')} under={t('waivers.under')} extra={holds(me, 'compliance.manage') && <Request />} />
      <Section>
        {rows.length === 0 ? (
          <Nothing text={t('waivers.empty')} />
        ) : (
          <ul className="plain releases">
            {rows.map((waiver) => (
              <li key={waiver.id}>
                <span className="grow">
                  <strong>{waiver.control}</strong>{' '}
                  <Dot
                    colour={waiver.state === 'approved' && !waiver.holds ? 'grey' : COLOUR[waiver.state]}
                    text={waiver.state === 'approved' && !waiver.holds ? t('waivers.over') : t(`waivers.state.${waiver.state}`)}
                  />
                  <div>{waiver.reason}</div>
                  <div>
                    {t('field.measures')}: {waiver.measures}
                  </div>
                  <div className="faint">
                    {t('valid_until')} <At at={waiver.until} /> · {waiver.requested_by}
                    {waiver.decided_by && ` → ${waiver.decided_by}`}
                  </div>
                </span>
                <Decide waiver={waiver} />
              </li>
            ))}
          </ul>
        )}
      </Section>
      <More pages={found} />
    </>
  )
}

function Decide({ waiver }: { waiver: Waiver }) {
  const { t } = useTranslation('compliance')
  const { modal } = App.useApp()
  const act = useAct((what: 'approve' | 'decline' | 'end') => decideWaiver(waiver, what), { said: t('common:said.done') })
  const asked = waiver.state === 'requested' ? (['decline', 'approve'] as const) : waiver.holds ? (['end'] as const) : []
  return (
    <span className="row">
      {asked.map((what) => {
        const may = action(waiver, what)
        return (
          <Button
            key={what}
            type={what === 'approve' ? 'primary' : 'default'}
            disabled={!may?.allowed}
            title={may?.reason_text ?? undefined}
            onClick={() =>
              modal.confirm({ title: t(`waivers.${what}_sure`, { control: waiver.control }), onOk: () => act.mutateAsync(what) })
            }
          >
            {t(`waivers.${what}`)}
          </Button>
        )
      })}
    </span>
  )
}

type Said = { control: string; reason: string; measures: string; until: Dayjs }

function Request() {
  const { t } = useTranslation('compliance')
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm<Said>()
  const act = useAct((said: Said) => requestWaiver({ ...said, until: said.until.endOf('day').toISOString() }), {
    form,
    said: t('waivers.requested'),
    done: () => setOpen(false),
  })
  const controls = useControls()
  const words = (name: 'reason' | 'measures') => (
    <Form.Item name={name} label={t(`field.${name}`)} rules={[{ required: true, whitespace: true, max: 1000 }]}>
      <Input.TextArea rows={3} maxLength={1000} />
    </Form.Item>
  )
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>
        {t('waivers.request')}
      </Button>
      <Modal
        open={open}
        title={t('waivers.request')}
        destroyOnHidden
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: act.isPending }}
      >
        <p className="faint">{t('waivers.help')}</p>
        <Form
          form={form}
          layout="vertical"
          scrollToFirstError={INTO_VIEW}
          initialValues={{ until: dayjs().add(30, 'day') }}
          onFinish={(said) => act.mutate(said)}
        >
          <Form.Item name="control" label={t('field.control')} rules={[{ required: true }]}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={controls.data?.items.map((control) => ({ value: control.id, label: `${control.id} ${control.title}` }))}
            />
          </Form.Item>
          {words('reason')}
          {words('measures')}
          <Form.Item name="until" label={t('valid_until')} rules={[{ required: true }]}>
            <DatePicker minDate={dayjs().add(1, 'day')} maxDate={dayjs().add(179, 'day')} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  )
}
