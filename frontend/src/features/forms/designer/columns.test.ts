import { expect, test } from 'vitest'
import { columnsIn } from '../fields'
import type { Field } from '../types'
import { addColumn, demandColumn, dropColumn, moveColumn, renameColumn } from './columns'

const rows: Field = {
  items: { properties: { 数量: { type: 'number' }, 名称: { type: 'string' }, 备注: { type: 'string' } }, required: ['名称'] },
  'x-columns': ['名称', '数量'],
}
const names = (change: Partial<Field> | null) => columnsIn({ ...rows, ...change }).map(([name]) => name)

test('columns stand in the order that is said; what it does not name comes last', () => {
  expect(names({})).toEqual(['名称', '数量', '备注'])
  expect(names({ 'x-columns': ['gone', '备注'] })).toEqual(['备注', '数量', '名称'])
})

test('the order follows what is done to the columns', () => {
  expect(addColumn(rows, '单价')['x-columns']).toEqual(['名称', '数量', '备注', '单价'])
  expect(moveColumn(rows, 2, -1)['x-columns']).toEqual(['名称', '备注', '数量'])
  expect(moveColumn(rows, 0, 1)['x-columns']).toEqual(['数量', '名称', '备注'])
  expect(dropColumn(rows, 0)).toMatchObject({ 'x-columns': ['数量', '备注'], items: { required: [] } })
})

test('a column with another name keeps its place and what is demanded; a name that is taken is refused', () => {
  expect(renameColumn(rows, 0, '品名')).toMatchObject({ 'x-columns': ['品名', '数量', '备注'], items: { required: ['品名'] } })
  expect(renameColumn(rows, 0, '数量')).toBeNull()
  expect(demandColumn(rows, '备注', true).items?.required).toEqual(['名称', '备注'])
})
