import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useTranslation } from 'react-i18next'
import { useProcesses } from '../api'
import { attributes, extensionOf } from '../modeler/extension'
import { type Factory, type Modeling, type Node, nodes, text } from '../modeler/types'
import { useDesign } from './context'
import { Pick } from './inputs'
import type { PartProps } from './Panel'

/** Which process is called, what it is given, and what comes back. */
export function CallPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const processes = useProcesses()
  return (
    <>
      <Pick
        search
        label={t('call.process')}
        value={text(shape.businessObject, 'calledElement')}
        set={(key) => tool.get<Modeling>('modeling').updateProperties(shape, { calledElement: key || undefined })}
        options={(processes.data?.items ?? []).map((one) => ({ value: one.key, label: one.name }))}
      />
      <Pairs shape={shape} type="zhidu:Input" names={['name', 'value']} />
      <Pairs shape={shape} type="zhidu:Output" names={['field', 'value']} />
    </>
  )
}

/** Inputs or outputs: they stand right in the extension elements of the call. */
function Pairs({ shape, type, names }: PartProps & { type: string; names: [string, string] }) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const holder = shape.businessObject.get('extensionElements') as Node | undefined
  const pairs = attributes(
    nodes(holder, 'values').filter((one) => one.$type === type),
    names,
  )
  const write = (next: (typeof pairs)[number][]) => {
    const factory = tool.get<Factory>('bpmnFactory')
    const rest = nodes(holder, 'values').filter((one) => one.$type !== type)
    const extensionElements = factory.create('bpmn:ExtensionElements', {
      values: [...rest, ...next.map((one) => factory.create(type, one))],
    })
    tool.get<Modeling>('modeling').updateProperties(shape, { extensionElements })
  }
  const word = type === 'zhidu:Input' ? 'input' : 'output'
  const known = extensionOf(shape.businessObject, type) ? pairs : []
  return (
    <>
      <h3>{t(`call.${word}s`)}</h3>
      {known.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same name while they are written
        <div key={`${one[names[0]]} ${at}`} className="panel-pair">
          {names.map((name, column) => (
            <Input
              key={name}
              aria-label={`${t(`call.${word}_${column === 0 ? 'to' : 'from'}`)} ${at + 1}`}
              placeholder={t(`call.${word}_${column === 0 ? 'to' : 'from'}`)}
              defaultValue={one[name]}
              onBlur={(event) =>
                event.target.value !== one[name] &&
                write(known.map((other, index) => (index === at ? { ...one, [name]: event.target.value } : other)))
              }
            />
          ))}
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t('call.remove', { n: at + 1 })}
            onClick={() => write(known.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} onClick={() => write([...known, { [names[0]]: '', [names[1]]: '' }])}>
        {t('call.add')}
      </Button>
    </>
  )
}
