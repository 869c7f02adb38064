import { createContext, useContext } from 'react'
import type { Model } from '../api'
import type { Registry, Shape, Tool } from '../modeler/types'
import { text } from '../modeler/types'

export type Design = {
  tool: Tool
  model: Model
  /** Opens the part of the designer where forms, rights or tables are made. */
  show: (part: 'form' | 'rights' | 'tables', key?: string) => void
}
const DesignContext = createContext<Design | null>(null)
export const WithDesign = DesignContext.Provider

/** The process that is being drawn. Only inside the designer. */
export function useDesign(): Design {
  const design = useContext(DesignContext)
  if (!design) throw new Error('nothing is drawn here')
  return design
}

/** The user tasks of the process, by name. */
export function tasksOf(tool: Tool): { value: string; label: string; shape: Shape }[] {
  return tool
    .get<Registry>('elementRegistry')
    .filter((one) => one.type === 'bpmn:UserTask')
    .map((shape) => ({ value: shape.id, label: text(shape.businessObject, 'name') || shape.id, shape }))
}

/** The fields of the form. */
export const fieldsOf = (model: Model) =>
  Object.entries(model.form.schema.properties ?? {}).map(([name, field]) => ({
    value: name,
    label: field.title && field.title !== name ? `${field.title} (${name})` : name,
    field,
  }))
