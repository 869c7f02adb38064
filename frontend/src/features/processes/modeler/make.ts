import type { Factory, Node, Tool } from './types'

type Shapes = { createShape: (attributes: Record<string, unknown>) => unknown }

/** A new shape; a new user task is an approval by the head until somebody says otherwise. */
export function makeShape(tool: Tool, type: string, options: Record<string, unknown> = {}) {
  const shapes = tool.get<Shapes>('elementFactory')
  if (type !== 'bpmn:UserTask') return shapes.createShape({ type, ...options })
  const factory = tool.get<Factory>('bpmnFactory')
  const inside = (parent: Node, children: Node[]) => {
    for (const child of children) child.$parent = parent
    return parent
  }
  const parts = [factory.create('zhidu:People', { by: 'head' }), factory.create('zhidu:Field', { name: '*', right: 'read' })]
  const work = inside(factory.create('zhidu:Work', { kind: 'approve', parts }), parts)
  const extensionElements = inside(factory.create('bpmn:ExtensionElements', { values: [work] }), [work])
  const businessObject = factory.create('bpmn:UserTask', { extensionElements })
  inside(businessObject, [extensionElements])
  return shapes.createShape({ type, businessObject, ...options })
}
