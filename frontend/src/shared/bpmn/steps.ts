const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'

export type Element = { id: string; name: string; type: string; from?: string; to?: string }

/** What a process consists of, by its name, without drawing it; the order is that of walking through from the start. */
export function elementsOf(xml: string): Element[] {
  const all = new Map<string, Element>()
  const next = new Map<string, string[]>()
  const document = new DOMParser().parseFromString(xml, 'application/xml')
  for (const node of document.getElementsByTagNameNS(BPMN, '*')) {
    const id = node.getAttribute('id')
    if (!id) continue
    const [from, to] = [node.getAttribute('sourceRef') ?? '', node.getAttribute('targetRef') ?? '']
    all.set(id, { id, name: node.getAttribute('name') ?? '', type: node.localName, ...(from && to && { from, to }) })
    if (node.localName === 'sequenceFlow' && from && to) next.set(from, [...(next.get(from) ?? []), to])
    const host = node.getAttribute('attachedToRef')
    if (host) next.set(host, [...(next.get(host) ?? []), id])
  }
  const order = [...all.values()].filter((one) => one.type === 'startEvent').map((one) => one.id)
  const seen = new Set(order)
  for (const id of order)
    for (const to of next.get(id) ?? [])
      if (!seen.has(to)) {
        seen.add(to)
        order.push(to)
      }
  const walked = order.flatMap((id) => all.get(id) ?? [])
  return [...walked, ...[...all.values()].filter((one) => !seen.has(one.id))]
}

const STEPS = ['userTask', 'serviceTask', 'businessRuleTask', 'callActivity', 'subProcess', 'task']

/** The steps of a process, in order. */
export const stepsOf = (xml: string) => elementsOf(xml).filter((one) => STEPS.includes(one.type))
