import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { type Attributes, attributes, extensionOf, partsOf, writeParts } from '../modeler/extension'
import { fieldsOf, tasksOf, useDesign } from './context'
import { Pick, Text } from './inputs'
import type { PartProps } from './Panel'
import { useRoles } from './ProcessPart'

const BY = ['starter', 'head', 'heads', 'role', 'post', 'person', 'field', 'chosen', 'handler', 'members'] as const
type By = (typeof BY)[number]

/** Who does it; several kinds add up. */
export function PeoplePart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const people = attributes(partsOf(extensionOf(shape.businessObject, 'zhidu:Work'), 'zhidu:People'), ['by', 'of', 'up', 'value'])
  const write = (next: Attributes[]) => writeParts(tool, shape, 'zhidu:Work', 'zhidu:People', next)
  return (
    <>
      {people.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have no name, and stay in their order
        <div key={at} className="panel-box">
          <Kind one={one} shape={shape} set={(next) => write(people.map((other, index) => (index === at ? next : other)))} />
          <Button
            type="text"
            size="small"
            className="panel-away"
            icon={<DeleteOutlined />}
            aria-label={t('people.remove', { n: at + 1 })}
            onClick={() => write(people.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} onClick={() => write([...people, { by: 'head' }])}>
        {t('people.add')}
      </Button>
    </>
  )
}

function Kind({ one, shape, set }: { one: Attributes; shape: PartProps['shape']; set: (next: Attributes) => void }) {
  const { t } = useTranslation('processes')
  const { tool, model } = useDesign()
  const roles = useRoles()
  const by = (one.by ?? 'head') as By
  const change = (next: Attributes) => set({ ...one, ...next })
  const fields = fieldsOf(model)
  const ofUnits = (extra: { value: string; label: string }[]) => [
    { value: 'starter', label: t('people.of.starter') },
    ...fields
      .filter(({ field }) => ['unit', 'units'].includes(field['x-widget'] ?? ''))
      .map(({ value, label }) => ({ value: `field:${value}`, label: t('people.of.field', { field: label }) })),
    ...extra,
  ]
  const named = fields.filter(({ field }) => ['person', 'people'].includes(field['x-widget'] ?? ''))
  return (
    <>
      <Pick
        label={t('people.by')}
        value={by}
        set={(value) => set({ by: value })}
        options={BY.map((value) => ({ value, label: t(`people.kind.${value}`) }))}
      />
      {(by === 'head' || by === 'members') && (
        <Pick label={t('people.unit')} value={one.of ?? 'starter'} set={(of) => change({ of })} options={ofUnits([])} />
      )}
      {by === 'heads' && <Text label={t('people.up')} value={one.up ?? ''} set={(up) => change({ up: up.replace(/\D/g, '') })} />}
      {by === 'role' && (
        <>
          <Pick
            search
            label={t('people.role')}
            value={one.value ?? ''}
            set={(value) => change({ value })}
            options={(roles.data?.items ?? []).map((role) => ({ value: role.code, label: role.name }))}
          />
          <Pick
            label={t('people.unit')}
            value={one.of ?? 'starter'}
            set={(of) => change({ of })}
            options={ofUnits([{ value: 'company', label: t('people.of.company') }])}
          />
        </>
      )}
      {by === 'post' && (
        <>
          <Text label={t('people.post')} value={one.value ?? ''} set={(value) => change({ value })} />
          <Pick clear label={t('people.unit')} value={one.of ?? ''} set={(of) => change({ of })} options={ofUnits([])} />
        </>
      )}
      {by === 'person' && <Text label={t('people.login')} value={one.value ?? ''} set={(value) => change({ value })} />}
      {by === 'field' && <Pick label={t('people.field')} value={one.value ?? ''} set={(value) => change({ value })} options={named} />}
      {by === 'handler' && (
        <Pick
          label={t('people.handler')}
          value={one.value ?? ''}
          set={(value) => change({ value })}
          options={tasksOf(tool).filter((task) => task.value !== shape.id)}
        />
      )}
    </>
  )
}
