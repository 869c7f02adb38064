import { DownloadOutlined, UploadOutlined } from '@ant-design/icons'
import { Alert, Button, Dropdown, Modal, Table } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { download, send } from '../api/client'
import { ProblemError, type Schemas } from '../api/problem'
import { useAct } from './problem'

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

/** Reads a sheet in: first it says what would happen and which rows are wrong, then it does it. */
export function ImportButton({ path, columns, title }: { path: string; columns: string; title?: string }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const [report, setReport] = useState<Schemas['ImportReport'] | null>(null)
  const check = useAct((chosen: File) => put(path, chosen, true), { done: setReport })
  const close = () => {
    setFile(null)
    setReport(null)
  }
  const act = useAct((chosen: File) => put(path, chosen, false), { said: t('import.done'), done: close })
  const changes = report ? report.created + report.updated : 0
  return (
    <>
      <Button icon={<UploadOutlined />} loading={check.isPending} onClick={() => input.current?.click()}>
        {title ?? t('import.title')}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".csv,.xlsx"
        hidden
        aria-label={t('import.title')}
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          event.target.value = ''
          if (!chosen) return
          setFile(chosen)
          check.mutate(chosen)
        }}
      />
      <Modal
        open={report !== null}
        title={t('import.check', { name: file?.name })}
        onCancel={close}
        okText={t('import.do')}
        okButtonProps={{ disabled: !report || report.errors.length > 0 || changes === 0, loading: act.isPending }}
        onOk={() => file && act.mutate(file)}
        width={720}
      >
        {report && (
          <>
            <p>
              {t('import.summary', { rows: report.rows, created: report.created, updated: report.updated, unchanged: report.unchanged })}
            </p>
            {report.errors.length > 0 ? (
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
            ) : (
              <p className="faint">{t('import.columns', { columns })}</p>
            )}
          </>
        )}
      </Modal>
    </>
  )
}
