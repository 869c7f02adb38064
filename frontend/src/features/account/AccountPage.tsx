import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Alert, Button, DatePicker, Form, Input, Modal, Select, Table, Tabs, Typography } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { begin } from '@/shared/api/session'
import { useMe } from '@/shared/me'
import { Facts, Loading, PageHeader, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Ago, At } from '@/shared/ui/time'

/** Myself: who I am here, where I am logged in, my tokens, my password. */
export function AccountPage() {
  const { t } = useTranslation('account')
  const me = useMe()
  return (
    <>
      <PageHeader title={t('title')} />
      <Section>
        <Facts
          items={[
            [t('name'), me.name],
            [t('login'), me.login],
            [t('posts'), me.posts.map((post) => `${post.unit.name} · ${post.title}`).join('，')],
            [t('roles'), me.roles.map((role) => `${role.name}（${role.unit?.name ?? t(`common:scope.${role.scope}`)}）`).join('，')],
          ]}
        />
      </Section>
      <Section>
        <Tabs
          items={[
            { key: 'sessions', label: t('sessions.title'), children: <Sessions /> },
            { key: 'logins', label: t('logins.title'), children: <Logins /> },
            { key: 'tokens', label: t('tokens.title'), children: <Tokens /> },
            { key: 'password', label: t('password.title'), children: <Password /> },
          ]}
        />
      </Section>
    </>
  )
}

