import { DeleteOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { makeShape } from '../modeler/make'
import { AFTER_EVENTS, NEXT, OFFERS } from '../modeler/offer'
import { type Modeling, type Registry, type Selection, type Shape, text } from '../modeler/types'
import { useDesign } from './context'
import type { PartProps } from './Panel'

const FLOWS = /(Task|Gateway|Event|Activity|SubProcess)$/
type Places = { append: (source: Shape, shape: unknown) => void }
type Changes = Modeling & { removeElements: (shapes: Shape[]) => void; connect: (from: Shape, to: Shape) => void }

/** Everything that is done on the drawing with the pointer, without it: choosing an element, the next step, an arrow, away with it. */
export function Around({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const type = shape.businessObject.$type
  const process = type === 'bpmn:Process'
  const flows = FLOWS.test(type) && type !== 'bpmn:EndEvent'
  const nameOf = (one: Shape) =>
    text(one.businessObject, 'name') || t(`kind.${one.businessObject.$type.replace('bpmn:', '')}`, { defaultValue: one.id })
  const all = tool.get<Registry>('elementRegistry').filter((one) => FLOWS.test(one.businessObject.$type) && one.type !== 'label')
  const options = all.filter((one) => one !== shape).map((one) => ({ value: one.id, label: nameOf(one) }))
  const arrows = all
    .filter((one) => /(Exclusive|Inclusive)Gateway$/.test(one.businessObject.$type))
    .flatMap((one) => one.outgoing ?? [])
    .flatMap((one) => (one.source && one.target ? [{ value: one.id, label: `${nameOf(one.source)} → ${nameOf(one.target)}` }] : []))
  const find = (id: string) => tool.get<Registry>('elementRegistry').get(id)
  const select = (id: string) => tool.get<Selection>('selection').select(find(id) ?? null)
  const append = (key: string) => {
    const offer = OFFERS.find((one) => one.key === key)
    if (offer) tool.get<Places>('autoPlace').append(shape, makeShape(tool, offer.type, offer.options))
  }
  const connect = (id: string) => {
    const to = find(id)
    if (to) tool.get<Changes>('modeling').connect(shape, to)
  }
  const keys = type === 'bpmn:EventBasedGateway' ? AFTER_EVENTS : NEXT
  const choice = (word: string, list: { value: string; label: string }[], act: (value: string) => void) => (
    <Select
      value={null}
      aria-label={t(word)}
      placeholder={t(word)}
      options={list}
      showSearch={{ optionFilterProp: 'label' }}
      onChange={(value: string | null) => value && act(value)}
      style={{ gridColumn: word === 'around.select' ? '1 / -1' : 'auto' }}
    />
  )
  return (
    <div className="panel-around">
      {choice('around.select', [...options, ...arrows], select)}
      {flows &&
        choice(
          'around.append',
          keys.map((key) => ({ value: key, label: t(`offer.${key}`) })),
          append,
        )}
      {flows && choice('around.connect', options, connect)}
      {!process && (
        <Button
          icon={<DeleteOutlined />}
          aria-label={t('around.remove', { name: nameOf(shape) })}
          onClick={() => tool.get<Changes>('modeling').removeElements([shape])}
        />
      )}
    </div>
  )
}
