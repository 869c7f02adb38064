import { useTranslation } from 'react-i18next'
import { extensionOf, writeExtension } from '../modeler/extension'
import { type Factory, type Modeling, type Node, nodes, text } from '../modeler/types'
import { useDesign } from './context'
import { Duration, Flag, Pick, Text } from './inputs'
import type { PartProps } from './Panel'

const KINDS = ['timeDuration', 'timeDate', 'timeCycle'] as const

/** After what time, or when. */
export function TimerPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const timer = nodes(shape.businessObject, 'eventDefinitions').find((one) => one.$type === 'bpmn:TimerEventDefinition')
  if (!timer) return null
  const kind = KINDS.find((one) => timer.get(one)) ?? 'timeDuration'
  const value = text(timer.get(kind) as Node | undefined, 'body')
  const write = (name: (typeof KINDS)[number], body: string) => {
    const made = body ? tool.get<Factory>('bpmnFactory').create('bpmn:FormalExpression', { body }) : undefined
    if (made) made.$parent = timer
    tool
      .get<Modeling>('modeling')
      .updateModdleProperties(shape, timer, { timeDuration: undefined, timeDate: undefined, timeCycle: undefined, [name]: made })
  }
  const working = text(extensionOf(shape.businessObject, 'zhidu:Timer'), 'calendar') === 'work'
  return (
    <>
      <Pick
        label={t('timer.kind')}
        value={kind}
        set={(next) => write(next as typeof kind, next === 'timeDuration' ? 'PT8H' : next === 'timeCycle' ? 'R/P1D' : '=today()')}
        options={KINDS.map((one) => ({ value: one, label: t(`timer.${one}`) }))}
      />
      {kind === 'timeDuration' ? (
        <Duration label={t('timer.duration')} value={value} set={(body) => write(kind, body)} />
      ) : (
        <Text label={t(`timer.${kind}`)} value={value} set={(body) => write(kind, body)} help={t('timer.feel')} />
      )}
      <Flag
        label={t('timer.working')}
        help={t('timer.working_help')}
        value={working}
        set={(on) => writeExtension(tool, shape, 'zhidu:Timer', on ? { calendar: 'work' } : null)}
      />
    </>
  )
}
