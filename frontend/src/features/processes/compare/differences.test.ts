import { expect, test } from 'vitest'
import { differences, elementsSaid, pairs, thingsSaid } from './differences'

const file = (inside: string) =>
  elementsSaid(
    `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"><bpmn:process id="p">${inside}</bpmn:process></bpmn:definitions>`,
  )

test('elements that came, went or say something else are told apart; where they are drawn does not count', () => {
  const before = file(
    '<bpmn:userTask id="a" name="申请"><bpmn:outgoing>f</bpmn:outgoing></bpmn:userTask><bpmn:userTask id="b" name="审批" />',
  )
  const after = file('<bpmn:userTask id="a" name="申请" /><bpmn:userTask id="b" name="审核" /><bpmn:endEvent id="c" />')
  expect(differences(before, after).map((one) => `${one.kind} ${one.id}`)).toEqual(['changed b', 'added c'])
})

test('an arrow without words is called by its ends', () => {
  const after = file('<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b" /><bpmn:userTask id="a" name="申请" /><bpmn:endEvent id="b" />')
  expect(differences(file(''), after)[0]?.name).toBe('申请 → b')
})

test('named things are compared by what they hold', () => {
  const changes = differences(thingsSaid({ a: 1, b: { x: 1 }, c: 1 }), thingsSaid({ b: { x: 2 }, c: 1, d: 1 }))
  expect(changes.map((one) => `${one.kind} ${one.id}`)).toEqual(['changed b', 'added d', 'removed a'])
})

test('what both changed is a clash, unless both made the same of it', () => {
  const base = thingsSaid({ ours: 1, theirs: 1, clash: 1, alike: 1, gone: 1 })
  const here = thingsSaid({ ours: 2, theirs: 1, clash: 2, alike: 2, gone: 2, fresh: 1 })
  const pack = thingsSaid({ ours: 1, theirs: 2, clash: 3, alike: 2 })
  const found = pairs(base, here, pack).map((one) => [one.id, one.here ?? '', one.pack ?? '', one.clash])
  expect(found.sort()).toEqual([
    ['alike', 'changed', 'changed', false],
    ['clash', 'changed', 'changed', true],
    ['fresh', 'added', '', false],
    ['gone', 'changed', 'removed', true],
    ['ours', 'changed', '', false],
    ['theirs', '', 'changed', false],
  ])
})
