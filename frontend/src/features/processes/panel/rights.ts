import { columnsIn } from '../../forms/fields'
import type { Field, Right, Schema } from '../../forms/types'
import { attributes, extensionOf, partsOf, writeParts } from '../modeler/extension'
import { type Shape, type Tool, text } from '../modeler/types'

export const RIGHTS: Right[] = ['hidden', 'read', 'edit', 'required']

export type Rights = {
  /** What holds for all fields that are not named. */
  star: Right
  /** The exceptions, the star among them if it is written. */
  named: { name: string; right: Right; on?: string | undefined }[]
  of: (name: string) => Right
  has: (name: string) => boolean
}

/** The rights of a step as the file says them. */
export function rightsOf(shape: Shape): Rights {
  const parts = attributes(partsOf(extensionOf(shape.businessObject, 'zhidu:Work'), 'zhidu:Field'), ['name', 'right', 'on'])
  const named = parts.map(({ name = '', right, on }) => ({ name, right: (right ?? 'hidden') as Right, ...(on && { on }) }))
  const find = (name: string) => named.find((one) => one.name === name)?.right
  const star = find('*') ?? 'hidden'
  return { star, named, of: (name) => find(name) ?? star, has: (name) => find(name) !== undefined }
}

/** Gives one field a right, or all that are not named. What agrees with the star is not written. */
export function writeRight(tool: Tool, shape: Shape, name: string, right: Right) {
  const { named, star } = rightsOf(shape)
  const rest = named.filter((one) => one.name !== name)
  write(tool, shape, name !== '*' && right === star ? rest : [...rest, { name, right }])
}

/** The columns of the line that each repetition of a step fills in, with the right that each has without being named. */
export function columnsOf(shape: Shape, form: { schema: Schema }): { list: string; columns: [string, Field, Right][] } {
  const repeat = extensionOf(shape.businessObject, 'zhidu:Repeat')
  const [list, by] = [text(repeat, 'into'), text(repeat, 'by')]
  const field = form.schema.properties?.[list] ?? {}
  const columns = columnsIn(field).filter(([name]) => name !== by)
  return { list, columns: columns.map(([name, column]) => [name, column, field.items?.required?.includes(name) ? 'required' : 'edit']) }
}

/** With which outcomes a field is demanded; always if there are none. */
export function writeOn(tool: Tool, shape: Shape, name: string, on: string) {
  const { named } = rightsOf(shape)
  const rest = named.filter((one) => one.name !== name)
  write(tool, shape, [...rest, { name, right: 'required', ...(on && { on }) }])
}

/** Gives all fields of a step the same right. */
export const writeAll = (tool: Tool, shape: Shape, right: Right) => write(tool, shape, [{ name: '*', right }])

/** The star stands first: it is what the others are exceptions from. */
const write = (tool: Tool, shape: Shape, named: Rights['named']) =>
  writeParts(tool, shape, 'zhidu:Work', 'zhidu:Field', [
    ...named.filter((one) => one.name === '*'),
    ...named.filter((one) => one.name !== '*'),
  ])
