import { expect, test } from 'vitest'
import {
  addField,
  addGroup,
  dropField,
  dropGroup,
  dropLayout,
  type FormFile,
  groups,
  layoutOf,
  moveField,
  renameField,
  withLayout,
} from './edit'

const form: FormFile = {
  schema: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' }, c: { type: 'string' } }, required: ['b'] },
  ui: { groups: [{ title: '一', fields: ['a', 'b'] }] },
}
const placed = (one: FormFile) => groups(one).map((group) => group.fields.join(' '))

test('what stands in no group is shown last', () => expect(placed(form)).toEqual(['a b', 'c']))

test('a field is added where it is dropped, under a name that is free', () => {
  const { form: next, name } = addField(form, 'money', 'a', { group: 0, index: 1 })
  expect([name, placed(next)]).toEqual(['a2', ['a a2 b', 'c']])
  expect(next.schema.properties?.a2).toEqual({ type: 'number', 'x-widget': 'money', minimum: 0 })
})

test('a field moves within its group and into another', () => {
  expect(placed(moveField(form, 'a', { group: 0, index: 2 }))).toEqual(['b a', 'c'])
  expect(placed(moveField(form, 'a', { group: 1, index: 0 }))).toEqual(['b', 'a c'])
})

test('a new name keeps the place, and what is demanded', () => {
  const next = renameField(form, 'b', '金额')
  expect([placed(next), next.schema.required, Object.keys(next.schema.properties ?? {})]).toEqual([
    ['a 金额', 'c'],
    ['金额'],
    ['a', '金额', 'c'],
  ])
})

test('the fields of a group that goes find a home; a field that goes leaves nothing behind', () => {
  expect(placed(dropGroup(addGroup(form, '二'), 0))).toEqual(['c a b', ''])
  expect([placed(dropField(form, 'b')), dropField(form, 'b').schema.required]).toEqual([['a', 'c'], []])
})

test('a step gets a layout of its own when it is changed, and every layout follows names and what goes', () => {
  const moved = withLayout(moveField(layoutOf(form, 'A'), 'b', { group: 0, index: 0 }), 'A')
  expect([moved.ui.groups?.[0]?.fields, moved.ui.steps?.A?.groups?.[0]?.fields]).toEqual([
    ['a', 'b'],
    ['b', 'a'],
  ])
  const named = withLayout(renameField(layoutOf(moved, 'A'), 'a', 'd'), 'A')
  expect([named.ui.groups?.[0]?.fields, named.ui.steps?.A?.groups?.[0]?.fields]).toEqual([
    ['d', 'b'],
    ['b', 'd'],
  ])
  const less = dropField(named, 'b')
  expect([less.ui.groups?.[0]?.fields, less.ui.steps?.A?.groups?.[0]?.fields]).toEqual([['d'], ['d']])
  expect(dropLayout(less, 'A').ui.steps).toBeUndefined()
})
