import { type Factory, type Modeling, type Node, nodes, type Shape, type Tool } from './types'

/** The extension element of a kind, of an element or of a holder inside one. */
export const extensionOf = (node: Node, type: string) =>
  nodes(node.get('extensionElements') as Node | undefined, 'values').find((one) => one.$type === type)

/** Writes attributes of an extension element; it is made if need be, and taken away with null. All of it can be undone. */
export function writeExtension(
  tool: Tool,
  shape: Shape,
  type: string,
  attributes: Record<string, unknown> | null,
  of: Node = shape.businessObject,
) {
  const modeling = tool.get<Modeling>('modeling')
  const factory = tool.get<Factory>('bpmnFactory')
  const found = extensionOf(of, type)
  if (found && attributes) {
    modeling.updateModdleProperties(shape, found, emptied(attributes))
    return
  }
  const holder = of.get('extensionElements') as Node | undefined
  const others = nodes(holder, 'values').filter((one) => one.$type !== type)
  if (!attributes) {
    if (holder)
      modeling.updateModdleProperties(shape, of, { extensionElements: others.length > 0 ? filled(factory, others, of) : undefined })
    return
  }
  const made = factory.create(type, emptied(attributes))
  modeling.updateModdleProperties(shape, of, { extensionElements: filled(factory, [...others, made], of) })
}

function filled(factory: Factory, values: Node[], of: Node) {
  const holder = factory.create('bpmn:ExtensionElements', { values })
  holder.$parent = of
  for (const one of values) one.$parent = holder
  return holder
}

/** What is empty is not written. */
const emptied = (attributes: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value === '' || value === null ? undefined : value]))

/** The children of a kind inside an extension element. */
export const partsOf = (holder: Node | undefined, type: string) => nodes(holder, 'parts').filter((one) => one.$type === type)

export type Attributes = Record<string, string | undefined>

/** Replaces the children of a kind; those of other kinds stay. The holder is made if need be. */
export function writeParts(tool: Tool, shape: Shape, holderType: string, type: string, parts: Attributes[]) {
  if (!extensionOf(shape.businessObject, holderType)) writeExtension(tool, shape, holderType, {})
  const holder = extensionOf(shape.businessObject, holderType)
  if (!holder) return
  const factory = tool.get<Factory>('bpmnFactory')
  const made = parts.map((attributes) => {
    const part = factory.create(type, emptied(attributes))
    part.$parent = holder
    return part
  })
  const rest = nodes(holder, 'parts').filter((one) => one.$type !== type)
  tool.get<Modeling>('modeling').updateModdleProperties(shape, holder, { parts: [...rest, ...made] })
}

/** The attributes of nodes, by name. */
export const attributes = (all: Node[], names: string[]): Attributes[] =>
  all.map((one) => Object.fromEntries(names.map((name) => [name, one.get(name) as string | undefined])))
