import type { Mark } from '@/shared/bpmn/Diagram'
import type { Form } from '../api'

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'
export type Change = { id: string; name: string; kind: 'added' | 'removed' | 'changed' }

/** What an element says, without what stands in elements of their own and without where it is drawn. */
function saysOf(xml: string): Map<string, { name: string; says: string }> {
  const found = new Map<string, { name: string; says: string }>()
  const document = new DOMParser().parseFromString(xml, 'application/xml')
  for (const node of document.getElementsByTagNameNS(BPMN, '*')) {
    const id = node.getAttribute('id')
    if (!id || ['definitions', 'process'].includes(node.localName)) continue
    const copy = node.cloneNode(true) as Element
    for (const child of [...copy.children])
      if (['incoming', 'outgoing'].includes(child.localName) || child.getAttribute('id')) child.remove()
    const says = copy.outerHTML
      .replace(/\s+xmlns(:\w+)?="[^"]*"/g, '')
      .replace(/>\s+</g, '><')
      .replace(/\s+/g, ' ')
    found.set(id, { name: node.getAttribute('name') ?? '', says })
  }
  return found
}

/** What differs between two drawings, element by element. */
export function changesOf(before: string, after: string): Change[] {
  const [old, now] = [saysOf(before), saysOf(after)]
  const changes: Change[] = []
  for (const [id, { name, says }] of now) {
    const was = old.get(id)
    if (!was) changes.push({ id, name, kind: 'added' })
    else if (was.says !== says) changes.push({ id, name: name || was.name, kind: 'changed' })
  }
  for (const [id, { name }] of old) if (!now.has(id)) changes.push({ id, name, kind: 'removed' })
  return changes
}

export const marksOf = (changes: Change[], kinds: Change['kind'][]): Record<string, Mark[]> =>
  Object.fromEntries(changes.filter((one) => kinds.includes(one.kind)).map((one) => [one.id, [one.kind]]))

/** What differs between two sets of named things: fields, tables. */
export function differing(before: Record<string, unknown>, after: Record<string, unknown>): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): Change[] => {
    if (!(name in before)) return [{ id: name, name, kind: 'added' }]
    if (!(name in after)) return [{ id: name, name, kind: 'removed' }]
    return JSON.stringify(before[name]) === JSON.stringify(after[name]) ? [] : [{ id: name, name, kind: 'changed' }]
  })
}

export const fieldsOf = (form: Form) => (form.schema.properties ?? {}) as Record<string, unknown>
