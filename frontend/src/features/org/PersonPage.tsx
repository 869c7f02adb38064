import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Alert, Button, Form, Input, Modal, Select, Tooltip } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Facts, Loading, PageHeader, Section } from '@/shared/ui/layout'
import { UnitSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { At } from '@/shared/ui/time'
import { InitialPassword } from './InitialPassword'

type Person = Schemas['PersonDetail']
const required = (text: string) => [{ required: true, message: text }]

/** A person: what they are called, where they work, what they may do. */
export function PersonPage() {
  const { t } = useTranslation('org')
  const { id = '' } = useParams({ strict: false })
  const found = useQuery({
    queryKey: ['people', 'one', id],
    queryFn: () => take(api.GET('/api/v1/people/{id}', { params: { path: { id } } })),
  })
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const person = found.data
  return (
    <>
      <PageHeader
        title={person.name}
        under={[person.main_post?.unit.name, person.main_post?.title].filter(Boolean).join(' · ')}
        extra={<Acts person={person} />}
      />
      {!person.active && <Alert type="warning" showIcon title={t('inactive')} style={{ marginBottom: 12 }} />}
      {person.locked_until && (
        <Alert type="warning" showIcon title={t('locked')} description={<At at={person.locked_until} />} style={{ marginBottom: 12 }} />
      )}
      <Section title={t('facts')} extra={<Edit person={person} />}>
        <Facts
          items={[
            [t('person.login'), person.login],
            [t('person.employee_number'), person.employee_number],
            [t('person.phone'), person.phone],
            [t('person.email'), person.email],
          ]}
        />
      </Section>
      <Posts person={person} />
      <Roles person={person} />
    </>
  )
}

function Acts({ person }: { person: Person }) {
  const { t } = useTranslation('org')
  const [leaving, setLeaving] = useState(false)
  const [password, setPassword] = useState<string | null>(null)
  const [form] = Form.useForm()
  const params = { path: { id: person.id }, header: ifMatch(person.version) }
  const said = t('common:said.done')
  const reset = useAct(() => take(api.POST('/api/v1/people/{id}/reset-password', { params })), {
    done: (made) => setPassword(made.initial_password),
  })
  const unlock = useAct(() => take(api.POST('/api/v1/people/{id}/unlock', { params })), { said })
  const back = useAct(() => take(api.POST('/api/v1/people/{id}/reactivate', { params })), { said })
  const leave = useAct((body: Schemas['Reason']) => take(api.POST('/api/v1/people/{id}/deactivate', { params, body })), {
    form,
    said,
    done: () => setLeaving(false),
  })
  const button = (name: string, run: () => void, loading: boolean, danger = false) => {
    const allowed = action(person, name)
    if (!allowed || (!allowed.allowed && allowed.reason === 'forbidden')) return null
    if (!allowed.allowed && ['person.active', 'person.inactive', 'person.not_locked'].includes(allowed.reason ?? '')) return null
    return (
      <Tooltip key={name} title={allowed.reason_text}>
        <Button danger={danger} disabled={!allowed.allowed} loading={loading} onClick={run}>
          {t(`act.${name}`)}
        </Button>
      </Tooltip>
    )
  }
  return (
    <>
      {button('unlock', () => unlock.mutate(undefined), unlock.isPending)}
      {button('reset_password', () => reset.mutate(undefined), reset.isPending)}
      {button('reactivate', () => back.mutate(undefined), back.isPending)}
      {button('deactivate', () => setLeaving(true), leave.isPending, true)}
      <Modal
        open={leaving}
        title={t('act.deactivate')}
        onCancel={() => setLeaving(false)}
        onOk={() => form.submit()}
        okText={t('act.deactivate')}
        okButtonProps={{ danger: true, loading: leave.isPending }}
      >
        <p>{t('leave_text', { name: person.name })}</p>
        <Form form={form} layout="vertical" onFinish={(values) => leave.mutate(values)}>
          <Form.Item name="reason" label={t('reason')} rules={required(t('common:required'))}>
            <Input maxLength={500} />
          </Form.Item>
        </Form>
      </Modal>
      {password && <InitialPassword name={person.name} login={person.login} password={password} close={() => setPassword(null)} />}
    </>
  )
}

function Edit({ person }: { person: Person }) {
  const { t } = useTranslation('org')
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm()
  const act = useAct(
    (values: Schemas['ChangePerson']) => {
      const cleared = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value || null]))
      return take(api.PATCH('/api/v1/people/{id}', { params: { path: { id: person.id }, header: ifMatch(person.version) }, body: cleared }))
    },
    { form, said: t('common:said.saved'), done: () => setOpen(false) },
  )
  if (!action(person, 'update')?.allowed) return null
  return (
    <>
      <Button type="link" className="inline" onClick={() => setOpen(true)}>
        {t('common:action.edit')}
      </Button>
      <Modal
        open={open}
        title={t('edit_person')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okText={t('common:action.save')}
        okButtonProps={{ loading: act.isPending }}
        destroyOnHidden
      >
        <Form form={form} layout="vertical" initialValues={person} onFinish={(values) => act.mutate(values)}>
          <Form.Item name="name" label={t('person.name')} rules={required(t('common:required'))}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="employee_number" label={t('person.employee_number')}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="phone" label={t('person.phone')}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="email" label={t('person.email')}>
            <Input maxLength={120} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  )
}

