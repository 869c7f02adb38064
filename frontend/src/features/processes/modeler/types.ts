/** What the page needs to know of bpmn-js: elements on the canvas and the model behind them. */
export type Node = {
  $type: string
  id?: string
  get: (name: string) => unknown
  $parent?: Node
}
export type Shape = {
  id: string
  type: string
  businessObject: Node
  parent?: Shape
  incoming?: Shape[]
  outgoing?: Shape[]
  source?: Shape
  target?: Shape
  labelTarget?: Shape
  host?: Shape
}
export type Tool = { get: <T>(name: string) => T }
export type Modeling = {
  updateProperties: (shape: Shape, properties: Record<string, unknown>) => void
  updateModdleProperties: (shape: Shape, node: Node, properties: Record<string, unknown>) => void
  updateLabel: (shape: Shape, text: string) => void
}
export type Factory = { create: (type: string, properties?: Record<string, unknown>) => Node }
export type Registry = { get: (id: string) => Shape | undefined; filter: (keep: (shape: Shape) => boolean) => Shape[] }
export type Selection = { get: () => Shape[]; select: (shape: Shape | null) => void }
export type CommandStack = { undo: () => void; redo: () => void; canUndo: () => boolean; canRedo: () => boolean }
export type Bus = {
  on: (events: string | string[], listener: (event: never) => void) => void
  off: (events: string | string[], listener: (event: never) => void) => void
}

/** The children of a node under a name. */
export const nodes = (node: Node | undefined, name: string) => (node?.get(name) as Node[] | undefined) ?? []
/** The text of a node under a name. */
export const text = (node: Node | undefined, name: string) => (node?.get(name) as string | undefined) ?? ''
