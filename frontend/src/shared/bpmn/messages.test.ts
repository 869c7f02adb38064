import { expect, test } from 'vitest'
import { messagesOf } from './messages'

test('an event waits for the message that it refers to, or for one of its own id', () => {
  const xml = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"><bpmn:message id="m" name="回执" />
    <bpmn:process id="p"><bpmn:intermediateCatchEvent id="a" name="等待回执"><bpmn:messageEventDefinition messageRef="m" />
    </bpmn:intermediateCatchEvent><bpmn:boundaryEvent id="b"><bpmn:messageEventDefinition /></bpmn:boundaryEvent>
    <bpmn:intermediateCatchEvent id="c"><bpmn:timerEventDefinition /></bpmn:intermediateCatchEvent></bpmn:process></bpmn:definitions>`
  expect(messagesOf(xml)).toEqual([
    { event: 'a', name: '等待回执', message: '回执' },
    { event: 'b', name: '', message: 'b' },
  ])
})
