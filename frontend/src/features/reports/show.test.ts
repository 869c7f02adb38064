import { expect, test } from 'vitest'
import type { Column } from './api'
import { shown } from './show'

const column = (type: Column['type']): Column => ({ key: 'k', zh: '', en: '', type, words: [{ value: 'open', zh: '进行中', en: 'Open' }] })

test('values are shown as the files show them', () => {
  expect(shown(column('share'), 3333, false)).toBe('33.33%')
  expect(shown(column('cents'), 123405, false)).toBe('1234.05')
  expect(shown(column('seconds'), 59, false)).toBe('0 分钟')
  expect(shown(column('seconds'), 93600, false)).toBe('1 天 2 小时')
  expect(shown(column('seconds'), 93600, true)).toBe('1 d 2 h')
  expect(shown(column('word'), 'open', true)).toBe('Open')
  expect(shown(column('word'), 'else', true)).toBe('else')
  expect(shown(column('text'), null, false)).toBe('')
})
