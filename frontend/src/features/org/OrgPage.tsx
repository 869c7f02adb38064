import { PlusOutlined } from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Form, Input, Modal, Select, Table, Tree } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Words } from '@/shared/ui/filters'
import { Loading, Nothing, PageHeader, Section, usePhone } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { PersonSelect, treeOf, UnitSelect, useUnits } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { ImportButton } from '@/shared/ui/sheets'
import { InitialPassword } from './InitialPassword'

type Unit = Schemas['OrgUnitView']
type Person = Schemas['PersonView']

/** The tree of companies and units, and who works where. */
export function OrgPage() {
  const { t } = useTranslation('org')
  const me = useMe()
  const go = useNavigate()
  const phone = usePhone()
  const search = useSearch({ strict: false }) as { unit?: string; q?: string; inactive?: string }
  const change = (next: Record<string, unknown>) => go({ to: '/org', search: { ...search, ...next } as never, replace: true })
  const units = useUnits()
  const unit = units.data?.items.find((one) => one.id === search.unit)
  const tree = useMemo(() => treeOf(units.data?.items ?? []), [units.data])
  const roots = tree.map((node) => node.value)
  const manages = holds(me, 'org.manage')
  const hires = holds(me, 'people.manage')
  return (
    <>
      <PageHeader
        title={t('title')}
        extra={
          <>
            {manages && <ImportButton path="/api/v1/org-units" columns={t('unit_columns')} title={t('import_units')} />}
            {manages && <UnitForm parent={unit} />}
            {hires && <ImportButton path="/api/v1/people" columns={t('person_columns')} title={t('import_people')} />}
            {hires && <NewPerson unit={unit} />}
          </>
        }
      />
      <div
        style={{ display: 'grid', gap: 12, gridTemplateColumns: phone ? 'minmax(0, 1fr)' : '280px minmax(0, 1fr)', alignItems: 'start' }}
      >
        <Section title={t('units')}>
          {units.isError && <ProblemAlert error={units.error} retry={units.refetch} />}
          {units.isLoading && <Loading />}
          {units.data && (
            <Tree
              aria-label={t('units')}
              blockNode
              defaultExpandedKeys={phone ? [] : units.data.items.map((one) => one.id)}
              key={roots.join()}
              treeData={tree}
              selectedKeys={search.unit ? [search.unit] : []}
              onSelect={([key]) => change({ unit: key })}
            />
          )}
        </Section>
        <div>
          {unit && <UnitCard unit={unit} />}
          <People search={search} change={change} />
        </div>
      </div>
    </>
  )
}

function UnitCard({ unit }: { unit: Unit }) {
  const { t } = useTranslation('org')
  const me = useMe()
  const close = useAct(
    () => take(api.POST('/api/v1/org-units/{id}/close', { params: { path: { id: unit.id }, header: ifMatch(unit.version) } })),
    { said: t('common:said.done') },
  )
  return (
    <Section
      title={unit.name}
      extra={
        holds(me, 'org.manage') && (
          <span className="row">
            <UnitForm unit={unit} />
            {unit.parent_id && (
              <Button size="small" loading={close.isPending} onClick={() => close.mutate(undefined)}>
                {t('close')}
              </Button>
            )}
          </span>
        )
      }
    >
      <span className="faint">
        {unit.code} · {t(`kind.${unit.kind}`)} · {t('head')}: {unit.head?.name ?? '—'}
      </span>
    </Section>
  )
}

