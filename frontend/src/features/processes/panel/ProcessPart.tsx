import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import { attributes, extensionOf, partsOf, writeExtension, writeParts } from '../modeler/extension'
import { text } from '../modeler/types'
import { fieldsOf, useDesign } from './context'
import { Duration, Flag, Many, Pick, Text } from './inputs'
import type { PartProps } from './Panel'

export const useRoles = () => useQuery({ queryKey: ['roles'], queryFn: () => take(api.GET('/api/v1/roles')), staleTime: 300_000 })

/** What holds for the process as a whole. */
export function ProcessPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const roles = useRoles()
  const own = extensionOf(shape.businessObject, 'zhidu:Process')
  const set = (name: string) => (value: string) => writeExtension(tool, shape, 'zhidu:Process', { [name]: value })
  return (
    <>
      <Text label={t('process.title')} value={text(own, 'title')} set={set('title')} help={t('process.title_help')} />
      <Text label={t('process.number')} value={text(own, 'number')} set={set('number')} help={t('process.number_help')} />
      <Duration label={t('process.due')} value={text(own, 'due')} set={set('due')} help={t('panel.working_time')} />
      <Pick
        label={t('process.withdraw')}
        value={text(own, 'withdraw') || 'first_opinion'}
        set={set('withdraw')}
        options={['first_opinion', 'before_end', 'never'].map((value) => ({ value, label: t(`process.until.${value}`) }))}
      />
      <Many
        label={t('process.starters')}
        help={t('process.starters_help')}
        value={text(own, 'starters')}
        set={set('starters')}
        options={(roles.data?.items ?? []).map((role) => ({ value: role.code, label: role.name }))}
      />
      <Many
        label={t('process.dedup')}
        help={t('process.dedup_help')}
        value={text(own, 'dedup')}
        set={set('dedup')}
        options={['starter', 'previous', 'any'].map((value) => ({ value, label: t(`process.same.${value}`) }))}
      />
      <Many free label={t('panel.clauses')} value={text(own, 'clauses')} set={set('clauses')} options={[]} />
      <FindingPart shape={shape} />
    </>
  )
}

/** Whether cases are started from findings, and what these fill into the form. */
function FindingPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool, model } = useDesign()
  const own = extensionOf(shape.businessObject, 'zhidu:Finding')
  const inputs = attributes(partsOf(own, 'zhidu:Input'), ['name', 'value'])
  const set = (name: string) => (value: string) => {
    const next = [...inputs.filter((one) => one.name !== name), { name, value }]
    writeParts(
      tool,
      shape,
      'zhidu:Finding',
      'zhidu:Input',
      next.filter((one) => one.value),
    )
  }
  return (
    <>
      <Flag
        label={t('process.finding')}
        help={own && t('process.finding_help')}
        value={Boolean(own)}
        set={(on) => writeExtension(tool, shape, 'zhidu:Finding', on ? {} : null)}
      />
      {own &&
        fieldsOf(model).map((field) => (
          <Text
            key={field.value}
            label={field.label}
            value={inputs.find((one) => one.name === field.value)?.value ?? ''}
            set={set(field.value)}
            placeholder="FEEL"
          />
        ))}
    </>
  )
}
