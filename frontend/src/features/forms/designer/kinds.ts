import type { Field } from '../types'

/** What a form can be laid together from. */
export const KINDS = [
  'text',
  'textarea',
  'number',
  'money',
  'date',
  'datetime',
  'select',
  'radio',
  'switch',
  'person',
  'people',
  'unit',
  'units',
  'equipment',
  'dataset',
  'files',
  'rows',
] as const
export type Kind = (typeof KINDS)[number]

/** A new field of a kind. */
export function fieldOf(kind: Kind, choices: string[]): Field {
  switch (kind) {
    case 'textarea':
      return { type: 'string', 'x-widget': 'textarea' }
    case 'number':
      return { type: 'number' }
    case 'money':
      return { type: 'number', 'x-widget': 'money', minimum: 0 }
    case 'date':
      return { type: 'string', format: 'date' }
    case 'datetime':
      return { type: 'string', format: 'date-time' }
    case 'select':
      return { type: 'string', enum: choices }
    case 'radio':
      return { type: 'string', enum: choices, 'x-widget': 'radio' }
    case 'switch':
      return { type: 'boolean', 'x-widget': 'switch' }
    case 'person':
    case 'unit':
    case 'equipment':
    case 'dataset':
      return { type: 'string', 'x-widget': kind }
    case 'people':
    case 'units':
    case 'files':
      return { type: 'array', items: { type: 'string' }, 'x-widget': kind }
    case 'rows':
      return { type: 'array', 'x-widget': 'rows', items: { type: 'object', properties: {} } }
    default:
      return { type: 'string' }
  }
}
