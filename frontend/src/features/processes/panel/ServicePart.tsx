import { useTranslation } from 'react-i18next'
import type { Field } from '../../forms/types'
import { useActions } from '../api'
import { type Attributes, attributes, extensionOf, partsOf, writeExtension, writeParts } from '../modeler/extension'
import { text } from '../modeler/types'
import { fieldsOf, useDesign } from './context'
import { Pick, Text } from './inputs'
import type { PartProps } from './Panel'

/** What the system does here: an action of the catalogue, what goes in, and into which fields its results go. */
export function ServicePart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool, model } = useDesign()
  const actions = useActions()
  const own = extensionOf(shape.businessObject, 'zhidu:Action')
  const name = text(own, 'name')
  const action = actions.data?.find((one) => one.name === name)
  const inputs = attributes(partsOf(own, 'zhidu:Input'), ['name', 'value'])
  const outputs = attributes(partsOf(own, 'zhidu:Output'), ['field', 'value'])
  const put = (list: Attributes[], by: string, key: string, next: Attributes) => [...list.filter((one) => one[by] !== key), next]
  const setInput = (key: string) => (value: string) =>
    writeParts(
      tool,
      shape,
      'zhidu:Action',
      'zhidu:Input',
      put(inputs, 'name', key, { name: key, value }).filter((one) => one.value),
    )
  const setOutput = (key: string) => (field: string) =>
    writeParts(
      tool,
      shape,
      'zhidu:Action',
      'zhidu:Output',
      put(outputs, 'value', key, { field, value: key }).filter((one) => one.field),
    )
  const label = (key: string, field: Field) => field.title ?? key
  const required = (action?.input as { required?: string[] } | undefined)?.required ?? []
  return (
    <>
      <Pick
        search
        label={t('service.action')}
        value={name}
        set={(next) => writeExtension(tool, shape, 'zhidu:Action', next ? { name: next } : null)}
        options={(actions.data ?? []).map((one) => ({ value: one.name, label: one.title }))}
      />
      {action && (
        <>
          <p className="faint">{t(`service.repeat.${action.repeat}`, { defaultValue: '' })}</p>
          <h3>{t('service.inputs')}</h3>
          {Object.entries(action.input.properties ?? {}).map(([key, field]) => (
            <Text
              key={key}
              label={`${label(key, field)}${required.includes(key) ? ' *' : ''}`}
              value={inputs.find((one) => one.name === key)?.value ?? ''}
              set={setInput(key)}
              placeholder="FEEL"
            />
          ))}
          {Object.keys(action.output.properties ?? {}).length > 0 && <h3>{t('service.outputs')}</h3>}
          {Object.entries(action.output.properties ?? {}).map(([key, field]) => (
            <Pick
              key={key}
              clear
              search
              label={label(key, field)}
              value={outputs.find((one) => one.value === key)?.field ?? ''}
              set={setOutput(key)}
              options={fieldsOf(model)}
            />
          ))}
        </>
      )}
    </>
  )
}
