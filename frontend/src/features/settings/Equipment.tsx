import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Form, Input, Modal, Select, Switch, Table, Typography } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { Facts, Loading } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'

type Type = Schemas['TypeView']

/** Types of equipment with their own fields. */
export function Types() {
  const { t } = useTranslation('settings')
  const [edited, setEdited] = useState<Type | 'new' | null>(null)
  const list = useQuery({ queryKey: ['equipment-types'], queryFn: () => take(api.GET('/api/v1/equipment-types')) })
  if (list.isError) return <ProblemAlert error={list.error} retry={list.refetch} />
  if (!list.data) return <Loading rows={4} />
  return (
    <>
      <div className="row" style={{ justifyContent: 'space-between', marginBottom: 12 }}>
        <span className="faint">{t('types.text')}</span>
        <Button type="primary" onClick={() => setEdited('new')}>
          {t('types.new')}
        </Button>
      </div>
      <div className="scroller">
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={list.data.items}
          columns={[
            { title: t('name'), dataIndex: 'name' },
            { title: t('code'), dataIndex: 'code' },
            {
              title: t('types.attributes'),
              key: 'attributes',
              render: (row: Type) => row.attributes.map((one) => one.label).join(t('common:comma')) || '—',
            },
            { title: t('active'), key: 'active', render: (row: Type) => (row.active ? t('common:yes') : t('common:no')) },
            {
              title: t('common:action.edit'),
              key: 'edit',
              align: 'right',
              render: (row: Type) => (
                <Button size="small" aria-label={`${t('common:action.edit')} ${row.name}`} onClick={() => setEdited(row)}>
                  {t('common:action.edit')}
                </Button>
              ),
            },
          ]}
        />
      </div>
      {edited && <TypeForm type={edited === 'new' ? undefined : edited} close={() => setEdited(null)} />}
    </>
  )
}

const KINDS: Schemas['AttributeType'][] = ['text', 'integer', 'decimal', 'date', 'boolean', 'choice']

function TypeForm({ type, close }: { type: Type | undefined; close: () => void }) {
  const { t } = useTranslation('settings')
  const [form] = Form.useForm()
  const required = [{ required: true, message: t('common:required') }]
  const act = useAct(
    (values: { code: string; name: string; active: boolean; attributes?: Schemas['Attribute'][] }): Promise<unknown> => {
      const attributes = (values.attributes ?? []).map((one) => ({
        ...one,
        required: one.required ?? false,
        choices: one.type === 'choice' ? (one.choices ?? []) : [],
      }))
      if (!type) return take(api.POST('/api/v1/equipment-types', { body: { code: values.code, name: values.name, attributes } }))
      return take(
        api.PATCH('/api/v1/equipment-types/{id}', {
          params: { path: { id: type.id }, header: ifMatch(type.version) },
          body: { name: values.name, active: values.active, attributes },
        }),
      )
    },
    { form, said: t('common:said.saved'), done: close },
  )
  return (
    <Modal
      open
      title={type?.name ?? t('types.new')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('common:action.save')}
      okButtonProps={{ loading: act.isPending }}
      width={720}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ name: type?.name, code: type?.code, active: type?.active ?? true, attributes: type?.attributes ?? [] }}
        onFinish={(values) => act.mutate(values)}
      >
        <Form.Item name="name" label={t('name')} rules={required}>
          <Input maxLength={60} autoFocus />
        </Form.Item>
        {type ? (
          <Form.Item name="active" label={t('active')} valuePropName="checked">
            <Switch />
          </Form.Item>
        ) : (
          <Form.Item name="code" label={t('code')} rules={required}>
            <Input maxLength={40} />
          </Form.Item>
        )}
        <h2>{t('types.attributes')}</h2>
        <Form.List name="attributes">
          {(fields, { add, remove }) => (
            <>
              {fields.map(({ key, name }) => (
                <div key={key} className="row" style={{ marginTop: 8 }}>
                  <Form.Item name={[name, 'label']} noStyle rules={required}>
                    <Input aria-label={t('types.label')} placeholder={t('types.label')} style={{ width: 140 }} />
                  </Form.Item>
                  <Form.Item name={[name, 'key']} noStyle rules={required}>
                    <Input aria-label={t('types.key')} placeholder={t('types.key')} style={{ width: 120 }} />
                  </Form.Item>
                  <Form.Item name={[name, 'type']} noStyle rules={required}>
                    <Select
                      aria-label={t('types.kind')}
                      style={{ width: 110 }}
                      options={KINDS.map((value) => ({ value, label: t(`types.kinds.${value}`) }))}
                    />
                  </Form.Item>
                  <Form.Item noStyle shouldUpdate>
                    {({ getFieldValue }) =>
                      getFieldValue(['attributes', name, 'type']) === 'choice' && (
                        <Form.Item name={[name, 'choices']} noStyle rules={required}>
                          <Select
                            mode="tags"
                            open={false}
                            aria-label={t('types.choices')}
                            placeholder={t('types.choices')}
                            style={{ minWidth: 140 }}
                          />
                        </Form.Item>
                      )
                    }
                  </Form.Item>
                  <Form.Item name={[name, 'required']} noStyle valuePropName="checked">
                    <Checkbox>{t('types.required')}</Checkbox>
                  </Form.Item>
                  <Button type="text" aria-label={t('common:action.remove')} icon={<DeleteOutlined />} onClick={() => remove(name)} />
                </div>
              ))}
              <Button style={{ marginTop: 8 }} icon={<PlusOutlined />} onClick={() => add({ type: 'text' })}>
                {t('types.add')}
              </Button>
            </>
          )}
        </Form.List>
      </Form>
    </Modal>
  )
}

