import { useQuery } from '@tanstack/react-query'
import { Select, TreeSelect } from 'antd'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '../api/client'
import type { Schemas } from '../api/problem'

type PickerProps<T = string> = {
  id?: string
  value?: T | null
  onChange?: (value: T | undefined) => void
  placeholder?: string
  allowClear?: boolean
  'aria-label'?: string
  /** What is said of something chosen before that the search does not find. */
  nameOf?: (id: string) => ReactNode
}
const naming = (nameOf: PickerProps['nameOf']) =>
  nameOf && { labelRender: ({ label, value }: { label?: ReactNode; value?: string | number }) => label ?? nameOf(String(value)) }

/** A text that has stood still for a moment, for searching while somebody types. */
export function useSettled(text: string, wait = 250) {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), wait)
    return () => clearTimeout(timer)
  }, [text, wait])
  return settled
}

/** Somebody, by name, account, number or pinyin initials. */
export function PersonSelect({
  unitId,
  known,
  nameOf,
  ...props
}: PickerProps & { unitId?: string | undefined; known?: Schemas['PersonRef'] | null }) {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const q = useSettled(words)
  const people = useQuery({
    queryKey: ['people', 'pick', q, unitId],
    queryFn: () => take(api.GET('/api/v1/people', { params: { query: { q: q || undefined, unit_id: unitId, active: true, limit: 30 } } })),
  })
  const found = people.data?.items ?? []
  const options = found.map((person) => ({ value: person.id, label: person.name, note: person.main_post?.unit.name ?? person.login }))
  if (known && !options.some((option) => option.value === known.id)) options.unshift({ value: known.id, label: known.name, note: '' })
  return (
    <Select
      {...props}
      {...naming(nameOf)}
      showSearch={{ filterOption: false, onSearch: setWords }}
      loading={people.isFetching}
      placeholder={props.placeholder ?? t('pick.person')}
      options={options}
      optionRender={(option) => (
        <span className="option">
          {option.data.label} <span className="faint">{option.data.note}</span>
        </span>
      )}
      notFoundContent={people.isFetching ? t('loading') : t('pick.nobody')}
      style={{ width: '100%' }}
    />
  )
}

export function useUnits() {
  return useQuery({ queryKey: ['units'], queryFn: () => take(api.GET('/api/v1/org-units')), staleTime: 60_000 })
}

type Node = { key: string; value: string; title: string; children: Node[] }

/** The tree of units, of those that are open. */
export function treeOf(units: Schemas['OrgUnitView'][], closed = false): Node[] {
  const nodes = new Map<string, Node>()
  for (const unit of units) if (unit.active || closed) nodes.set(unit.id, { key: unit.id, value: unit.id, title: unit.name, children: [] })
  const roots: Node[] = []
  for (const unit of units) {
    const node = nodes.get(unit.id)
    if (!node) continue
    const parent = unit.parent_id ? nodes.get(unit.parent_id) : undefined
    if (parent) parent.children.push(node)
    else roots.push(node)
  }
  return roots
}

/** How units are chosen: from their tree, or by a part of the name. */
function useUnitTree() {
  const { t } = useTranslation()
  const units = useUnits()
  return {
    treeData: useMemo(() => treeOf(units.data?.items ?? []), [units.data]),
    showSearch: { treeNodeFilterProp: 'title' },
    treeDefaultExpandAll: true,
    loading: units.isLoading,
    placeholder: t('pick.unit'),
    style: { width: '100%' },
  }
}

/** A unit of the tree. */
export function UnitSelect(props: PickerProps) {
  return <TreeSelect {...useUnitTree()} {...props} value={props.value ?? undefined} />
}

/** Several units of the tree. */
export function UnitsSelect(props: Omit<PickerProps<string[]>, 'value'> & { value?: string[] | null }) {
  return <TreeSelect {...useUnitTree()} {...props} multiple value={props.value ?? []} />
}

/** Equipment, by number, name or pinyin initials; my own first. */
export function EquipmentSelect({
  mine,
  nameOf,
  ...props
}: Omit<PickerProps<string[]>, 'value'> & { value?: string[] | null; mine?: boolean }) {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const q = useSettled(words)
  const found = useQuery({
    queryKey: ['equipment', 'pick', q, mine],
    queryFn: () =>
      take(api.GET('/api/v1/equipment', { params: { query: { q: q || undefined, lens: mine && !q ? 'mine' : undefined, limit: 30 } } })),
  })
  return (
    <Select
      {...props}
      {...naming(nameOf)}
      mode="multiple"
      value={props.value ?? []}
      showSearch={{ filterOption: false, onSearch: setWords }}
      loading={found.isFetching}
      placeholder={props.placeholder ?? t('pick.equipment')}
      options={(found.data?.items ?? []).map((item) => ({ value: item.id, label: `${item.number} ${item.name}` }))}
      notFoundContent={found.isFetching ? t('loading') : t('pick.nothing')}
      style={{ width: '100%' }}
    />
  )
}

/** Data sets in use, by number, name or pinyin initials, with their classification. */
export function DatasetSelect({ nameOf, ...props }: Omit<PickerProps<string[]>, 'value'> & { value?: string[] | null }) {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const q = useSettled(words)
  const found = useQuery({
    queryKey: ['datasets', 'pick', q],
    queryFn: () => take(api.GET('/api/v1/datasets', { params: { query: { q: q || undefined, state: 'active', limit: 30 } } })),
  })
  return (
    <Select
      {...props}
      {...naming(nameOf)}
      mode="multiple"
      value={props.value ?? []}
      showSearch={{ filterOption: false, onSearch: setWords }}
      loading={found.isFetching}
      placeholder={props.placeholder ?? t('pick.dataset')}
      options={(found.data?.items ?? []).map((item) => ({
        value: item.id,
        label: item.name,
        note: `${t(`classification.${item.classification}`)} · ${item.number}`,
      }))}
      optionRender={(option) => (
        <span className="option">
          {option.data.label} <span className="faint">{option.data.note}</span>
        </span>
      )}
      notFoundContent={found.isFetching ? t('loading') : t('pick.no_dataset')}
      style={{ width: '100%' }}
    />
  )
}
