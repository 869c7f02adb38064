import { expect, test } from 'vitest'
import { durationOf, isoOf } from './duration'

test.each(['PT30M', 'PT16H', 'P10D'])('%s is read and written the same', (text) => {
  const span = durationOf(text)
  expect(span && isoOf(span)).toBe(text)
})

test('what is more than a number of one unit is left as it is', () => {
  expect([durationOf('P1DT4H'), durationOf('=期限'), durationOf('')]).toEqual([null, null, null])
  expect(isoOf({ count: null, unit: 'H' })).toBe('')
})
