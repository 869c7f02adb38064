import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Button } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { Facts, Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { At } from '@/shared/ui/time'
import { useWords } from '../records/words'
import { useSample } from './api'
import './compliance.css'

/** What a control passes over: drawn by a seed, so that whoever doubts it draws the same again. */
export function SamplePage() {
  const { t } = useTranslation('compliance')
  const go = useNavigate()
  const { id = '' } = useParams({ strict: false })
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const seed = search.seed === undefined ? undefined : String(search.seed)
  const size = Number.isInteger(Number(search.size)) && search.size !== undefined ? Number(search.size) : undefined
  // The address says what is drawn from the first look on, so that it can be handed on.
  useEffect(() => {
    if (seed === undefined) void go({ to: '.', search: { ...search, seed: draw() } as never, replace: true })
  }, [seed, go, search])
  const found = useSample(id, { seed, size })
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const one = found.data
  const again = () => go({ to: '/compliance/controls/$id/sample', params: { id }, search: { seed: draw(), size: one.log_size } as never })
  return (
    <>
      <PageHeader
        title={t('sample.title')}
        under={`${one.clause} ${one.title}`}
        extra={
          one.passed_over > one.items.length && (
            <Button type="primary" onClick={again}>
              {t('sample.again')}
            </Button>
          )
        }
      />
      <Section>
        <p className="faint">{t('sample.help')}</p>
        <ul className="plain conditions">
          {one.conditions.map((condition) => (
            <li key={`${condition.event} ${condition.condition}`}>
              <Event name={condition.event} /> <code>{condition.condition ?? t('sample.every')}</code>
            </li>
          ))}
        </ul>
        <Facts
          items={[
            [t('sample.seen'), one.seen],
            [t('sample.passed_over'), one.passed_over],
            [t('sample.size'), one.log_size],
            [t('sample.seed'), <code key="s">{one.seed}</code>],
          ]}
        />
      </Section>
      <Section title={t('sample.drawn', { n: one.items.length })}>
        {one.items.length === 0 ? (
          <Nothing text={t('sample.nothing')} />
        ) : (
          <ul className="plain linked drawn">
            {one.items.map((item) => (
              <li key={item.leaf}>
                <Drawn item={item} />
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  )
}

/** A word that nobody chooses with a purpose. */
const draw = () => crypto.randomUUID().slice(0, 8)

function Event({ name }: { name: string }) {
  const { action } = useWords()
  return <strong>{action(name)}</strong>
}

function Drawn({ item }: { item: Schemas['PassedOver'] }) {
  const { t } = useTranslation('compliance')
  const { action } = useWords()
  const me = useMe()
  return (
    <>
      {holds(me, 'records.read') ? (
        <Link to="/records" search={{ record: item.record_id } as never}>
          {action(item.action)}
        </Link>
      ) : (
        action(item.action)
      )}{' '}
      {item.subject}
      <div>
        {Object.entries(item.facts).map(([name, value]) => (
          <code key={name} className="fact">
            {name} = {value}
          </code>
        ))}
      </div>
      <div className="faint">
        {item.actor} · <At at={item.time} /> · {t('leaf', { n: item.leaf })}
      </div>
    </>
  )
}
