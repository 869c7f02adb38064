import { Checkbox, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { FilterBar, Words } from '@/shared/ui/filters'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { type Query, useCategories } from './api'

const STATES: Schemas['TicketState'][] = [
  'new',
  'dispatched',
  'in_progress',
  'waiting_reporter',
  'waiting_vendor',
  'resolved',
  'closed',
  'refused',
  'cancelled',
]
const KINDS: Schemas['TicketType'][] = ['fault', 'request', 'incident', 'consultation']
const PRIORITIES: Schemas['Priority'][] = ['critical', 'high', 'medium', 'low']

type FiltersProps = { query: Query; change: (next: Record<string, unknown>) => void; desk: boolean }

/** What narrows the list; all of it stands in the address. */
export function Filters({ query, change, desk }: FiltersProps) {
  const { t } = useTranslation('tickets')
  const categories = useCategories()
  const options = <T extends string>(values: readonly T[], word: string) =>
    values.map((value) => ({ value, label: t(`common:${word}.${value}`) }))
  return (
    <FilterBar
      words={<Words value={query.q} hint={t('filter.words')} search={(q) => change({ q })} />}
      set={[query.state, query.kind, query.priority, query.category_id, query.assignee_id, query.unit_id, query.overdue]}
    >
      <Select
        mode="multiple"
        allowClear
        maxTagCount="responsive"
        style={{ minWidth: 150 }}
        aria-label={t('field.state')}
        placeholder={t('field.state')}
        value={query.state ?? []}
        options={options(STATES, 'ticket_state')}
        onChange={(state) => change({ state: state.length ? state : undefined, open: undefined })}
      />
      <Select
        mode="multiple"
        allowClear
        maxTagCount="responsive"
        style={{ minWidth: 120 }}
        aria-label={t('field.kind')}
        placeholder={t('field.kind')}
        value={query.kind ?? []}
        options={options(KINDS, 'kind')}
        onChange={(kind) => change({ kind: kind.length ? kind : undefined })}
      />
      <Select
        mode="multiple"
        allowClear
        maxTagCount="responsive"
        style={{ minWidth: 110 }}
        aria-label={t('field.priority')}
        placeholder={t('field.priority')}
        value={query.priority ?? []}
        options={options(PRIORITIES, 'priority')}
        onChange={(priority) => change({ priority: priority.length ? priority : undefined })}
      />
      {(categories.data?.items.length ?? 0) > 0 && (
        <Select
          allowClear
          style={{ minWidth: 120 }}
          aria-label={t('field.category')}
          placeholder={t('field.category')}
          value={query.category_id ?? null}
          options={categories.data?.items.map((category) => ({ value: category.id, label: category.name }))}
          onChange={(category_id) => change({ category_id: category_id ?? undefined })}
        />
      )}
      {desk && (
        <>
          <div style={{ width: 170 }}>
            <PersonSelect
              aria-label={t('field.assignee')}
              placeholder={t('field.assignee')}
              allowClear
              value={query.assignee_id ?? null}
              onChange={(assignee_id) => change({ assignee_id })}
            />
          </div>
          <div style={{ width: 170 }}>
            <UnitSelect
              aria-label={t('field.unit')}
              placeholder={t('field.unit')}
              allowClear
              value={query.unit_id ?? null}
              onChange={(unit_id) => change({ unit_id })}
            />
          </div>
        </>
      )}
      <Checkbox checked={query.overdue === true} onChange={(event) => change({ overdue: event.target.checked || undefined })}>
        {t('overdue')}
      </Checkbox>
      <Select
        style={{ minWidth: 130 }}
        aria-label={t('sort.title')}
        value={query.sort ?? '-created_at'}
        options={(['-created_at', '-updated_at', 'resolve_due'] as const).map((value) => ({ value, label: t(`sort.${value}`) }))}
        onChange={(sort) => change({ sort })}
      />
    </FilterBar>
  )
}
