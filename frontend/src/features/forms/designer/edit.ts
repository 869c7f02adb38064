import { groupsOf } from '../fields'
import type { Field, Group, Schema, Ui } from '../types'
import { fieldOf, type Kind } from './kinds'

export type FormFile = { schema: Schema; ui: Ui }
export type Place = { group: number; index: number }

/** The groups as they are shown, so that each field stands in one. */
export const groups = (form: FormFile): Group[] => {
  const shown = groupsOf(form.schema, form.ui)
  const empty = (form.ui.groups ?? []).filter((group) => !shown.some((one) => one.title === group.title))
  return [...shown, ...empty.map((group) => ({ ...group, fields: [] }))]
}

const put = (list: string[], name: string, index: number) => {
  const rest = list.filter((one) => one !== name)
  const before = list.indexOf(name)
  const at = before >= 0 && before < index ? index - 1 : index
  return [...rest.slice(0, at), name, ...rest.slice(at)]
}

const freeName = (form: FormFile, word: string) => {
  const names = Object.keys(form.schema.properties ?? {})
  if (!names.includes(word)) return word
  let n = 2
  while (names.includes(`${word}${n}`)) n += 1
  return `${word}${n}`
}

const withGroups = (form: FormFile, all: Group[]): FormFile => ({ ...form, ui: { ...form.ui, groups: all } })

/** While the layout of one step is edited, the one of all steps stands among the others, under no name. */
export function layoutOf(form: FormFile, step: string): FormFile {
  if (!step) return form
  const { [step]: own, ...others } = form.ui.steps ?? {}
  const groups = form.ui.groups ?? []
  return { ...form, ui: { groups: own?.groups ?? groups, steps: { ...others, '': { groups } } } }
}
export function withLayout(edited: FormFile, step: string): FormFile {
  if (!step) return edited
  const { '': all, ...others } = edited.ui.steps ?? {}
  return { ...edited, ui: { groups: all?.groups ?? [], steps: { ...others, [step]: { groups: edited.ui.groups ?? [] } } } }
}
export function dropLayout(form: FormFile, step: string): FormFile {
  const { [step]: _, ...steps } = form.ui.steps ?? {}
  return { ...form, ui: { groups: form.ui.groups ?? [], ...(Object.keys(steps).length > 0 && { steps }) } }
}

/** The same change in every layout. */
function everywhere(form: FormFile, change: (fields: string[]) => string[]): FormFile {
  const each = (all: Group[]) => all.map((group) => ({ ...group, fields: change(group.fields) }))
  const steps = Object.entries(form.ui.steps ?? {}).map(([step, layout]) => [step, { groups: each(layout.groups ?? []) }])
  return { ...form, ui: { groups: each(groups(form)), ...(steps.length > 0 && { steps: Object.fromEntries(steps) }) } }
}

export function addField(form: FormFile, kind: Kind, word: string, place: Place): { form: FormFile; name: string } {
  const name = freeName(form, word.replace(/[^\p{L}\p{N}_]/gu, ''))
  const all = groups(form)
  const into = all.length > 0 ? all : [{ title: '', fields: [] }]
  const placed = into.map((group, at) => (at === place.group ? { ...group, fields: put(group.fields, name, place.index) } : group))
  const properties = { ...form.schema.properties, [name]: fieldOf(kind, ['A', 'B']) }
  return { name, form: withGroups({ ...form, schema: { ...form.schema, type: 'object', properties } }, placed) }
}

export function moveField(form: FormFile, name: string, place: Place): FormFile {
  const placed = groups(form).map((group, at) =>
    at === place.group
      ? { ...group, fields: put(group.fields, name, place.index) }
      : { ...group, fields: group.fields.filter((one) => one !== name) },
  )
  return withGroups(form, placed)
}

export const addGroup = (form: FormFile, title: string) => withGroups(form, [...groups(form), { title, fields: [] }])
export const setGroup = (form: FormFile, at: number, next: Partial<Group>) =>
  withGroups(
    form,
    groups(form).map((group, index) => (index === at ? { ...group, ...next } : group)),
  )
/** A group goes; its fields go to the one before. */
export function dropGroup(form: FormFile, at: number): FormFile {
  const all = groups(form)
  const homeless = all[at]?.fields ?? []
  const rest = all.filter((_, index) => index !== at)
  const home = Math.max(0, at - 1)
  return withGroups(
    form,
    rest.map((group, index) => (index === home ? { ...group, fields: [...group.fields, ...homeless] } : group)),
  )
}

export const setField = (form: FormFile, name: string, next: Field): FormFile => ({
  ...form,
  schema: { ...form.schema, properties: { ...form.schema.properties, [name]: tidy(next) } },
})

export function dropField(form: FormFile, name: string): FormFile {
  const { [name]: _, ...properties } = form.schema.properties ?? {}
  const schema = { ...form.schema, properties, required: (form.schema.required ?? []).filter((one) => one !== name) }
  return { ...everywhere(form, (fields) => fields.filter((one) => one !== name)), schema }
}

/** Another name for a field, in its place; what conditions say is not changed, and the check tells. */
export function renameField(form: FormFile, from: string, to: string): FormFile {
  const swap = (one: string) => (one === from ? to : one)
  const properties = Object.fromEntries(Object.entries(form.schema.properties ?? {}).map(([name, field]) => [swap(name), field]))
  const schema = { ...form.schema, properties, ...(form.schema.required && { required: form.schema.required.map(swap) }) }
  return { ...everywhere(form, (fields) => fields.map(swap)), schema }
}

/** What is empty is not written. */
const tidy = (field: Field) =>
  Object.fromEntries(
    Object.entries(field).filter(([, value]) => value !== undefined && value !== '' && value !== null && value !== false),
  ) as Field
