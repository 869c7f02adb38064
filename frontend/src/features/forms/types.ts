import type { Schemas } from '@/shared/api/problem'

/** A field of a form: a JSON Schema with what people read and how they fill it in (`docs/process-files.md`). */
export type Field = {
  type?: string
  title?: string
  format?: string
  enum?: string[]
  const?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minItems?: number
  maxItems?: number
  items?: Field
  properties?: Record<string, Field>
  required?: string[]
  'x-en'?: string
  'x-en-enum'?: string[]
  'x-widget'?: string
  'x-computed'?: string
  'x-show'?: string
  'x-columns'?: string[]
  'x-help'?: string
  'x-help-en'?: string
  'x-shared'?: boolean
}
export type Group = { title: string; en?: string; fields: string[] }
export type Schema = { type?: string; properties?: Record<string, Field>; required?: string[] }
/** The groups in their order, and for some steps in another. */
export type Ui = { groups?: Group[]; steps?: Record<string, { groups?: Group[] }> }
export type Right = Schemas['FieldRight']
export type Data = Record<string, unknown>

/** A form as somebody may see it. */
export type FormView = Omit<Schemas['FormView'], 'schema' | 'ui' | 'data' | 'rights'> & {
  schema: Schema
  ui: Ui
  data: Data
  rights: Record<string, Right>
  /** Where the files that stand in it are fetched. */
  folder?: string
}

/** A form as the server sends it; where its files are. */
export const formOf = (view: Schemas['FormView'], folder?: string) => ({ ...view, folder }) as unknown as FormView
