import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { problemOf, type Schemas } from '@/shared/api/problem'
import { Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { exact } from '@/shared/ui/time'
import { useComparison, useVersions, type Version } from './api'
import { Comparison } from './Comparison'

/** Any two versions of a regulation beside each other; at first this one and the one before. */
export function ComparisonPage() {
  const { t } = useTranslation('compliance')
  const go = useNavigate()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const { with: chosen } = useSearch({ strict: false }) as { with?: string }
  const versions = useVersions(id)
  const found = useComparison(id, chosen)
  const first = found.isError && problemOf(found.error).errors.some((one) => one.code === 'regulation.first')
  const show = (after: string, before?: string) =>
    go({ to: '/regulations/$id/comparison', params: { id: after }, search: { with: before } as never, replace: true })
  if (versions.isError) return <ProblemAlert error={versions.error} retry={versions.refetch} />
  if (!versions.data) return <Loading rows={10} />
  const all = versions.data.items
  const title = all.find((one) => one.id === id)?.title
  const base = chosen ?? found.data?.before.id
  return (
    <>
      <PageHeader
        title={t('compare.title')}
        under={
          <Link to="/regulations/$id" params={{ id }}>
            {title}
          </Link>
        }
      />
      <Section>
        <div className="pickers">
          <Pick label={t('compare.before')} all={all} value={base} choose={(before) => show(id, before)} />
          <Pick label={t('compare.after')} all={all} value={id} choose={(after) => show(after, base)} />
        </div>
      </Section>
      <Section title={t('compare.differences')}>
        {first ? (
          <Nothing text={t('compare.first')} />
        ) : found.isError ? (
          <ProblemAlert error={found.error} retry={found.refetch} />
        ) : found.data ? (
          <Comparison found={found.data} />
        ) : (
          <Loading rows={10} />
        )}
      </Section>
    </>
  )
}

type PickProps = { label: string; all: Version[]; value: string | undefined; choose: (id: string) => void }

function Pick({ label, all, value, choose }: PickProps) {
  const { t } = useTranslation('compliance')
  const name = ({ edition, state, decided_at, proposed_at }: Version) =>
    `${edition} · ${t(`regulation_state.${state}`)} · ${exact(decided_at ?? proposed_at)}`
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the select is its control
    <label>
      <span>{label}</span>
      <Select
        aria-label={label}
        value={value ?? null}
        options={all.map((one) => ({ value: one.id, label: name(one) }))}
        onChange={choose}
      />
    </label>
  )
}

/** The way to what a version changed, if one held before it. */
export function ToComparison({ one: { id, before } }: { one: Schemas['RegulationItem'] }) {
  const { t } = useTranslation('compliance')
  if (!before) return null
  return (
    <Link to="/regulations/$id/comparison" params={{ id }}>
      <Button>{t('compare.to')}</Button>
    </Link>
  )
}

/** What a version changes, where it is decided on or read. */
export function Changes({ id, since }: { id: string; since: Version }) {
  const { t } = useTranslation('compliance')
  const found = useComparison(id, since.id)
  return (
    <Section
      title={t('compare.since', { edition: since.edition, at: exact(since.decided_at ?? since.proposed_at) })}
      extra={
        <Link to="/regulations/$id/comparison" params={{ id }} search={{ with: since.id } as never}>
          {t('compare.others')}
        </Link>
      }
    >
      {found.isError ? (
        <ProblemAlert error={found.error} retry={found.refetch} />
      ) : found.data ? (
        <Comparison found={found.data} />
      ) : (
        <Loading />
      )}
    </Section>
  )
}