function Sessions() {
  const { t } = useTranslation('account')
  const list = useQuery({ queryKey: ['sessions'], queryFn: () => take(api.GET('/api/v1/me/sessions')) })
  const end = useAct((id: string) => take(api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } })), {
    said: t('common:said.done'),
  })
  if (list.isError) return <ProblemAlert error={list.error} retry={list.refetch} />
  if (!list.data) return <Loading rows={3} />
  return (
    <ul className="plain">
      {list.data.items.map((session) => (
        <li key={session.id} className="row" style={{ marginBottom: 10 }}>
          <span className="grow">
            {device(session.user_agent)} {session.current && <strong>{t('sessions.this')}</strong>}
            <div className="faint">
              {session.address} · {t('sessions.seen')} <Ago at={session.last_seen_at} />
            </div>
          </span>
          {!session.current && (
            <Button size="small" loading={end.isPending} onClick={() => end.mutate(session.id)}>
              {t('sessions.end')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}

const device = (agent: string | null) => {
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent ?? '')?.[0]
  const browser = /Edg|Firefox|Chrome|Safari|curl/.exec(agent ?? '')?.[0] ?? (agent ?? '?').slice(0, 40)
  return [browser, system].filter(Boolean).join(' · ')
}

function Logins() {
  const { t } = useTranslation('account')
  const pages = useInfiniteQuery({
    queryKey: ['logins'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/me/logins', { params: { query: { limit: 20, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (!pages.data) return <Loading rows={3} />
  return (
    <>
      <p className="faint">{t('logins.text')}</p>
      <div className="scroller">
        <Table
          size="small"
          rowKey={(row) => row.at + row.outcome}
          pagination={false}
          dataSource={pages.data.pages.flatMap((page) => page.items)}
          columns={[
            { title: t('logins.at'), key: 'at', render: (row: Schemas['LoginItem']) => <At at={row.at} /> },
            {
              title: t('logins.outcome'),
              key: 'outcome',
              render: (row: Schemas['LoginItem']) => t(`logins.${row.outcome}`, { defaultValue: row.outcome }),
            },
            { title: t('logins.address'), dataIndex: 'address' },
            { title: t('logins.device'), key: 'device', render: (row: Schemas['LoginItem']) => device(row.user_agent) },
          ]}
        />
      </div>
      <More pages={pages} />
    </>
  )
}

type TokenValues = { name: string; scopes: Schemas['Permission'][]; networks?: string[]; expires_at: Dayjs }

function Tokens() {
  const { t } = useTranslation('account')
  const me = useMe()
  const [open, setOpen] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const [form] = Form.useForm()
  const list = useQuery({ queryKey: ['tokens'], queryFn: () => take(api.GET('/api/v1/me/tokens')) })
  const titles = useQuery({ queryKey: ['permissions'], queryFn: () => take(api.GET('/api/v1/permissions')), retry: false })
  const title = (name: string) => titles.data?.items.find((one) => one.name === name)?.title ?? name
  const revoke = useAct((id: string) => take(api.DELETE('/api/v1/me/tokens/{id}', { params: { path: { id } } })), {
    said: t('common:said.done'),
  })
  const make = useAct(
    ({ expires_at, networks, ...values }: TokenValues) =>
      take(api.POST('/api/v1/me/tokens', { body: { ...values, networks: networks ?? [], expires_at: expires_at.toISOString() } })),
    {
      form,
      done: (made) => {
        setOpen(false)
        setSecret(made.token)
      },
    },
  )
  const required = [{ required: true, message: t('common:required') }]
  if (list.isError) return <ProblemAlert error={list.error} retry={list.refetch} />
  if (!list.data) return <Loading rows={3} />
  return (
    <>
      <div className="row" style={{ justifyContent: 'space-between', marginBottom: 12 }}>
        <span className="faint">{t('tokens.text')}</span>
        <Button type="primary" onClick={() => setOpen(true)}>
          {t('tokens.new')}
        </Button>
      </div>
      <ul className="plain">
        {list.data.items.map((token) => (
          <li key={token.id} className="row" style={{ marginBottom: 10 }}>
            <span className="grow">
              {token.name} <code>{token.prefix}…</code>
              <div className="faint">
                {token.scopes.map(title).join(t('common:comma'))} · {t('tokens.until')} <At at={token.expires_at} /> · {t('tokens.used')}{' '}
                <Ago at={token.last_used_at} />
              </div>
            </span>
            <Button size="small" danger loading={revoke.isPending} onClick={() => revoke.mutate(token.id)}>
              {t('tokens.revoke')}
            </Button>
          </li>
        ))}
      </ul>
      {list.data.items.length === 0 && <p className="faint">{t('tokens.none')}</p>}
      <Modal
        open={open}
        title={t('tokens.new')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: make.isPending }}
        destroyOnHidden
      >
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={{ expires_at: dayjs().add(90, 'day') }}
          onFinish={(values) => make.mutate(values)}
        >
          <Form.Item name="name" label={t('tokens.name')} rules={required}>
            <Input maxLength={60} placeholder={t('tokens.name_hint')} autoFocus />
          </Form.Item>
          <Form.Item name="scopes" label={t('tokens.scopes')} rules={required}>
            <Select mode="multiple" options={me.permissions.map((value) => ({ value, label: title(value) }))} />
          </Form.Item>
          <Form.Item name="networks" label={t('tokens.networks')} extra={t('tokens.networks_help')}>
            <Select mode="tags" open={false} tokenSeparators={[',', ' ']} />
          </Form.Item>
          <Form.Item name="expires_at" label={t('tokens.until')} rules={required}>
            <DatePicker minDate={dayjs().add(1, 'day')} />
          </Form.Item>
        </Form>
      </Modal>
      <Modal
        open={secret !== null}
        title={t('tokens.made')}
        onOk={() => setSecret(null)}
        onCancel={() => setSecret(null)}
        cancelButtonProps={{ style: { display: 'none' } }}
        mask={{ closable: false }}
      >
        <Alert type="warning" showIcon title={t('tokens.once')} style={{ marginBottom: 12 }} />
        <Typography.Text className="secret" copyable>
          {secret ?? ''}
        </Typography.Text>
        <pre className="raw" style={{ marginTop: 12 }}>{`curl -H "Authorization: Bearer $TOKEN" ${location.origin}/api/v1/tickets`}</pre>
      </Modal>
    </>
  )
}

function Password() {
  const { t } = useTranslation('account')
  const [form] = Form.useForm()
  const rules = useQuery({ queryKey: ['password-rules'], queryFn: () => take(api.GET('/api/v1/auth/password-rules')) })
  const required = [{ required: true, message: t('common:required') }]
  const act = useAct(
    ({ current_password, new_password }: Schemas['ChangePassword']) =>
      take(api.POST('/api/v1/auth/password', { body: { current_password, new_password } })),
    {
      form,
      said: t('password.done'),
      done: (view) => {
        begin(view)
        form.resetFields()
      },
    },
  )
  return (
    <Form form={form} layout="vertical" style={{ maxWidth: 360 }} onFinish={(values) => act.mutate(values)}>
      <Form.Item name="current_password" label={t('password.current')} rules={required}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item
        name="new_password"
        label={t('password.new')}
        rules={required}
        extra={rules.data && t(`password.rules_${rules.data.profile}`, { min: rules.data.min_length, classes: rules.data.classes })}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={t('password.repeat')}
        dependencies={['new_password']}
        rules={[
          ...required,
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue('new_password') ? Promise.resolve() : Promise.reject(new Error(t('password.differs'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={act.isPending}>
        {t('password.do')}
      </Button>
    </Form>
  )
}
