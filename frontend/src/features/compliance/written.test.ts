import type { TFunction } from 'i18next'
import { expect, test } from 'vitest'
import en from './i18n/en.json'
import zh from './i18n/zh-CN.json'
import { PARTS, written } from './written'

const t = ((key: string, values?: object) =>
  `${key}${values ? JSON.stringify(Object.values(values)) : ''}`) as unknown as TFunction<'compliance'>

test('every part of a control has a word in both languages', () => {
  for (const words of [en, zh]) expect(Object.keys(words.part).sort()).toEqual([...PARTS].sort())
})

test('every part that the server knows is one of them', () => {
  const sources = import.meta.glob<string>('../../../../backend/controls/src/definition.rs', {
    query: '?raw',
    import: 'default',
    eager: true,
  })
  const source = Object.values(sources).join()
  const fields = /pub struct Definition \{(.*?)\n\}/s.exec(source)?.[1]?.matchAll(/pub (\w+):/g) ?? []
  const names = [...fields].map(([, name]) => (name === 'matching' ? 'match' : name)).filter((name) => name !== 'id')
  expect(names.sort()).toEqual([...PARTS].sort())
})

test('a part of a control is said in words, as far as there are any', () => {
  expect(written('within', 'PT4H', {}, t)).toBe('duration.hours[4]')
  expect(written('every', 'P1DT2H', {}, t)).toBe('duration.days[1] duration.hours[2]')
  expect(written('window', 'P1Y', {}, t)).toBe('P1Y')
  expect(written('max', 0, {}, t)).toBe('0')
  expect(written('when', { event: 'a.b', where: 'x = 1' }, { 'a.b': 'A' }, t)).toBe('A pattern.where["x = 1"]')
  expect(written('unless', [{ event: 'a.b' }, { event: 'c.d' }], { 'a.b': 'A' }, t)).toBe('A\nc.d')
  expect(written('for_each', { from: { event: 'a.b' } }, {}, t)).toBe('pattern.from a.b')
})