/** What inventory agents log in with. */
export function Credentials() {
  const { t } = useTranslation('settings')
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<Schemas['NewCredentialView'] | null>(null)
  const [form] = Form.useForm()
  const list = useQuery({ queryKey: ['credentials'], queryFn: () => take(api.GET('/api/v1/inventory-credentials')) })
  const make = useAct((body: Schemas['CreateCredential']) => take(api.POST('/api/v1/inventory-credentials', { body })), {
    form,
    done: (view) => {
      setOpen(false)
      setMade(view)
    },
  })
  const revoke = useAct((id: string) => take(api.DELETE('/api/v1/inventory-credentials/{id}', { params: { path: { id } } })), {
    said: t('common:said.done'),
  })
  if (list.isError) return <ProblemAlert error={list.error} retry={list.refetch} />
  if (!list.data) return <Loading rows={3} />
  return (
    <>
      <div className="row" style={{ justifyContent: 'space-between', marginBottom: 12 }}>
        <span className="faint">{t('agents.text')}</span>
        <Button type="primary" onClick={() => setOpen(true)}>
          {t('agents.new')}
        </Button>
      </div>
      <ul className="plain">
        {list.data.items.map((one) => (
          <li key={one.id} className="row" style={{ marginBottom: 10 }}>
            <span className="grow">
              {one.name} <code>{one.user_name}</code>
              <div className="faint">
                {t('agents.used')} <Ago at={one.last_used_at} />
              </div>
            </span>
            <Button size="small" danger loading={revoke.isPending} onClick={() => revoke.mutate(one.id)}>
              {t('agents.revoke')}
            </Button>
          </li>
        ))}
      </ul>
      {list.data.items.length === 0 && <p className="faint">{t('agents.none')}</p>}
      <Modal
        open={open}
        title={t('agents.new')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: make.isPending }}
        destroyOnHidden
      >
        <Form form={form} layout="vertical" preserve={false} onFinish={(values) => make.mutate(values)}>
          <Form.Item name="name" label={t('name')} rules={[{ required: true, message: t('common:required') }]}>
            <Input maxLength={60} placeholder={t('agents.hint')} autoFocus />
          </Form.Item>
        </Form>
      </Modal>
      <Modal
        open={made !== null}
        title={t('agents.made')}
        onOk={() => setMade(null)}
        onCancel={() => setMade(null)}
        cancelButtonProps={{ style: { display: 'none' } }}
        mask={{ closable: false }}
        width={640}
      >
        {made && (
          <>
            <Alert type="warning" showIcon title={t('agents.once')} style={{ marginBottom: 12 }} />
            <Facts
              items={[
                [
                  t('agents.user'),
                  <Typography.Text key="u" copyable code>
                    {made.user_name}
                  </Typography.Text>,
                ],
                [
                  t('agents.secret'),
                  <Typography.Text key="s" copyable code>
                    {made.secret}
                  </Typography.Text>,
                ],
              ]}
            />
            <pre
              className="raw"
              style={{ marginTop: 12 }}
            >{`fusioninventory-agent --server ${location.origin}/inventory --user ${made.user_name} --password '${made.secret}'`}</pre>
          </>
        )}
      </Modal>
    </>
  )
}
