import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Form, Input, Modal, Switch, Typography } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { Facts, Loading } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'

type Webhook = Schemas['WebhookView']

/** Other systems that processes send messages to, with what became of the newest. */
export function Webhooks() {
  const { t } = useTranslation('settings')
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<Webhook | null>(null)
  const list = useQuery({ queryKey: ['webhooks'], queryFn: () => take(api.GET('/api/v1/webhooks')) })
  if (list.isError) return <ProblemAlert error={list.error} retry={list.refetch} />
  if (!list.data) return <Loading rows={3} />
  return (
    <>
      <div className="row" style={{ justifyContent: 'space-between', marginBottom: 12 }}>
        <span className="faint">{t('webhooks.text')}</span>
        <Button type="primary" onClick={() => setAdding(true)}>
          {t('webhooks.new')}
        </Button>
      </div>
      <ul className="plain">
        {list.data.items.map((one) => (
          <Target key={one.id} one={one} />
        ))}
      </ul>
      {list.data.items.length === 0 && <p className="faint">{t('webhooks.none')}</p>}
      {adding && (
        <Add
          close={() => setAdding(false)}
          done={(view) => {
            setAdding(false)
            setMade(view)
            void list.refetch()
          }}
        />
      )}
      {made && <Made one={made} close={() => setMade(null)} />}
    </>
  )
}

/** One target: switched on or off; its newest messages. */
function Target({ one }: { one: Webhook }) {
  const { t } = useTranslation('settings')
  const change = useAct(
    (active: boolean) =>
      take(api.PATCH('/api/v1/webhooks/{id}', { params: { path: { id: one.id }, header: ifMatch(one.version) }, body: { active } })),
    { said: t('common:said.done') },
  )
  const last = one.deliveries[0]
  return (
    <li className="row" style={{ marginBottom: 12, alignItems: 'start' }}>
      <span className="grow" style={{ overflowWrap: 'anywhere' }}>
        {one.name} <code>{one.url}</code>
        <div className="faint">
          {!last && t('webhooks.nothing')}
          {last?.delivered_at && (
            <>
              {t('webhooks.delivered')} <Ago at={last.delivered_at} />
            </>
          )}
          {last &&
            !last.delivered_at &&
            t(last.next_at ? 'webhooks.again' : 'webhooks.given_up', { count: last.attempts, reason: last.last_error ?? '' })}
        </div>
      </span>
      <Switch
        aria-label={`${t('active')} ${one.name}`}
        checked={one.active}
        loading={change.isPending}
        onChange={(active) => change.mutate(active)}
      />
    </li>
  )
}

function Add({ close, done }: { close: () => void; done: (view: Webhook) => void }) {
  const { t } = useTranslation('settings')
  const [form] = Form.useForm()
  const make = useAct((body: Schemas['CreateWebhook']) => take(api.POST('/api/v1/webhooks', { body })), { form, done })
  const required = [{ required: true, message: t('common:required') }]
  return (
    <Modal
      open
      title={t('webhooks.new')}
      onCancel={close}
      onOk={() => form.submit()}
      okButtonProps={{ loading: make.isPending }}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" onFinish={(values) => make.mutate(values)}>
        <Form.Item name="name" label={t('name')} rules={required}>
          <Input maxLength={60} autoFocus />
        </Form.Item>
        <Form.Item name="url" label={t('webhooks.url')} extra={t('webhooks.url_help')} rules={required}>
          <Input maxLength={500} placeholder="https://" inputMode="url" />
        </Form.Item>
      </Form>
    </Modal>
  )
}

/** The secret by which the other system checks signatures: shown once. */
function Made({ one, close }: { one: Webhook; close: () => void }) {
  const { t } = useTranslation('settings')
  return (
    <Modal
      open
      title={t('webhooks.made')}
      onOk={close}
      onCancel={close}
      cancelButtonProps={{ style: { display: 'none' } }}
      mask={{ closable: false }}
    >
      <Alert type="warning" showIcon title={t('webhooks.once')} style={{ marginBottom: 12 }} />
      <Facts
        items={[
          [t('webhooks.url'), one.url],
          [
            t('webhooks.secret'),
            <Typography.Text key="s" copyable code>
              {one.secret}
            </Typography.Text>,
          ],
        ]}
      />
    </Modal>
  )
}
