import { expect, test } from 'vitest'
import { evaluate, shown } from './feel'

const form = { 金额: 5001, 部门: '信息中心', 申请人: { 级别: 3 }, 明细: [{ 金额: 1000 }, { 金额: 4000.1 }], '总 金额': 7, 缺: null }

test.each([
  ['金额 > 5000 and 部门 = "信息中心"', true],
  ['部门 in ("财务部", "人事部")', false],
  ['金额 in [1000..5000]', false],
  ['金额 in (5000..6000]', true],
  ['申请人.级别 between 2 and 4', true],
  ['not(部门 = "财务部" or 金额 < 100)', true],
  ['if 金额 > 1000 then "处长" else "科长"', '处长'],
  ['sum(明细.金额)', 5000.1],
  ['`总 金额` * 1.06', 7.42],
  ['0.1 + 0.2', 0.3],
  ['starts with(部门, "信息")', true],
  ['缺 = null', true],
  ['缺 > 3', null],
  ['缺 > 3 or 金额 > 3', true],
  ['count(明细) * -2', -4],
  ['some 行 in 明细 satisfies 行.金额 > 3', undefined],
  ['金额 ＞ 3', undefined],
])('%s', (text, value) => expect(evaluate(text, form)).toEqual(value))

test('a field is shown unless its condition is known not to hold', () => {
  expect([shown(undefined, form), shown('金额 > 1', form), shown('金额 > 9999', form), shown('today() > 1', form)]).toEqual([
    true,
    true,
    false,
    true,
  ])
})