function Posts({ person }: { person: Person }) {
  const { t } = useTranslation('org')
  const me = useMe()
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm()
  const header = ifMatch(person.version)
  const add = useAct(
    (body: Schemas['AddPost']) => take(api.POST('/api/v1/people/{id}/posts', { params: { path: { id: person.id }, header }, body })),
    { form, said: t('common:said.saved'), done: () => setOpen(false) },
  )
  const end = useAct(
    (post: string) =>
      take(api.POST('/api/v1/people/{id}/posts/{post_id}/end', { params: { path: { id: person.id, post_id: post }, header } })),
    { said: t('common:said.done') },
  )
  const manages = holds(me, 'people.manage')
  return (
    <Section
      title={t('posts')}
      extra={
        manages && (
          <Button size="small" onClick={() => setOpen(true)}>
            {t('add_post')}
          </Button>
        )
      }
    >
      <ul className="plain">
        {person.posts.map((post) => (
          <li key={post.id} className="row" style={{ marginBottom: 6 }}>
            <span className="grow">
              {post.unit.name} · {post.title} <span className="faint">{t(`post.${post.kind}`)}</span>
              <div className="faint">
                <At at={post.valid_from} /> – {post.valid_to ? <At at={post.valid_to} /> : t('today')}
              </div>
            </span>
            {manages && !post.valid_to && post.kind === 'side' && (
              <Button size="small" loading={end.isPending} onClick={() => end.mutate(post.id)}>
                {t('end_post')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Modal
        open={open}
        title={t('add_post')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: add.isPending }}
        destroyOnHidden
      >
        <Form form={form} layout="vertical" preserve={false} initialValues={{ kind: 'side' }} onFinish={(values) => add.mutate(values)}>
          <Form.Item name="kind" label={t('post.title')} extra={t('post.help')}>
            <Select options={(['side', 'main'] as const).map((value) => ({ value, label: t(`post.${value}`) }))} />
          </Form.Item>
          <Form.Item name="unit_id" label={t('person.unit')} rules={required(t('common:required'))}>
            <UnitSelect />
          </Form.Item>
          <Form.Item name="title" label={t('person.title')} rules={required(t('common:required'))}>
            <Input maxLength={60} />
          </Form.Item>
        </Form>
      </Modal>
    </Section>
  )
}

function Roles({ person }: { person: Person }) {
  const { t } = useTranslation('org')
  const me = useMe()
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm()
  const scope = Form.useWatch('scope', form)
  const assigns = holds(me, 'roles.assign') || holds(me, 'people.manage')
  const roles = useQuery({ queryKey: ['roles'], enabled: open, queryFn: () => take(api.GET('/api/v1/roles')) })
  const header = ifMatch(person.version)
  const assign = useAct(
    (body: Schemas['AssignRole']) => take(api.POST('/api/v1/people/{id}/roles', { params: { path: { id: person.id }, header }, body })),
    { form, said: t('common:said.saved'), done: () => setOpen(false) },
  )
  const revoke = useAct(
    (assignment: string) =>
      take(
        api.DELETE('/api/v1/people/{id}/roles/{assignment_id}', { params: { path: { id: person.id, assignment_id: assignment }, header } }),
      ),
    { said: t('common:said.done') },
  )
  return (
    <Section
      title={t('roles')}
      extra={
        assigns && (
          <Button size="small" onClick={() => setOpen(true)}>
            {t('assign')}
          </Button>
        )
      }
    >
      <ul className="plain">
        {person.roles.map((held) => (
          <li key={held.id} className="row" style={{ marginBottom: 6 }}>
            <span className="grow">
              {held.role.name}{' '}
              <span className="faint">
                {held.unit ? `${t(`common:scope.${held.scope}`)} · ${held.unit.name}` : t(`common:scope.${held.scope}`)}
              </span>
            </span>
            {holds(me, 'roles.assign') && (
              <Button size="small" loading={revoke.isPending} onClick={() => revoke.mutate(held.id)}>
                {t('revoke')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Modal
        open={open}
        title={t('assign')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: assign.isPending }}
        destroyOnHidden
      >
        <Form form={form} layout="vertical" preserve={false} initialValues={{ scope: 'all' }} onFinish={(values) => assign.mutate(values)}>
          <Form.Item name="role_id" label={t('role')} rules={required(t('common:required'))}>
            <Select loading={roles.isLoading} options={roles.data?.items.map((role) => ({ value: role.id, label: role.name }))} />
          </Form.Item>
          <Form.Item name="scope" label={t('scope')}>
            <Select options={(['own', 'unit', 'subtree', 'all'] as const).map((value) => ({ value, label: t(`common:scope.${value}`) }))} />
          </Form.Item>
          {(scope === 'unit' || scope === 'subtree') && (
            <Form.Item name="unit_id" label={t('person.unit')} rules={required(t('common:required'))}>
              <UnitSelect />
            </Form.Item>
          )}
        </Form>
      </Modal>
    </Section>
  )
}
