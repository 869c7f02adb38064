import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useTranslation } from 'react-i18next'
import { attributes, extensionOf, partsOf, writeExtension, writeParts } from '../modeler/extension'
import { type Factory, type Modeling, type Node, nodes, text } from '../modeler/types'
import { useDesign } from './context'
import { outcomesOf } from './FlowPart'
import { Pick, Text } from './inputs'
import type { PartProps } from './Panel'

/** The event of a regulation for which a step stands, with the facts that controls ask for. */
export function EventPart({ shape, of }: PartProps & { of?: string }) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const node = shape.businessObject
  const event = of ? partsOf(extensionOf(node, of), 'zhidu:Event')[0] : extensionOf(node, 'zhidu:Event')
  const facts = attributes(partsOf(event, 'zhidu:Fact'), ['name', 'value'])
  const modeling = tool.get<Modeling>('modeling')
  const factory = tool.get<Factory>('bpmnFactory')
  const setName = (name: string) => {
    if (event && name) modeling.updateModdleProperties(shape, event, { name })
    else if (of) writeParts(tool, shape, of, 'zhidu:Event', name ? [{ name }] : [])
    else writeExtension(tool, shape, 'zhidu:Event', name ? { name } : null)
  }
  const setFacts = (all: { name?: string | undefined; value?: string | undefined }[]) => {
    if (!event) return
    const parts: Node[] = all.map((one) => Object.assign(factory.create('zhidu:Fact', one), { $parent: event }))
    modeling.updateModdleProperties(shape, event, {
      parts: [...nodes(event, 'parts').filter((one) => one.$type !== 'zhidu:Fact'), ...parts],
    })
  }
  return (
    <>
      <Text label={t('event.name')} value={text(event, 'name')} set={setName} help={t('event.help')} placeholder="purchase.approved" />
      {event && of && (
        <Pick
          clear
          label={t('event.on')}
          value={text(event, 'on')}
          set={(on) => modeling.updateModdleProperties(shape, event, { on: on || undefined })}
          options={outcomesOf(shape, t).map((one) => ({ value: one.id, label: one.name }))}
        />
      )}
      {event && (
        <>
          <h3>{t('event.facts')}</h3>
          {facts.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same name while they are written
            <div key={`${one.name} ${at}`} className="panel-pair">
              {(['name', 'value'] as const).map((name) => (
                <Input
                  key={name}
                  aria-label={`${t(`event.fact_${name}`)} ${at + 1}`}
                  placeholder={t(`event.fact_${name}`)}
                  defaultValue={one[name]}
                  onBlur={(change) =>
                    change.target.value !== one[name] &&
                    setFacts(facts.map((other, index) => (index === at ? { ...one, [name]: change.target.value } : other)))
                  }
                />
              ))}
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('event.remove', { n: at + 1 })}
                onClick={() => setFacts(facts.filter((_, index) => index !== at))}
              />
            </div>
          ))}
          <Button
            size="small"
            icon={<PlusOutlined />}
            onClick={() => setFacts([...facts, { name: `fact${facts.length + 1}`, value: 'null' }])}
          >
            {t('event.add')}
          </Button>
        </>
      )}
    </>
  )
}
