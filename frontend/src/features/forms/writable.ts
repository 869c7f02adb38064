import { shown } from './feel'
import { isEmpty } from './fields'
import type { Data, FormView } from './types'

/** What is sent: the fields that may be written and are shown; what was emptied is null. */
export function writable(view: FormView, typed: Data | undefined): Data {
  const sent: Data = {}
  const all = { ...view.data, ...typed }
  for (const [name, field] of Object.entries(view.schema.properties ?? {})) {
    const right = view.rights[name]
    if ((right !== 'edit' && right !== 'required') || field['x-computed'] || !shown(field['x-show'], all)) continue
    const value = all[name]
    if (value === undefined && view.data[name] === undefined) continue
    sent[name] = value === undefined || value === '' ? null : tidy(value)
  }
  return sent
}

/** Fields that are demanded with this outcome and are not filled in. */
export function missing(view: FormView, typed: Data | undefined, outcome: string): string[] {
  const all = { ...view.data, ...typed }
  const demanded = Object.entries(view.required_on).filter(([, on]) => on.includes(outcome))
  return demanded.flatMap(([name]) => (shown(view.schema.properties?.[name]?.['x-show'], all) && isEmpty(all[name]) ? [name] : []))
}

/** Without what was left open in rows. */
function tidy(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((row) =>
    row !== null && typeof row === 'object'
      ? Object.fromEntries(Object.entries(row).filter(([, one]) => one !== undefined && one !== null && one !== ''))
      : row,
  )
}

/** Fields that several steps may write at the same time. */
export const sharedOf = (view: FormView) =>
  Object.entries(view.schema.properties ?? {}).flatMap(([name, field]) => (field['x-shared'] ? [name] : []))

/** Data of a form as the generated types have it, which know no fields. */
export const sent = (data: Data) => data as Record<string, never>
