import { expect, test } from 'vitest'
import { changesOf, differing } from './differences'

const file = (inside: string) =>
  `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"><bpmn:process id="p">${inside}</bpmn:process></bpmn:definitions>`

test('elements that came, went or say something else are told apart; where they are drawn does not count', () => {
  const before = file(
    '<bpmn:userTask id="a" name="申请"><bpmn:outgoing>f</bpmn:outgoing></bpmn:userTask><bpmn:userTask id="b" name="审批" />',
  )
  const after = file('<bpmn:userTask id="a" name="申请" /><bpmn:userTask id="b" name="审核" /><bpmn:endEvent id="c" />')
  expect(changesOf(before, after).map((one) => `${one.kind} ${one.id}`)).toEqual(['changed b', 'added c'])
})

test('named things are compared by what they hold', () => {
  expect(differing({ a: 1, b: { x: 1 }, c: 1 }, { b: { x: 2 }, c: 1, d: 1 }).map((one) => `${one.kind} ${one.id}`)).toEqual([
    'removed a',
    'changed b',
    'added d',
  ])
})
