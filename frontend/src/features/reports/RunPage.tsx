import { DownloadOutlined } from '@ant-design/icons'
import { useParams } from '@tanstack/react-router'
import { Alert, Button, Pagination, Popconfirm, Space, Spin, Table } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { download } from '@/shared/api/client'
import { Facts, Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { At } from '@/shared/ui/time'
import { discard, type Run, repeat, useRows, useRun } from './api'
import { StateDot } from './Runs'
import { Span } from './Span'
import { isNumber, shown } from './show'

const ROWS = 100
const FORMATS = ['xlsx', 'pdf', 'csv', 'json'] as const
/** What tools of auditors read. */
const COMPLIANCE = [...FORMATS, 'oscal'] as const

/** One run: what it says, as a table and as files, and that it can be computed again. */
export function RunPage() {
  const { t } = useTranslation('reports')
  const { id } = useParams({ strict: false }) as { id: string }
  const run = useRun(id)
  if (run.isError) return <ProblemAlert error={run.error} retry={run.refetch} />
  if (!run.data) return <Loading />
  const made = run.data.state === 'made'
  return (
    <>
      <PageHeader title={run.data.title} extra={made && <Files run={run.data} />} under={<StateDot run={run.data} />} />
      {run.data.state === 'queued' && (
        <Section>
          <Spin /> <span role="status">{t('run.being_made')}</span>
        </Section>
      )}
      {run.data.reason && <Alert type="error" showIcon title={run.data.reason_text} style={{ marginBottom: 12 }} />}
      <About run={run.data} />
      {made && <Rows run={run.data} />}
    </>
  )
}

function Files({ run }: { run: Run }) {
  const { t } = useTranslation('reports')
  const save = useAct((format: string) => download(`/api/v1/report-runs/${run.id}/file?format=${format}`, `${run.report}.${format}`))
  return (
    <Space wrap>
      {(run.report === 'compliance' ? COMPLIANCE : FORMATS).map((format, place) => (
        <Button
          key={format}
          type={place === 0 ? 'primary' : 'default'}
          icon={<DownloadOutlined />}
          loading={save.isPending && save.variables === format}
          onClick={() => save.mutate(format)}
          aria-label={t('run.download', { format: t(`format.${format}`) })}
        >
          {t(`format.${format}`)}
        </Button>
      ))}
    </Space>
  )
}

function About({ run }: { run: Run }) {
  const { t } = useTranslation('reports')
  const again = useAct(() => repeat(run.id))
  const drop = useAct(discard, { said: t('run.discarded') })
  return (
    <Section
      title={t('run.about')}
      extra={
        <Space wrap>
          {(run.state === 'made' || run.state === 'discarded') && (
            <Button loading={again.isPending} onClick={() => again.mutate(undefined)}>
              {t('run.repeat')}
            </Button>
          )}
          {action(run, 'discard')?.allowed && (
            <Popconfirm title={t('run.discard_sure')} okText={t('run.discard')} onConfirm={() => drop.mutateAsync(run)}>
              <Button danger>{t('run.discard')}</Button>
            </Popconfirm>
          )}
        </Space>
      }
    >
      <Facts
        items={[
          [t('field.time'), <Span key="span" run={run} />],
          [t('field.unit'), run.unit?.name ?? t('company')],
          [
            t('field.asked'),
            <span key="asked">
              {run.requested_by} <At at={run.requested_at} />
            </span>,
          ],
          [t('field.log_size'), run.log_size],
          [t('field.rows'), run.rows],
          [
            t('field.hash'),
            run.content_hash && (
              <code key="hash" style={{ overflowWrap: 'anywhere' }}>
                {run.content_hash}
              </code>
            ),
          ],
        ]}
      />
      {again.data && (
        <Alert
          type={again.data.same ? 'success' : 'warning'}
          showIcon
          role="status"
          title={t(again.data.same ? 'run.same' : 'run.differs')}
          description={again.data.same ? undefined : again.data.content_hash}
        />
      )}
      {again.isError && <ProblemAlert error={again.error} />}
    </Section>
  )
}

function Rows({ run }: { run: Run }) {
  const { t, i18n } = useTranslation('reports')
  const [page, setPage] = useState(1)
  const rows = useRows(run.id, (page - 1) * ROWS, ROWS, true)
  const english = i18n.language === 'en'
  if (rows.isError) return <ProblemAlert error={rows.error} retry={rows.refetch} />
  if (!rows.data) return <Loading />
  if (rows.data.total === 0)
    return (
      <Section>
        <Nothing text={t('run.empty')} />
      </Section>
    )
  const columns = rows.data.columns.map((column, place) => ({
    key: column.key,
    title: english ? column.en : column.zh,
    align: isNumber(column) ? ('right' as const) : ('left' as const),
    render: (_: unknown, row: { values: unknown[] }) => <span className="cell">{shown(column, row.values[place], english)}</span>,
  }))
  return (
    <Section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="scroller" tabIndex={0}>
        <Table
          size="small"
          rowKey="key"
          loading={rows.isFetching}
          dataSource={rows.data.rows.map((values, place) => ({ key: place, values }))}
          columns={columns}
          pagination={false}
          style={{ width: 'max-content', minWidth: '100%' }}
        />
      </div>
      {rows.data.total > ROWS && (
        <Pagination
          style={{ marginTop: 12 }}
          current={page}
          total={rows.data.total}
          pageSize={ROWS}
          showSizeChanger={false}
          onChange={setPage}
          showTotal={(total) => t('runs.rows', { count: total })}
        />
      )}
    </Section>
  )
}
