import { Link, useParams } from '@tanstack/react-router'
import { Alert, Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { acknowledge, useObligations, useRegulations, useRegulationText } from './api'
import { Changes, ToComparison } from './ComparisonPage'
import './compliance.css'

/** The regulations that hold, for everybody to read. */
export function RegulationsPage() {
  const { t } = useTranslation('compliance')
  const found = useRegulations()
  const findings = useObligations({ mine: true })
  const headed = useObligations({ headed: true })
  const mine = findings.data?.pages.flatMap((page) => page.items).filter((one) => one.finding?.state === 'assigned') ?? []
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={6} />
  const rows = found.data.items.filter((one) => one.state === 'in_force')
  return (
    <>
      <PageHeader
        title={t('regulations')}
        under={t('read_under')}
        extra={
          headed.data?.pages.some((page) => page.items.length > 0) && (
            <Link to="/compliance/obligations" search={{ headed: true } as never}>
              <Button>{t('of_my_units')}</Button>
            </Link>
          )
        }
      />
      {mine.length > 0 && (
        <Alert
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={
            <Link to="/compliance/obligations" search={{ mine: true } as never}>
              {t('mine_to_correct', { n: mine.length })}
            </Link>
          }
        />
      )}
      {rows.length === 0 ? (
        <Section>
          <Nothing text={t('empty')} />
        </Section>
      ) : (
        <ul className="cards">
          {rows.map((one) => (
            <li key={one.id}>
              <Link to="/regulations/$id" params={{ id: one.id }} className="card">
                <span className="title">{one.title}</span>
                <span className="row">
                  <Dot
                    colour={one.acknowledged_at ? 'green' : 'orange'}
                    text={t(one.acknowledged_at ? 'have_read' : one.read_before ? 'revised' : 'to_read')}
                  />
                  <span className="faint">
                    {one.edition} · {t('since')} <At at={one.decided_at} />
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** The text of one, and the word that one has read it. */
export function RegulationTextPage() {
  const { t } = useTranslation('compliance')
  const me = useMe()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const found = useRegulationText(id)
  const read = useAct(() => acknowledge(id), { said: t('common:said.done') })
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={10} />
  const one = found.data
  const may = one.allowed_actions.some((action) => action.name === 'acknowledge' && action.allowed)
  // Whoever has read a version before is shown what is new.
  const since = one.acknowledged_at ? null : one.read_before
  return (
    <>
      <PageHeader
        title={one.title}
        under={one.edition}
        extra={
          <>
            {!since && <ToComparison one={one} />}
            {holds(me, 'compliance.read') && (
              <Link to="/compliance/regulations/$id" params={{ id }}>
                <Button>{t('how_it_stands')}</Button>
              </Link>
            )}
            {may && !one.acknowledged_at && (
              <Button type="primary" loading={read.isPending} onClick={() => read.mutate(undefined)}>
                {t('acknowledge')}
              </Button>
            )}
          </>
        }
      />
      {one.acknowledged_at && (
        <Alert
          type="success"
          showIcon
          style={{ marginBottom: 12 }}
          title={
            <>
              {t('have_read')} · <At at={one.acknowledged_at} />
            </>
          }
        />
      )}
      {since && <Changes id={id} since={since} />}
      <Section title={since ? t('whole_text') : undefined}>
        <div className="clauses">
          {one.clause_texts.map((clause) => (
            <article key={clause.id}>
              <h2>{clause.number || clause.id}</h2>
              <p>{clause.text}</p>
            </article>
          ))}
        </div>
      </Section>
    </>
  )
}
