import { useTranslation } from 'react-i18next'
import { columnsIn } from '../../forms/fields'
import { extensionOf, writeExtension } from '../modeler/extension'
import { type Factory, type Modeling, type Node, text } from '../modeler/types'
import { fieldsOf, useDesign } from './context'
import { Pick, Text } from './inputs'
import type { PartProps } from './Panel'

/** Whether something is done several times, at once or one after the other, and over what. */
export function ManyPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool, model } = useDesign()
  const repeat = extensionOf(shape.businessObject, 'zhidu:Repeat')
  const get = (name: string) => text(repeat, name)
  const set = (name: string) => (value: string) => {
    const next = { over: get('over'), into: get('into'), by: get('by'), [name]: value }
    const said = Object.entries(next).filter(([, one]) => one)
    writeExtension(tool, shape, 'zhidu:Repeat', said.length > 0 ? Object.fromEntries(said) : null)
  }
  const lists = fieldsOf(model).filter(({ field }) => field.items?.properties)
  const columns = columnsIn(model.form.schema.properties?.[get('into')] ?? {}).map(([value]) => ({ value, label: value }))
  const loop = shape.businessObject.get('loopCharacteristics') as Node | undefined
  const how = !loop ? 'once' : loop.get('isSequential') ? 'sequential' : 'parallel'
  const choose = (next: string) => {
    const made =
      next === 'once'
        ? undefined
        : tool.get<Factory>('bpmnFactory').create('bpmn:MultiInstanceLoopCharacteristics', { isSequential: next === 'sequential' })
    if (made) made.$parent = shape.businessObject
    tool.get<Modeling>('modeling').updateProperties(shape, { loopCharacteristics: made })
    if (!made) writeExtension(tool, shape, 'zhidu:Repeat', null)
  }
  return (
    <>
      <Pick
        label={t('repeat.how')}
        value={how}
        set={choose}
        options={['once', 'parallel', 'sequential'].map((value) => ({ value, label: t(`repeat.${value}`) }))}
      />
      {loop && <Text label={t('repeat.over')} help={t('repeat.over_help')} value={get('over')} set={set('over')} placeholder="FEEL" />}
      {loop && shape.type === 'bpmn:UserTask' && (
        <>
          <Pick clear label={t('repeat.into')} help={t('repeat.into_help')} value={get('into')} set={set('into')} options={lists} />
          {get('into') && <Pick clear label={t('repeat.by')} value={get('by')} set={set('by')} options={columns} />}
        </>
      )}
    </>
  )
}
