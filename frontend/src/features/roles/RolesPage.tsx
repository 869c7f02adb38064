import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'

type Role = Schemas['RoleView']

/** What each role may do. */
export function RolesPage() {
  const { t } = useTranslation('roles')
  const me = useMe()
  const [edited, setEdited] = useState<Role | 'new' | null>(null)
  const roles = useQuery({ queryKey: ['roles'], queryFn: () => take(api.GET('/api/v1/roles')) })
  const permissions = useQuery({ queryKey: ['permissions'], queryFn: () => take(api.GET('/api/v1/permissions')) })
  const manages = holds(me, 'roles.manage')
  if (roles.isError) return <ProblemAlert error={roles.error} retry={roles.refetch} />
  if (permissions.isError) return <ProblemAlert error={permissions.error} retry={permissions.refetch} />
  if (!roles.data || !permissions.data) return <Loading rows={10} />
  const title = (name: string) => permissions.data.items.find((one) => one.name === name)?.title ?? name
  return (
    <>
      <PageHeader
        title={t('title')}
        under={t('text')}
        extra={
          manages && (
            <Button type="primary" onClick={() => setEdited('new')}>
              {t('new')}
            </Button>
          )
        }
      />
      {roles.data.items.map((role) => (
        <Section
          key={role.id}
          title={role.name}
          extra={
            manages && !role.built_in ? (
              <Button size="small" onClick={() => setEdited(role)}>
                {t('common:action.edit')}
              </Button>
            ) : (
              <span className="faint">{role.built_in ? t('built_in') : ''}</span>
            )
          }
        >
          {role.exclusive && <p className="faint">{t('exclusive')}</p>}
          <span>{role.permissions.map(title).join(t('common:comma')) || t('none')}</span>
        </Section>
      ))}
      {edited && (
        <RoleForm role={edited === 'new' ? undefined : edited} permissions={permissions.data.items} close={() => setEdited(null)} />
      )}
    </>
  )
}

function RoleForm({ role, permissions, close }: { role: Role | undefined; permissions: Schemas['PermissionView'][]; close: () => void }) {
  const { t } = useTranslation('roles')
  const [form] = Form.useForm()
  const required = [{ required: true, message: t('common:required') }]
  const act = useAct(
    (values: Schemas['CreateRole']): Promise<unknown> =>
      role
        ? take(
            api.PATCH('/api/v1/roles/{id}', {
              params: { path: { id: role.id }, header: ifMatch(role.version) },
              body: { name: values.name, permissions: values.permissions },
            }),
          )
        : take(api.POST('/api/v1/roles', { body: values })),
    { form, said: t('common:said.saved'), done: close },
  )
  return (
    <Modal
      open
      title={role ? role.name : t('new')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('common:action.save')}
      okButtonProps={{ loading: act.isPending }}
      width={640}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ name: role?.name, permissions: role?.permissions ?? [] }}
        onFinish={(values) => act.mutate(values)}
      >
        <Form.Item name="name" label={t('name')} rules={required}>
          <Input maxLength={60} />
        </Form.Item>
        {!role && (
          <Form.Item name="code" label={t('code')} rules={required}>
            <Input maxLength={40} />
          </Form.Item>
        )}
        <Form.Item name="permissions" label={t('permissions')}>
          <Checkbox.Group
            style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(220px, 1fr))', gap: 8 }}
            options={permissions.map((one) => ({ value: one.name, label: one.title }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  )
}
