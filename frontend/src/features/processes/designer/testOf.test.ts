import { expect, test } from 'vitest'
import type { Run } from '../api'
import { testOf } from './testOf'

const run = (given: Partial<Run>): Run => ({
  data: {},
  findings: [],
  open: [],
  refused: [],
  steps: [],
  title: '',
  trace: [],
  visited: [],
  ...given,
})
const open = (step: string) => ({ step, name: step, people: [], outcomes: [] })

test('a trial that ended becomes a test of how it ended', () => {
  const made = testOf('大额', { 金额: 60000 }, [{ step: 'head', outcome: 'agree' }], run({ ended: 'completed', steps: ['apply', 'head'] }))
  expect(made).toEqual({
    name: '大额',
    given: { data: { 金额: 60000 } },
    decisions: [{ step: 'head', outcome: 'agree' }],
    then: { ended: 'completed', steps: ['apply', 'head'] },
  })
})

test('a trial that still runs becomes a test of what is open', () => {
  const made = testOf('停在部门', {}, [], run({ steps: ['apply', 'head'], open: [open('head')] }))
  expect(made.then).toEqual({ steps: ['apply', 'head'], open: ['head'] })
})

test('several people who decided alike are one decision for all of them; a later round is another', () => {
  const head = { step: 'head', outcome: 'agree' }
  const apply = { step: 'apply', outcome: 'done' }
  const made = testOf('会签', {}, [head, head, apply, head], run({}))
  expect(made.decisions).toEqual([{ ...head, all: true }, apply, head])
})
