import type { FormItemProps } from 'antd'
import type { TFunction } from 'i18next'
import type { Field } from './types'

/** What the page refuses before the server does: what is missing, too long, or of another shape. */
export function rulesOf(field: Field, needed: boolean, t: TFunction<'forms'>): NonNullable<FormItemProps['rules']> {
  return [
    ...(needed ? [{ required: true, message: t('common:required') }] : []),
    ...(field.const !== undefined ? [{ type: 'enum' as const, enum: [field.const], message: t('common:required') }] : []),
    ...(field.pattern ? [{ pattern: new RegExp(field.pattern, 'u'), message: t('rule.pattern') }] : []),
    ...(field.minLength ? [{ min: field.minLength, message: t('rule.min_length', { n: field.minLength }) }] : []),
  ]
}
