import type { Field, Group, Schema, Ui } from './types'

/** How a field is filled in. */
export type Widget =
  | 'text'
  | 'textarea'
  | 'number'
  | 'money'
  | 'date'
  | 'datetime'
  | 'select'
  | 'radio'
  | 'choices'
  | 'switch'
  | 'person'
  | 'people'
  | 'unit'
  | 'units'
  | 'equipment'
  | 'dataset'
  | 'files'
  | 'rows'

const NAMED = ['textarea', 'radio', 'money', 'person', 'people', 'unit', 'units', 'equipment', 'dataset', 'files', 'rows', 'switch']

export function widgetOf(field: Field): Widget {
  const named = field['x-widget']
  if (named && NAMED.includes(named)) return named as Widget
  if (field.enum) return 'select'
  if (field.type === 'boolean') return 'switch'
  if (field.type === 'number' || field.type === 'integer') return 'number'
  if (field.type === 'array') return field.items?.enum ? 'choices' : field.items?.properties ? 'rows' : 'text'
  if (field.format === 'date') return 'date'
  if (field.format === 'date-time') return 'datetime'
  return 'text'
}

export const labelOf = (name: string, field: Field, english: boolean) => (english && field['x-en']) || field.title || name
export const helpOf = (field: Field, english: boolean) => (english && field['x-help-en']) || field['x-help']
export const titleOf = (group: Group, english: boolean) => (english && group.en) || group.title

/** The choices of a field as people read them. */
export const choicesOf = (field: Field, english: boolean) =>
  (field.enum ?? field.items?.enum ?? []).map((value, at) => ({
    value,
    label: (english && (field['x-en-enum'] ?? field.items?.['x-en-enum'])?.[at]) || value,
  }))

/** The columns of rows in their order; what the order does not name comes last. */
export function columnsIn(field: Field): [string, Field][] {
  const order = field['x-columns'] ?? []
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return Object.entries(field.items?.properties ?? {}).sort(([a], [b]) => place(a) - place(b))
}

/** The groups in their order; what stands in no group comes last. */
export function groupsOf(schema: Schema, ui: Ui): Group[] {
  const names = Object.keys(schema.properties ?? {})
  const groups = (ui.groups ?? []).map((group) => ({ ...group, fields: group.fields.filter((name) => names.includes(name)) }))
  const placed = new Set(groups.flatMap((group) => group.fields))
  const rest = names.filter((name) => !placed.has(name))
  return [...groups, ...(rest.length > 0 ? [{ title: '', fields: rest }] : [])].filter((group) => group.fields.length > 0)
}

/** Whether nothing was filled in. */
export const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  (typeof value === 'string' && value.trim() === '') ||
  (Array.isArray(value) && value.length === 0)
