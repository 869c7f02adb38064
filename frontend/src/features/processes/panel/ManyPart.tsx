import { useTranslation } from 'react-i18next'
import { extensionOf, writeExtension } from '../modeler/extension'
import { type Factory, type Modeling, type Node, text } from '../modeler/types'
import { useDesign } from './context'
import { Pick, Text } from './inputs'
import type { PartProps } from './Panel'

/** Whether something is done several times, at once or one after the other, and over what. */
export function ManyPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
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
      {loop && (
        <Text
          label={t('repeat.over')}
          help={t('repeat.over_help')}
          value={text(extensionOf(shape.businessObject, 'zhidu:Repeat'), 'over')}
          set={(over) => writeExtension(tool, shape, 'zhidu:Repeat', over ? { over } : null)}
          placeholder="FEEL"
        />
      )}
    </>
  )
}
