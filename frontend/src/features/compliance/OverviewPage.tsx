import { PrinterOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Table } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, PageHeader, Section, usePhone } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { useOverview, useRegulations } from './api'
import { NumbersLine, Trend, VERDICTS, VerdictDot } from './Standing'

type Standing = Schemas['StandingView']

/** How all regulations stand, for whoever leads: what is bad first. */
export function OverviewPage() {
  const { t } = useTranslation('compliance')
  const me = useMe()
  const found = useOverview()
  const all = useRegulations()
  const manages = holds(me, 'compliance.manage')
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={10} />
  const { regulations, worst, trend, log_size } = found.data
  const waiting = all.data?.items.filter((one) => one.state === 'proposed') ?? []
  return (
    <>
      <PageHeader
        title={t('title')}
        under={t('under', { n: log_size })}
        extra={
          <>
            <Link to="/compliance/obligations" search={{ unsettled: true } as never}>
              <Button>{t('obligations.title')}</Button>
            </Link>
            <Link to="/compliance/waivers">
              <Button>{t('waivers.title')}</Button>
            </Link>
            <Link to="/compliance/coverage">
              <Button>{t('coverage.title')}</Button>
            </Link>
            <Button icon={<PrinterOutlined />} onClick={() => print()}>
              {t('print')}
            </Button>
            {manages && (
              <Link to="/compliance/propose">
                <Button type="primary">{t('propose.title')}</Button>
              </Link>
            )}
          </>
        }
      />
      {waiting.map((one) => (
        <Alert
          key={one.id}
          type="info"
          showIcon
          style={{ marginBottom: 12 }}
          title={
            <Link to="/compliance/regulations/$id" params={{ id: one.id }}>
              {t('waiting', { title: one.title, edition: one.edition, name: one.proposed_by })}
            </Link>
          }
        />
      ))}
      {regulations.length === 0 ? (
        <Section>
          <Nothing text={t('empty')}>
            {manages && (
              <Link to="/compliance/propose">
                <Button type="primary">{t('propose.title')}</Button>
              </Link>
            )}
          </Nothing>
        </Section>
      ) : (
        <>
          <Section title={t('regulations')}>
            <Regulations rows={regulations} />
          </Section>
          {worst.length > 0 && (
            <Section title={t('worst')}>
              <ul className="plain linked">
                {worst.map((one) => (
                  <li key={one.regulation_id + one.clause}>
                    <Link to="/compliance/regulations/$id/$clause" params={{ id: one.regulation_id, clause: one.clause }}>
                      {one.clause}
                    </Link>{' '}
                    {one.text} <NumbersLine numbers={one.numbers} />
                  </li>
                ))}
              </ul>
            </Section>
          )}
          <Section title={t('trend')}>
            <Trend stretches={trend} />
          </Section>
          <Section title={t('units')}>
            <Units rows={regulations} />
          </Section>
        </>
      )}
    </>
  )
}

function Verdicts({ row }: { row: Standing }) {
  return (
    <span className="row">
      {VERDICTS.filter((verdict) => row.clauses[verdict]).map((verdict) => (
        <span key={verdict}>
          <VerdictDot verdict={verdict} /> {row.clauses[verdict]}
        </span>
      ))}
    </span>
  )
}

function Regulations({ rows }: { rows: Standing[] }) {
  const { t } = useTranslation('compliance')
  const phone = usePhone()
  if (phone)
    return (
      <ul className="cards">
        {rows.map((row) => (
          <li key={row.id}>
            <Link to="/compliance/regulations/$id" params={{ id: row.id }} className="card">
              <span className="title">{row.title}</span>
              <Verdicts row={row} />
              <NumbersLine numbers={row.numbers} />
            </Link>
          </li>
        ))}
      </ul>
    )
  return (
    <div className="scroller">
      <Table
        size="small"
        rowKey="id"
        dataSource={rows}
        pagination={false}
        columns={[
          {
            title: t('field.regulation'),
            key: 'title',
            render: (row: Standing) => (
              <Link to="/compliance/regulations/$id" params={{ id: row.id }}>
                {row.title} <span className="faint">{row.edition}</span>
              </Link>
            ),
          },
          { title: t('field.clauses'), key: 'clauses', render: (row: Standing) => <Verdicts row={row} /> },
          { title: t('field.numbers'), key: 'numbers', render: (row: Standing) => <NumbersLine numbers={row.numbers} /> },
        ]}
      />
    </div>
  )
}

/** Regulations × units: what nobody has settled, of how many duties. */
function Units({ rows }: { rows: Standing[] }) {
  const { t } = useTranslation('compliance')
  const units = new Map<string, string>()
  for (const row of rows) for (const { unit } of row.units) units.set(unit?.id ?? '', unit?.name ?? t('no_unit'))
  const cell = (row: Standing, id: string) => row.units.find(({ unit }) => (unit?.id ?? '') === id)?.numbers
  const all = [...units]
    .map(([id, name]) => ({ id, name, bad: rows.reduce((sum, row) => sum + (cell(row, id)?.unsettled ?? 0), 0) }))
    .sort((one, other) => other.bad - one.bad || one.name.localeCompare(other.name))
  return (
    <div className="scroller">
      <table className="changes">
        <thead>
          <tr>
            <th>{t('field.unit')}</th>
            {rows.map((row) => (
              <th key={row.id}>{row.title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map(({ id, name }) => (
            <tr key={id}>
              <td>{name}</td>
              {rows.map((row) => {
                const numbers = cell(row, id)
                return <td key={row.id}>{numbers ? <NumbersLine numbers={numbers} /> : <span className="faint">—</span>}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
