import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Select, Switch, Table } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { Loading } from '@/shared/ui/layout'
import { UnitSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'

type Category = Schemas['CategoryView']

export function Categories() {
  const { t } = useTranslation('settings')
  const [edited, setEdited] = useState<Category | 'new' | null>(null)
  const list = useQuery({ queryKey: ['categories'], queryFn: () => take(api.GET('/api/v1/ticket-categories')) })
  if (list.isError) return <ProblemAlert error={list.error} retry={list.refetch} />
  if (!list.data) return <Loading rows={4} />
  return (
    <>
      <div className="row" style={{ justifyContent: 'space-between', marginBottom: 12 }}>
        <span className="faint">{t('categories.text')}</span>
        <Button type="primary" onClick={() => setEdited('new')}>
          {t('categories.new')}
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
            {
              title: t('categories.kind'),
              key: 'kind',
              render: (row: Category) => (row.kind ? t(`common:kind.${row.kind}`) : t('common:all')),
            },
            { title: t('categories.unit'), key: 'unit', render: (row: Category) => row.default_unit?.name ?? '—' },
            { title: t('active'), key: 'active', render: (row: Category) => (row.active ? t('common:yes') : t('common:no')) },
            {
              title: t('common:action.edit'),
              key: 'edit',
              align: 'right',
              render: (row: Category) => (
                <Button size="small" aria-label={`${t('common:action.edit')} ${row.name}`} onClick={() => setEdited(row)}>
                  {t('common:action.edit')}
                </Button>
              ),
            },
          ]}
        />
      </div>
      {edited && <CategoryForm category={edited === 'new' ? undefined : edited} close={() => setEdited(null)} />}
    </>
  )
}

function CategoryForm({ category, close }: { category: Category | undefined; close: () => void }) {
  const { t } = useTranslation('settings')
  const [form] = Form.useForm()
  const act = useAct(
    (values: { name: string; kind?: Schemas['TicketType']; default_unit_id?: string; active: boolean }): Promise<unknown> => {
      const body = { name: values.name, kind: values.kind ?? null, default_unit_id: values.default_unit_id ?? null }
      if (!category) return take(api.POST('/api/v1/ticket-categories', { body }))
      return take(
        api.PATCH('/api/v1/ticket-categories/{id}', {
          params: { path: { id: category.id }, header: ifMatch(category.version) },
          body: { ...body, active: values.active },
        }),
      )
    },
    { form, said: t('common:said.saved'), done: close },
  )
  return (
    <Modal
      open
      title={category?.name ?? t('categories.new')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('common:action.save')}
      okButtonProps={{ loading: act.isPending }}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{
          name: category?.name,
          kind: category?.kind,
          default_unit_id: category?.default_unit?.id,
          active: category?.active ?? true,
        }}
        onFinish={(values) => act.mutate(values)}
      >
        <Form.Item name="name" label={t('name')} rules={[{ required: true, message: t('common:required') }]}>
          <Input maxLength={60} autoFocus />
        </Form.Item>
        <Form.Item name="kind" label={t('categories.kind')}>
          <Select
            allowClear
            placeholder={t('common:all')}
            options={(['fault', 'request', 'incident', 'consultation'] as const).map((value) => ({
              value,
              label: t(`common:kind.${value}`),
            }))}
          />
        </Form.Item>
        <Form.Item name="default_unit_id" label={t('categories.unit')} extra={t('categories.unit_help')}>
          <UnitSelect allowClear />
        </Form.Item>
        {category && (
          <Form.Item name="active" label={t('active')} valuePropName="checked">
            <Switch />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
