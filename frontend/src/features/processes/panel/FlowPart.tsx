import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { choicesOf, widgetOf } from '../../forms/fields'
import { attributes, extensionOf, partsOf } from '../modeler/extension'
import { type Factory, type Modeling, type Node, text } from '../modeler/types'
import { type Design, fieldsOf, tasksOf, useDesign } from './context'
import { Flag, Text } from './inputs'
import type { PartProps } from './Panel'

/** When an arrow is taken. Conditions are FEEL; the usual ones are put in by a choice. */
export function FlowPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const design = useDesign()
  const { tool } = design
  const modeling = tool.get<Modeling>('modeling')
  const node = shape.businessObject
  const source = shape.source
  const choice = source && /(Exclusive|Inclusive)Gateway$/.test(source.businessObject.$type)
  if (!choice) return <p className="faint">{t('flow.always')}</p>
  const condition = text(node.get('conditionExpression') as Node | undefined, 'body')
  const isDefault = source.businessObject.get('default') === node
  const write = (body: string) => {
    const made = body.trim() ? tool.get<Factory>('bpmnFactory').create('bpmn:FormalExpression', { body: body.trim() }) : undefined
    if (made) made.$parent = node
    modeling.updateProperties(shape, { conditionExpression: made })
  }
  const add = (part: string) => write(condition ? `${condition} and ${part}` : part)
  return (
    <>
      <Flag
        label={t('flow.default')}
        help={t('flow.default_help')}
        value={isDefault}
        set={(on) => {
          modeling.updateProperties(source, { default: on ? node : undefined })
          if (on && condition) write('')
        }}
      />
      {!isDefault && (
        <>
          <Text
            area
            label={t('flow.condition')}
            value={condition}
            set={write}
            help={t('flow.condition_help')}
            placeholder={t('flow.example')}
          />
          <Select
            value={null}
            aria-label={t('flow.insert')}
            placeholder={t('flow.insert')}
            style={{ width: '100%' }}
            showSearch={{ optionFilterProp: 'label' }}
            options={usual(design, t)}
            onChange={(part: string | null) => part && add(part)}
          />
        </>
      )}
    </>
  )
}

type Words = (key: string, values?: Record<string, unknown>) => string

/** The conditions that one usually needs: how a step ended, which choice stands in a field. */
function usual({ tool, model }: Design, t: Words) {
  const quote = (name: string) => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `\`${name}\``)
  const steps = tasksOf(tool).flatMap(({ value, label, shape }) =>
    outcomesOf(shape, t).map((outcome) => ({
      value: `${quote(value)}.outcome = "${outcome.id}"`,
      label: t('flow.step', { step: label, outcome: outcome.name }),
    })),
  )
  const fields = fieldsOf(model).flatMap(({ value, label, field }) => {
    if (field.enum)
      return choicesOf(field, false).map((one) => ({ value: `${quote(value)} = "${one.value}"`, label: `${label} = ${one.label}` }))
    if (widgetOf(field) === 'switch') return [{ value: `${quote(value)} = true`, label: t('flow.yes', { field: label }) }]
    if (['number', 'money'].includes(widgetOf(field))) return [{ value: `${quote(value)} >= 0`, label: t('flow.number', { field: label }) }]
    return []
  })
  return [
    { label: t('flow.steps'), options: steps },
    { label: t('flow.fields'), options: fields },
  ].filter((group) => group.options.length > 0)
}

/** How a user task may end. */
export function outcomesOf(shape: { businessObject: Node }, t: Words): { id: string; name: string }[] {
  const work = extensionOf(shape.businessObject, 'zhidu:Work')
  const own = attributes(partsOf(work, 'zhidu:Outcome'), ['id', 'name']).map((one) => ({
    id: one.id ?? '',
    name: one.name ?? one.id ?? '',
  }))
  const kind = text(work, 'kind') || 'approve'
  if (kind === 'approve') return ['agree', 'refuse'].map((id) => ({ id, name: t(`outcome.${id}`) }))
  if (kind === 'read') return [{ id: 'read', name: t('outcome.read') }]
  return own.length > 0 ? own : [{ id: 'done', name: t('outcome.done') }]
}
