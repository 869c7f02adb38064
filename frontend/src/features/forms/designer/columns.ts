import { columnsIn } from '../fields'
import type { Field } from '../types'

/** The columns of rows with their order, which is said beside them: an object keeps none. */
function withColumns(field: Field, columns: [string, Field][], required = field.items?.required ?? []): Partial<Field> {
  const names = columns.map(([name]) => name)
  const items = {
    ...field.items,
    type: 'object',
    properties: Object.fromEntries(columns),
    required: required.filter((one) => names.includes(one)),
  }
  return { items, 'x-columns': names }
}

export const addColumn = (field: Field, name: string) => withColumns(field, [...columnsIn(field), [name, { type: 'string' }]])

export const setColumn = (field: Field, at: number, next: Field) =>
  withColumns(
    field,
    columnsIn(field).map(([name, column], index) => [name, index === at ? next : column]),
  )

/** Another name for a column, in its place, and demanded if it was. What is taken is refused: null. */
export function renameColumn(field: Field, at: number, to: string): Partial<Field> | null {
  const columns = columnsIn(field)
  const from = columns[at]?.[0]
  if (!to || columns.some(([name]) => name === to)) return null
  const required = (field.items?.required ?? []).map((name) => (name === from ? to : name))
  return withColumns(
    field,
    columns.map(([name, column], index) => [index === at ? to : name, column]),
    required,
  )
}

export function moveColumn(field: Field, at: number, by: 1 | -1): Partial<Field> {
  const columns = columnsIn(field)
  const [moved] = columns.splice(at, 1)
  if (moved) columns.splice(at + by, 0, moved)
  return withColumns(field, columns)
}

export const dropColumn = (field: Field, at: number) =>
  withColumns(
    field,
    columnsIn(field).filter((_, index) => index !== at),
  )

export function demandColumn(field: Field, name: string, demanded: boolean): Partial<Field> {
  const rest = (field.items?.required ?? []).filter((one) => one !== name)
  return withColumns(field, columnsIn(field), demanded ? [...rest, name] : rest)
}
