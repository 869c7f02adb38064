import { DownloadOutlined, UploadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Dropdown, Modal, Popconfirm, Table } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, download, ifMatch, send, take } from '../api/client'
import { ProblemError, type Schemas } from '../api/problem'
import { ProblemAlert, useAct } from './problem'
import { At } from './time'

/** Saves a list as a file, with the filters of the page. */
export function ExportButton({ path, query }: { path: string; query: Record<string, unknown> }) {
  const { t } = useTranslation()
  const act = useAct((format: string) => {
    const parameters = new URLSearchParams({ format })
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined && one !== null && one !== '') parameters.append(name, String(one))
    }
    return download(`${path}?${parameters}`, `export.${format}`)
  })
  const items = ['xlsx', 'csv', 'ndjson'].map((format) => ({ key: format, label: t(`export.${format}`) }))
  return (
    <Dropdown menu={{ items, onClick: ({ key }) => act.mutate(key) }} trigger={['click']}>
      <Button icon={<DownloadOutlined />} loading={act.isPending}>
        {t('export.title')}
      </Button>
    </Dropdown>
  )
}

async function put(path: string, file: File, dry: boolean): Promise<Schemas['ImportReport']> {
  const url = new URL(`${path}?dry_run=${dry}`, location.origin)
  const type = file.name.endsWith('.xlsx') ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv'
  const response = await send(new Request(url, { method: 'POST', body: file, headers: { 'content-type': type } }))
  const body = await response.json()
  if (!response.ok) throw new ProblemError(body)
  return body
}

/** What can be imported, and taken back. */
type Collection = '/api/v1/org-units' | '/api/v1/people' | '/api/v1/equipment'

/** Reads a sheet in: first it says what would happen and which rows are wrong, then it does it. Imports that were made stand below. */
export function ImportButton({ path, columns, title }: { path: Collection; columns: string; title?: string }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [file, setFile] = useState<File | null>(null)
  const [report, setReport] = useState<Schemas['ImportReport'] | null>(null)
  const again = () => {
    setFile(null)
    setReport(null)
  }
  const check = useAct((chosen: File) => put(`${path}/import`, chosen, true), { done: setReport })
  const act = useAct((chosen: File) => put(`${path}/import`, chosen, false), { said: t('import.done'), done: again })
  const ready = report && report.errors.length === 0 && report.created + report.updated > 0
  return (
    <>
      <Button icon={<UploadOutlined />} onClick={() => setOpen(true)}>
        {title ?? t('import.title')}
      </Button>
      <Modal
        open={open}
        title={report ? t('import.check', { name: file?.name }) : (title ?? t('import.title'))}
        onCancel={() => setOpen(false)}
        afterClose={again}
        width={720}
        destroyOnHidden
        footer={
          report && (
            <>
              <Button onClick={again}>{t('import.other')}</Button>
              <Button type="primary" disabled={!ready} loading={act.isPending} onClick={() => file && act.mutate(file)}>
                {t('import.do')}
              </Button>
            </>
          )
        }
      >
        {report ? (
          <Checked report={report} />
        ) : (
          <>
            <p>{t('import.columns', { columns })}</p>
            <Choose
              busy={check.isPending}
              chosen={(chosen) => {
                setFile(chosen)
                check.mutate(chosen)
              }}
            />
            <Made path={path} />
          </>
        )}
      </Modal>
    </>
  )
}

function Choose({ busy, chosen }: { busy: boolean; chosen: (file: File) => void }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button type="primary" icon={<UploadOutlined />} loading={busy} onClick={() => input.current?.click()}>
        {t('import.choose')}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".csv,.xlsx"
        hidden
        aria-label={t('import.choose')}
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) chosen(file)
        }}
      />
    </>
  )
}

function Checked({ report }: { report: Schemas['ImportReport'] }) {
  const { t } = useTranslation()
  return (
    <>
      <p>{t('import.summary', { rows: report.rows, created: report.created, updated: report.updated, unchanged: report.unchanged })}</p>
      {report.errors.length > 0 && (
        <>
          <Alert type="error" title={t('import.wrong', { count: report.errors.length })} showIcon />
          <Table
            size="small"
            rowKey={(row) => `${row.row}-${row.column}`}
            dataSource={report.errors}
            pagination={report.errors.length > 10 ? { pageSize: 10 } : false}
            columns={[
              { title: t('import.row'), dataIndex: 'row', width: 70 },
              { title: t('import.column'), dataIndex: 'column', width: 140 },
              { title: t('import.reason'), dataIndex: 'detail' },
            ]}
          />
        </>
      )}
    </>
  )
}

/** The last imports, with what can be taken back. */
function Made({ path }: { path: Collection }) {
  const { t } = useTranslation()
  const { modal } = App.useApp()
  const made = useQuery({
    queryKey: [path, 'imports'],
    queryFn: () => take(api.GET(`${path}/imports`, { params: { query: { limit: 5 } } })),
  })
  const undo = useAct(
    ({ id, version }: Schemas['Imported']) =>
      take(api.POST(`${path}/imports/{id}/undo`, { params: { path: { id }, header: ifMatch(version) } })),
    {
      done: ({ undone, kept }) =>
        modal.info({
          title: t('import.undone', { count: undone }),
          width: 560,
          content: kept.length > 0 && (
            <>
              <p>{t('import.kept', { count: kept.length })}</p>
              <ul style={{ maxHeight: 240, overflow: 'auto', paddingInlineStart: 20 }}>
                {kept.map((one) => (
                  <li key={one.id}>
                    {one.name} <span className="faint">{one.detail}</span>
                  </li>
                ))}
              </ul>
            </>
          ),
        }),
    },
  )
  if (made.isError) return <ProblemAlert error={made.error} retry={made.refetch} />
  if (!made.data || made.data.items.length === 0) return null
  return (
    <>
      <h3 style={{ fontSize: 14, marginBlock: '24px 8px' }}>{t('import.made')}</h3>
      <ul className="plain">
        {made.data.items.map((one) => (
          <li key={one.id} className="row" style={{ minHeight: 40 }}>
            <span className="grow">
              <At at={one.at} /> {one.by.name}{' '}
              <span className="faint">{t('import.counts', { created: one.created, updated: one.updated })}</span>
            </span>
            {one.remaining === 0 ? (
              <span className="faint">{t('import.gone')}</span>
            ) : (
              <Popconfirm title={t('import.undo_sure')} okText={t('import.undo')} onConfirm={() => undo.mutateAsync(one)}>
                <Button size="small">{t('import.undo')}</Button>
              </Popconfirm>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
