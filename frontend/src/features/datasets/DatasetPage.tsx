import { KeyOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Alert, App, Button, Form, Input, Tabs } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action, may } from '@/shared/api/allowed'
import { api, take } from '@/shared/api/client'
import { holds, useMe } from '@/shared/me'
import { FormModal } from '@/shared/ui/FormModal'
import { Facts, Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { ClassificationDot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { useWords } from '../records/words'
import { type Detail, move, useDataset, useGrants } from './api'
import { DatasetForm } from './DatasetForm'
import { GiveForm } from './GiveForm'
import { Grants } from './Grants'

/** The process by which access is asked for, and what its form calls what is known here. */
const ACCESS = 'data-access'
const CLASS_WORDS = { public: '公开', internal: '内部', confidential: '秘密', secret: '机密' } as const

/** A data set: what it is, who may use it, what was done with it. */
export function DatasetPage() {
  const { t } = useTranslation('datasets')
  const { id = '' } = useParams({ strict: false })
  const found = useDataset(id)
  const [form, setForm] = useState<'edit' | 'give' | 'retire' | null>(null)
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={10} />
  const item = found.data
  const close = () => setForm(null)
  return (
    <>
      <PageHeader
        title={item.name}
        under={
          <span className="row" style={{ gap: '4px 14px' }}>
            <ClassificationDot of={item.classification} />
            <span>{item.number}</span>
            <span>{item.unit.name}</span>
          </span>
        }
        extra={
          <>
            {item.state === 'active' && <AskButton item={item} />}
            {may(item, 'give') && <Button onClick={() => setForm('give')}>{t('grant.give')}</Button>}
            {may(item, 'update') && <Button onClick={() => setForm('edit')}>{t('common:action.edit')}</Button>}
            <StateButton item={item} retire={() => setForm('retire')} />
          </>
        }
      />
      {item.state === 'retired' && <Alert type="warning" showIcon title={t('retired')} style={{ marginBottom: 12 }} />}
      <div className="two">
        <Section title={t('facts')}>
          <Known item={item} />
        </Section>
        <Section>
          <Inside item={item} />
        </Section>
      </div>
      {form === 'edit' && <DatasetForm item={item} close={close} />}
      {form === 'give' && <GiveForm item={item} close={close} />}
      {form === 'retire' && <RetireForm item={item} close={close} />}
    </>
  )
}

function Known({ item }: { item: Detail }) {
  const { t } = useTranslation('datasets')
  const { inside } = item
  return (
    <>
      <Facts
        items={[
          [t('field.classification'), <ClassificationDot key="c" of={item.classification} />],
          [t('field.unit'), item.unit.name],
          [t('field.state'), t(`state.${item.state}`)],
          ...(inside
            ? ([
                [t('field.custodian'), inside.custodian.name],
                [t('field.purpose'), inside.purpose],
                [t('field.location'), inside.location],
                [t('field.created_at'), <At key="a" at={inside.created_at} />],
              ] as [string, React.ReactNode][])
            : []),
        ]}
      />
      {!inside && <p className="faint">{t('closed')}</p>}
    </>
  )
}

function Inside({ item }: { item: Detail }) {
  const { t } = useTranslation('datasets')
  const me = useMe()
  const grants = useGrants({ dataset_id: item.id, ...(!item.grants_visible && { lens: 'mine' as const }) })
  return (
    <Tabs
      items={[
        { key: 'grants', label: item.grants_visible ? t('grants') : t('my_grants'), children: <Grants pages={grants} /> },
        ...(holds(me, 'records.read') ? [{ key: 'records', label: t('records'), children: <History id={item.id} /> }] : []),
      ]}
    />
  )
}

/** What was done with it, cases that named it among that. */
function History({ id }: { id: string }) {
  const { t } = useTranslation('datasets')
  const words = useWords()
  const pages = useInfiniteQuery({
    queryKey: ['records', 'dataset', id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/v1/records', { params: { query: { subject_id: id, outcome: 'success', limit: 20, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (!pages.data) return <Loading rows={4} />
  const rows = pages.data.pages.flatMap((page) => page.items)
  if (rows.length === 0) return <Nothing text={t('no_records')} />
  return (
    <>
      <ol className="timeline">
        {rows.map((row) => (
          <li key={row.id}>
            <Link to="/records" search={{ subject_id: id, record: row.id } as never}>
              {words.action(row.action)}
            </Link>
            <div>
              {row.subject.kind === 'case' ? (
                <Link to="/cases/$id" params={{ id: row.subject.id }}>
                  {row.subject.label}
                </Link>
              ) : (
                row.subject.label
              )}
            </div>
            <div className="faint">
              {words.actor(row.actor)} · <At at={row.time} />
            </div>
          </li>
        ))}
      </ol>
      <More pages={pages} />
    </>
  )
}

/** Asks for access, where the company has a process for that. */
function AskButton({ item }: { item: Detail }) {
  const { t } = useTranslation('datasets')
  const me = useMe()
  const uses = holds(me, 'processes.use')
  const startable = useQuery({
    queryKey: ['processes', 'list', { startable: true }],
    enabled: uses,
    staleTime: 60_000,
    queryFn: () => take(api.GET('/api/v1/processes', { params: { query: { startable: true } } })),
  })
  const process = startable.data?.items.find((one) => one.key === ACCESS)
  if (!process) return null
  const filled = { 'data.数据集': item.id, 'data.数据密级': CLASS_WORDS[item.classification], 'data.归口部门': item.unit.id }
  return (
    <Link to="/start/$id" params={{ id: process.id }} search={filled as never}>
      <Button type="primary" icon={<KeyOutlined />}>
        {t('ask')}
      </Button>
    </Link>
  )
}

function StateButton({ item, retire }: { item: Detail; retire: () => void }) {
  const { t } = useTranslation('datasets')
  const { modal } = App.useApp()
  const act = useAct(() => move(item, { action: 'restore' }), { said: t('restored') })
  if (!may(item, 'update')) return null
  if (item.state === 'retired') {
    const ask = () => modal.confirm({ title: t('restore_sure', { name: item.name }), onOk: () => act.mutateAsync(undefined) })
    return <Button onClick={ask}>{t('restore')}</Button>
  }
  const possible = action(item, 'retire')
  return (
    <Button disabled={!possible?.allowed} title={possible?.reason_text ?? undefined} onClick={retire}>
      {t('retire')}
    </Button>
  )
}

function RetireForm({ item, close }: { item: Detail; close: () => void }) {
  const { t } = useTranslation('datasets')
  const [form] = Form.useForm<{ reason: string }>()
  const act = useAct(({ reason }: { reason: string }) => move(item, { action: 'retire', reason }), {
    form,
    said: t('said_retired'),
    done: close,
  })
  return (
    <FormModal
      form={form}
      danger
      title={t('retire_title', { name: item.name })}
      ok={t('retire')}
      busy={act.isPending}
      finish={(values) => act.mutate(values)}
      close={close}
    >
      <Form.Item name="reason" label={t('field.reason')} rules={[{ required: true, whitespace: true, message: t('common:required') }]}>
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
    </FormModal>
  )
}
