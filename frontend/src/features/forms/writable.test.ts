import { expect, test } from 'vitest'
import type { FormView } from './types'
import { missing, writable } from './writable'

const view: FormView = {
  schema: {
    properties: {
      what: { type: 'string' },
      model: { type: 'string', 'x-show': 'what = "设备"' },
      total: { type: 'number', 'x-computed': '1' },
      note: { type: 'string' },
      rows: { type: 'array' },
    },
  },
  ui: {},
  names: {},
  files: [],
  required_on: { model: ['fixed'], rows: ['fixed', 'moved'] },
  rights: { what: 'required', model: 'edit', total: 'edit', note: 'read', rows: 'edit' },
  data: { what: '设备', note: 'x' },
}

test('only what may be written, is shown and is not computed is sent', () => {
  expect(writable(view, { what: '设备', model: 'T14', note: 'y' })).toEqual({ what: '设备', model: 'T14' })
  expect(writable(view, { what: '软件', model: 'T14' })).toEqual({ what: '软件' })
})

test('what was emptied is null, and rows send no empty cells', () => {
  expect(writable(view, { what: '', rows: [{ a: 1, b: '', c: null }] })).toEqual({ what: null, rows: [{ a: 1 }] })
})

test('what an outcome demands is missing only if it is shown and empty', () => {
  expect(missing(view, { rows: [] }, 'fixed')).toEqual(['model', 'rows'])
  expect(missing(view, { what: '软件', rows: [{ a: 1 }] }, 'fixed')).toEqual([])
  expect(missing(view, { model: ' ' }, 'moved')).toEqual(['rows'])
  expect(missing(view, {}, 'refuse')).toEqual([])
})
