const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'

/** The events of a process that wait for a message: where, and for which; one without a message waits for one of its own id. */
export function messagesOf(xml: string): { event: string; name: string; message: string }[] {
  const all = [...new DOMParser().parseFromString(xml, 'application/xml').getElementsByTagNameNS(BPMN, '*')]
  const names = new Map(
    all.filter((one) => one.localName === 'message').map((one) => [one.getAttribute('id') ?? '', one.getAttribute('name') ?? '']),
  )
  return all
    .filter((one) => one.localName === 'messageEventDefinition')
    .map((definition) => {
      const event = definition.parentElement?.getAttribute('id') ?? ''
      const reference = definition.getAttribute('messageRef')?.split(':').at(-1) ?? ''
      return { event, name: definition.parentElement?.getAttribute('name') ?? '', message: names.get(reference) || event }
    })
}
