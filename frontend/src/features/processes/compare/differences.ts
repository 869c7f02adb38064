import type { Mark } from '@/shared/bpmn/Diagram'
import { labelOf } from '../../forms/fields'
import type { Model } from '../api'

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'
const ZHIDU = 'urn:zhidu:bpmn:1'
export type Kind = 'added' | 'removed' | 'changed'
export type Change = { id: string; name: string; kind: Kind }
/** What two sides did to the same thing; `clash` if each did something else. */
export type Pair = { id: string; name: string; here?: Kind | undefined; pack?: Kind | undefined; clash: boolean }
/** What things of one sort say, by their ids. */
export type Said = Map<string, { name: string; says: string }>
export type Source = Pick<Model, 'bpmn' | 'form' | 'decisions' | 'tests'>

export const SORTS = ['elements', 'fields', 'tables', 'tests'] as const
export type Sort = (typeof SORTS)[number]

/** What a process says, sort by sort. `layout` names what is said of the form as a whole. */
export function saidOf(source: Source, english: boolean, layout: string): Record<Sort, Said> {
  const fields = source.form.schema.properties ?? {}
  const arranged = { ui: source.form.ui, required: source.form.schema.required }
  return {
    elements: elementsSaid(source.bpmn, english),
    fields: new Map([
      ...thingsSaid(fields, (name) => labelOf(name, fields[name] ?? {}, english)),
      ['/', { name: layout, says: JSON.stringify(arranged) }] as const,
    ]),
    tables: thingsSaid(source.decisions, (key) => source.decisions[key]?.name || key),
    tests: thingsSaid(Object.fromEntries(source.tests.map((test) => [test.name, test]))),
  }
}

/** What an element says, without what stands in elements of their own and without where it is drawn. */
export function elementsSaid(xml: string, english = false): Said {
  const found: Said = new Map()
  const arrows: [string, string, string][] = []
  const document = new DOMParser().parseFromString(xml, 'application/xml')
  for (const node of document.getElementsByTagNameNS(BPMN, '*')) {
    const id = node.getAttribute('id')
    if (!id || node.localName === 'definitions') continue
    const copy = node.cloneNode(true) as Element
    for (const child of [...copy.children])
      if (['incoming', 'outgoing'].includes(child.localName) || child.getAttribute('id')) child.remove()
    const says = copy.outerHTML
      .replace(/\s+xmlns(:\w+)?="[^"]*"/g, '')
      .replace(/>\s+</g, '><')
      .replace(/\s+/g, ' ')
    const name = (english && node.getAttributeNS(ZHIDU, 'en')) || (node.getAttribute('name') ?? '')
    found.set(id, { name, says })
    if (!name && node.localName === 'sequenceFlow')
      arrows.push([id, node.getAttribute('sourceRef') ?? '', node.getAttribute('targetRef') ?? ''])
  }
  // An arrow without words is known by where it leads.
  for (const [id, ...ends] of arrows) {
    const arrow = found.get(id)
    if (arrow) arrow.name = ends.map((end) => found.get(end)?.name || end).join(' → ')
  }
  return found
}

/** What named things say: fields, tables, tests. */
export const thingsSaid = (things: Record<string, unknown>, title = (name: string) => name): Said =>
  new Map(Object.entries(things).map(([name, thing]) => [name, { name: title(name), says: JSON.stringify(thing) }]))

/** What differs from one version to another. */
export function differences(old: Said, now: Said): Change[] {
  const changes: Change[] = []
  for (const [id, { name, says }] of now) {
    const was = old.get(id)
    if (!was) changes.push({ id, name, kind: 'added' })
    else if (was.says !== says) changes.push({ id, name: name || was.name, kind: 'changed' })
  }
  for (const [id, { name }] of old) if (!now.has(id)) changes.push({ id, name, kind: 'removed' })
  return changes
}

/** What a company and a pack did since they were the same. */
export function pairs(base: Said, here: Said, pack: Said): Pair[] {
  const [ours, theirs] = [differences(base, here), differences(base, pack)]
  const kind = (changes: Change[], id: string) => changes.find((one) => one.id === id)?.kind
  const found = new Map([...theirs, ...ours].map(({ id, name }) => [id, name]))
  return [...found].map(([id, name]) => {
    const [mine, other] = [kind(ours, id), kind(theirs, id)]
    return { id, name, here: mine, pack: other, clash: Boolean(mine && other && here.get(id)?.says !== pack.get(id)?.says) }
  })
}

export const marksOf = (changes: Change[], kinds: Kind[]): Record<string, Mark[]> =>
  Object.fromEntries(changes.filter((one) => kinds.includes(one.kind)).map((one) => [one.id, [one.kind]]))