function UnitForm({ unit, parent }: { unit?: Unit; parent?: Unit | undefined }) {
  const { t } = useTranslation('org')
  const [open, setOpen] = useState(false)
  const [form] = Form.useForm()
  const required = [{ required: true, message: t('common:required') }]
  const act = useAct(
    (values: { code: string; name: string; kind: Schemas['UnitType']; parent_id?: string; head_id?: string }): Promise<unknown> => {
      if (!unit)
        return take(
          api.POST('/api/v1/org-units', {
            body: { code: values.code, name: values.name, kind: values.kind, parent_id: values.parent_id ?? null },
          }),
        )
      const body = { code: values.code, name: values.name, parent_id: values.parent_id ?? null, head_id: values.head_id ?? null }
      return take(api.PATCH('/api/v1/org-units/{id}', { params: { path: { id: unit.id }, header: ifMatch(unit.version) }, body }))
    },
    { form, said: t('common:said.saved'), done: () => setOpen(false) },
  )
  return (
    <>
      <Button size={unit ? 'small' : 'medium'} onClick={() => setOpen(true)}>
        {unit ? t('common:action.edit') : t('new_unit')}
      </Button>
      <Modal
        open={open}
        title={unit ? t('edit_unit') : t('new_unit')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okText={t('common:action.save')}
        okButtonProps={{ loading: act.isPending }}
        destroyOnHidden
      >
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={{
            code: unit?.code,
            name: unit?.name,
            kind: unit?.kind ?? 'unit',
            parent_id: unit ? unit.parent_id : parent?.id,
            head_id: unit?.head?.id,
          }}
          onFinish={(values) => act.mutate(values)}
        >
          <Form.Item name="name" label={t('name')} rules={required}>
            <Input maxLength={60} autoFocus />
          </Form.Item>
          <Form.Item name="code" label={t('code')} rules={required}>
            <Input maxLength={40} />
          </Form.Item>
          {!unit && (
            <Form.Item name="kind" label={t('kind.title')}>
              <Select options={(['company', 'unit'] as const).map((value) => ({ value, label: t(`kind.${value}`) }))} />
            </Form.Item>
          )}
          {(!unit || unit.parent_id) && (
            <Form.Item name="parent_id" label={t('parent')}>
              <UnitSelect allowClear={!unit} />
            </Form.Item>
          )}
          {unit && (
            <Form.Item name="head_id" label={t('head')}>
              <PersonSelect known={unit.head} allowClear />
            </Form.Item>
          )}
        </Form>
      </Modal>
    </>
  )
}

function NewPerson({ unit }: { unit: Unit | undefined }) {
  const { t } = useTranslation('org')
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<{ name: string; login: string; password: string } | null>(null)
  const [form] = Form.useForm()
  const required = [{ required: true, message: t('common:required') }]
  const act = useAct(
    (values: Schemas['CreatePerson']) =>
      take(
        api.POST('/api/v1/people', {
          body: Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as Schemas['CreatePerson'],
        }),
      ),
    {
      form,
      done: ({ person, initial_password }) => {
        setOpen(false)
        setMade({ name: person.name, login: person.login, password: initial_password })
      },
    },
  )
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t('new_person')}
      </Button>
      <Modal
        open={open}
        title={t('new_person')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okText={t('common:action.save')}
        okButtonProps={{ loading: act.isPending }}
        destroyOnHidden
      >
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={{ unit_id: unit?.id }}
          onFinish={(values) => act.mutate(values)}
        >
          <Form.Item name="name" label={t('person.name')} rules={required}>
            <Input maxLength={60} autoFocus />
          </Form.Item>
          <Form.Item name="login" label={t('person.login')} rules={required}>
            <Input maxLength={40} autoCapitalize="none" />
          </Form.Item>
          <Form.Item name="unit_id" label={t('person.unit')} rules={required}>
            <UnitSelect />
          </Form.Item>
          <Form.Item name="title" label={t('person.title')} rules={required}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="employee_number" label={t('person.employee_number')}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="phone" label={t('person.phone')}>
            <Input maxLength={40} inputMode="tel" />
          </Form.Item>
          <Form.Item name="email" label={t('person.email')}>
            <Input maxLength={120} inputMode="email" />
          </Form.Item>
        </Form>
      </Modal>
      {made && <InitialPassword {...made} close={() => setMade(null)} />}
    </>
  )
}

type Search = { unit?: string; q?: string; inactive?: string }

function People({ search, change }: { search: Search; change: (next: Record<string, unknown>) => void }) {
  const { t } = useTranslation('org')
  const go = useNavigate()
  const phone = usePhone()
  const active = search.inactive !== 'true'
  const pages = useInfiniteQuery({
    queryKey: ['people', 'list', search],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/v1/people', { params: { query: { unit_id: search.unit, q: search.q, active, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Section title={t('people')}>
      <search className="row filters">
        <Words value={search.q} hint={t('common:pick.person')} search={(q) => change({ q })} />
        <Select
          aria-label={t('active.title')}
          value={active}
          onChange={(value) => change({ inactive: value ? undefined : 'true' })}
          options={[
            { value: true, label: t('active.yes') },
            { value: false, label: t('active.no') },
          ]}
        />
      </search>
      {pages.isError && <ProblemAlert error={pages.error} retry={pages.refetch} />}
      {pages.isLoading && <Loading rows={8} />}
      {pages.data && rows.length === 0 && <Nothing text={t('nobody')} />}
      {rows.length > 0 && phone && (
        <ul className="cards">
          {rows.map((row) => (
            <li key={row.id}>
              <Link to="/org/people/$id" params={{ id: row.id }} className="card">
                <span className="title">{row.name}</span>{' '}
                <span className="faint">{[row.main_post?.unit.name, row.main_post?.title].filter(Boolean).join(' · ')}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {rows.length > 0 && !phone && (
        <div className="scroller">
          <Table
            className="clickable"
            size="small"
            rowKey="id"
            dataSource={rows}
            pagination={false}
            onRow={(row) => ({ onClick: () => go({ to: '/org/people/$id', params: { id: row.id } }) })}
            columns={[
              {
                title: t('person.name'),
                key: 'name',
                render: (row: Person) => (
                  <Link to="/org/people/$id" params={{ id: row.id }} style={{ color: 'inherit' }}>
                    {row.name}
                  </Link>
                ),
              },
              { title: t('person.login'), dataIndex: 'login' },
              { title: t('person.unit'), key: 'unit', render: (row: Person) => row.main_post?.unit.name ?? '—' },
              { title: t('person.title'), key: 'title', render: (row: Person) => row.main_post?.title ?? '—' },
              { title: t('person.phone'), key: 'phone', render: (row: Person) => row.phone ?? '—' },
            ]}
          />
        </div>
      )}
      <More pages={pages} />
    </Section>
  )
}
