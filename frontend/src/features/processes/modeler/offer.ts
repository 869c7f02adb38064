/** What can be drawn: only what is executed (`docs/processes.md`). */
export type Offer = { key: string; group: 'work' | 'way' | 'event'; type: string; icon: string; options?: Record<string, unknown> }

const timer = { eventDefinitionType: 'bpmn:TimerEventDefinition' }
const message = { eventDefinitionType: 'bpmn:MessageEventDefinition' }

export const OFFERS: Offer[] = [
  { key: 'user', group: 'work', type: 'bpmn:UserTask', icon: 'bpmn-icon-user-task' },
  { key: 'service', group: 'work', type: 'bpmn:ServiceTask', icon: 'bpmn-icon-service-task' },
  { key: 'rule', group: 'work', type: 'bpmn:BusinessRuleTask', icon: 'bpmn-icon-business-rule-task' },
  { key: 'call', group: 'work', type: 'bpmn:CallActivity', icon: 'bpmn-icon-call-activity' },
  { key: 'sub', group: 'work', type: 'bpmn:SubProcess', icon: 'bpmn-icon-subprocess-expanded', options: { isExpanded: true } },
  { key: 'exclusive', group: 'way', type: 'bpmn:ExclusiveGateway', icon: 'bpmn-icon-gateway-xor' },
  { key: 'parallel', group: 'way', type: 'bpmn:ParallelGateway', icon: 'bpmn-icon-gateway-parallel' },
  { key: 'inclusive', group: 'way', type: 'bpmn:InclusiveGateway', icon: 'bpmn-icon-gateway-or' },
  { key: 'event_gateway', group: 'way', type: 'bpmn:EventBasedGateway', icon: 'bpmn-icon-gateway-eventbased' },
  { key: 'start', group: 'event', type: 'bpmn:StartEvent', icon: 'bpmn-icon-start-event-none' },
  { key: 'end', group: 'event', type: 'bpmn:EndEvent', icon: 'bpmn-icon-end-event-none' },
  { key: 'timer', group: 'event', type: 'bpmn:IntermediateCatchEvent', icon: 'bpmn-icon-intermediate-event-catch-timer', options: timer },
  {
    key: 'message',
    group: 'event',
    type: 'bpmn:IntermediateCatchEvent',
    icon: 'bpmn-icon-intermediate-event-catch-message',
    options: message,
  },
]

/** What is offered right behind an element. */
export const NEXT = ['user', 'exclusive', 'parallel', 'service', 'timer', 'end']
/** What may follow a gateway that waits for events. */
export const AFTER_EVENTS = ['timer', 'message']

/** Into what an element may be changed; anything else of bpmn-js would be refused by the check. */
export const CHANGES =
  /^replace-with-(user-task|service-task|rule-task|call-activity|(expanded-)?subprocess|event-subprocess|(exclusive|parallel|inclusive|event-based)-gateway|none-start|(non-interrupting-)?(message|timer|error)-start|none-end|terminate-end|error-end|(timer|message)-intermediate-catch|(non-interrupting-)?(timer|message)-boundary|error-boundary|sequence-flow|default-flow|conditional-flow)$|^toggle-(parallel-mi|sequential-mi|non-interrupting)$/
