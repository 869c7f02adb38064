import { Collapse } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Shape } from '../modeler/types'
import { Around } from './Around'
import { Basics } from './Basics'
import { CallPart } from './CallPart'
import { DecisionPart } from './DecisionPart'
import { EventPart } from './EventPart'
import { FlowPart } from './FlowPart'
import { ManyPart } from './ManyPart'
import { OutcomesPart } from './OutcomesPart'
import { PeoplePart } from './PeoplePart'
import { PolicyPart } from './PolicyPart'
import { ProcessPart } from './ProcessPart'
import { RightsPart } from './RightsPart'
import { ServicePart } from './ServicePart'
import { TimePart } from './TimePart'
import { TimerPart } from './TimerPart'
import { TriggerPart } from './TriggerPart'
import '../../forms/forms.css'
import './panel.css'

export type PartProps = { shape: Shape }
type Part = { key: string; children: ReactNode }

/** What is said of the selected element, or of the process when none is. */
export function Panel({ shape }: { shape: Shape }) {
  const { t } = useTranslation('processes')
  const type = shape.businessObject.$type
  const parts = partsOf(shape, type)
  return (
    <section key={shape.id} className="panel" aria-label={t('panel.title')}>
      <h2>{t(`kind.${type.replace('bpmn:', '')}`, { defaultValue: type.replace('bpmn:', '') })}</h2>
      <Basics shape={shape} />
      <Around shape={shape} />
      <Collapse
        ghost
        size="small"
        defaultActiveKey={parts.slice(0, 2).map((part) => part.key)}
        items={parts.map((part) => ({ ...part, label: t(`panel.${part.key}`) }))}
      />
    </section>
  )
}

function partsOf(shape: Shape, type: string): Part[] {
  const part = (key: string, children: ReactNode): Part => ({ key, children })
  switch (type) {
    case 'bpmn:Process':
      return [part('process', <ProcessPart shape={shape} />)]
    case 'bpmn:UserTask':
      return [
        part('people', <PeoplePart shape={shape} />),
        part('policy', <PolicyPart shape={shape} />),
        part('rights', <RightsPart shape={shape} />),
        part('time', <TimePart shape={shape} />),
        part('outcomes', <OutcomesPart shape={shape} />),
        part('repeat', <ManyPart shape={shape} />),
        part('event', <EventPart shape={shape} of="zhidu:Work" />),
      ]
    case 'bpmn:ServiceTask':
      return [part('action', <ServicePart shape={shape} />), part('repeat', <ManyPart shape={shape} />)]
    case 'bpmn:BusinessRuleTask':
      return [part('decision', <DecisionPart shape={shape} />)]
    case 'bpmn:CallActivity':
      return [part('call', <CallPart shape={shape} />), part('repeat', <ManyPart shape={shape} />)]
    case 'bpmn:SubProcess':
      return [part('repeat', <ManyPart shape={shape} />)]
    case 'bpmn:SequenceFlow':
      return [part('flow', <FlowPart shape={shape} />)]
    case 'bpmn:StartEvent':
    case 'bpmn:IntermediateCatchEvent':
    case 'bpmn:BoundaryEvent':
    case 'bpmn:EndEvent':
      return [
        part('trigger', <TriggerPart shape={shape} />),
        part('timer', <TimerPart shape={shape} />),
        ...(type === 'bpmn:StartEvent' || type === 'bpmn:EndEvent' ? [part('event', <EventPart shape={shape} />)] : []),
      ].filter((one) => one.key !== 'timer' || isTimer(shape))
    default:
      return []
  }
}

const isTimer = (shape: Shape) =>
  ((shape.businessObject.get('eventDefinitions') as { $type: string }[] | undefined) ?? []).some(
    (one) => one.$type === 'bpmn:TimerEventDefinition',
  )
