import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useTranslation } from 'react-i18next'
import { type Attributes, attributes, extensionOf, partsOf, writeParts } from '../modeler/extension'
import { text } from '../modeler/types'
import { useDesign } from './context'
import type { PartProps } from './Panel'

/** How work may end, if not simply done. */
export function OutcomesPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const work = extensionOf(shape.businessObject, 'zhidu:Work')
  const outcomes = attributes(partsOf(work, 'zhidu:Outcome'), ['id', 'name', 'en'])
  const write = (next: Attributes[]) => writeParts(tool, shape, 'zhidu:Work', 'zhidu:Outcome', next)
  const set = (at: number, name: string, value: string) =>
    value !== (outcomes[at]?.[name] ?? '') && write(outcomes.map((one, index) => (index === at ? { ...one, [name]: value } : one)))
  if (text(work, 'kind') !== 'do')
    return <p className="faint">{t(`outcome.fixed_${text(work, 'kind') === 'read' ? 'read' : 'approve'}`)}</p>
  return (
    <>
      {outcomes.length === 0 && <p className="faint">{t('outcome.only_done')}</p>}
      {outcomes.map((one, at) => (
        <div key={one.id ?? at} className="panel-triple">
          {(['id', 'name', 'en'] as const).map((name) => (
            <Input
              key={name}
              aria-label={`${t(`outcome.${name}`)} ${at + 1}`}
              placeholder={t(`outcome.${name}`)}
              defaultValue={one[name]}
              onBlur={(event) => set(at, name, event.target.value.trim())}
            />
          ))}
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t('outcome.remove', { name: one.name ?? one.id })}
            onClick={() => write(outcomes.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} onClick={() => write([...outcomes, { id: freeId(outcomes), name: t('outcome.new') }])}>
        {t('outcome.add')}
      </Button>
    </>
  )
}

const freeId = (all: Attributes[]) => {
  let n = all.length + 1
  while (all.some((one) => one.id === `outcome${n}`)) n += 1
  return `outcome${n}`
}
