import { useTranslation } from 'react-i18next'
import { extensionOf, writeExtension } from '../modeler/extension'
import { type Factory, type Modeling, type Node, nodes, text } from '../modeler/types'
import { useDesign } from './context'
import { Flag, Pick, Text } from './inputs'
import type { PartProps } from './Panel'

/** What an event waits for, or how the case ends with it. */
export function TriggerPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const modeling = tool.get<Modeling>('modeling')
  const node = shape.businessObject
  const [definition] = nodes(node, 'eventDefinitions')
  const type = definition?.$type
  return (
    <>
      {!type && node.$type === 'bpmn:EndEvent' && (
        <Pick
          label={t('trigger.result')}
          value={text(extensionOf(node, 'zhidu:Result'), 'state') || 'completed'}
          set={(state) => writeExtension(tool, shape, 'zhidu:Result', state === 'refused' ? { state } : null)}
          options={['completed', 'refused'].map((value) => ({ value, label: t(`trigger.${value}`) }))}
        />
      )}
      {!type && node.$type === 'bpmn:StartEvent' && <p className="faint">{t('trigger.started')}</p>}
      {definition && type === 'bpmn:MessageEventDefinition' && <Named shape={shape} definition={definition} of="message" />}
      {definition && type === 'bpmn:ErrorEventDefinition' && <Named shape={shape} definition={definition} of="error" />}
      {type === 'bpmn:TerminateEventDefinition' && <p className="faint">{t('trigger.terminates')}</p>}
      {node.$type === 'bpmn:BoundaryEvent' && type !== 'bpmn:ErrorEventDefinition' && (
        <Flag
          label={t('trigger.interrupts')}
          help={t('trigger.interrupts_help')}
          value={node.get('cancelActivity') !== false}
          set={(on) => modeling.updateProperties(shape, { cancelActivity: on })}
        />
      )}
    </>
  )
}

/** A message or an error by its name; the root element for it is made when it is first named. */
function Named({ shape, definition, of }: PartProps & { definition: Node; of: 'message' | 'error' }) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const modeling = tool.get<Modeling>('modeling')
  const attribute = of === 'message' ? 'name' : 'errorCode'
  const named = definition.get(`${of}Ref`) as Node | undefined
  const set = (name: string) => {
    const definitions = tool.get<{ getDefinitions: () => Node }>('bpmnjs').getDefinitions()
    const roots = nodes(definitions, 'rootElements')
    const type = of === 'message' ? 'bpmn:Message' : 'bpmn:Error'
    const known = roots.find((one) => one.$type === type && text(one, attribute) === name)
    const made = known ?? tool.get<Factory>('bpmnFactory').create(type, { name, ...(of === 'error' && { errorCode: name }) })
    if (!known) {
      made.$parent = definitions
      modeling.updateModdleProperties(shape, definitions, { rootElements: [...roots, made] })
    }
    modeling.updateModdleProperties(shape, definition, { [`${of}Ref`]: name ? made : undefined })
  }
  return <Text label={t(`trigger.${of}`)} value={text(named, attribute)} set={set} />
}
