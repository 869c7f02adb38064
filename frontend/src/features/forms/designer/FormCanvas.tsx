import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, HolderOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { columnsIn, labelOf } from '../fields'
import { FieldInput } from '../inputs'
import type { Field } from '../types'
import { dropGroup, type FormFile, groups, type Place, setGroup } from './edit'
import { KINDS, type Kind } from './kinds'

type Props = {
  form: FormFile
  chosen: string | null
  choose: (name: string) => void
  add: (kind: Kind, place: Place) => void
  move: (name: string, place: Place) => void
  change: (form: FormFile) => void
  addGroup: () => void
}

/** The form as people will see it. Fields are pulled to their place, or moved by Alt and the arrows. */
export function FormCanvas({ form, chosen, choose, add, move, change, addGroup }: Props) {
  const { t } = useTranslation('forms')
  const [over, setOver] = useState<string | null>(null)
  const all = groups(form)
  const drop = (event: DragEvent, place: Place) => {
    event.preventDefault()
    event.stopPropagation()
    setOver(null)
    const [what, name = ''] = event.dataTransfer.getData('text/plain').split(':')
    if (what === 'new' && (KINDS as readonly string[]).includes(name)) add(name as Kind, place)
    else if (what === 'field') move(name, place)
  }
  const zone = (place: Place) => {
    const key = `${place.group} ${place.index}`
    return {
      onDragOver: (event: DragEvent) => {
        event.preventDefault()
        event.stopPropagation()
        setOver(key)
      },
      onDragLeave: () => setOver(null),
      onDrop: (event: DragEvent) => drop(event, place),
      'data-over': over === key || undefined,
    }
  }
  const step = (name: string, group: number, index: number, by: 1 | -1) => {
    const length = all[group]?.fields.length ?? 0
    const next = index + by
    if (next < 0 && group > 0) move(name, { group: group - 1, index: Number.POSITIVE_INFINITY })
    else if (next >= length && group < all.length - 1) move(name, { group: group + 1, index: 0 })
    else if (next >= 0 && next < length) move(name, { group, index: by > 0 ? next + 1 : next })
  }
  return (
    <section className="section form-canvas" aria-label={t('designer.canvas')}>
      {all.map((group, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups are known by their place
        <fieldset key={at} className="canvas-group" {...zone({ group: at, index: group.fields.length })}>
          <div className="row">
            <Input
              variant="borderless"
              className="grow"
              aria-label={t('designer.group')}
              placeholder={t('designer.group')}
              value={group.title}
              onChange={(event) => change(setGroup(form, at, { title: event.target.value }))}
            />
            <Input
              variant="borderless"
              className="grow"
              aria-label={t('designer.group_en')}
              placeholder={t('designer.group_en')}
              value={group.en ?? ''}
              onChange={(event) => change(setGroup(form, at, { en: event.target.value || undefined }))}
            />
            {all.length > 1 && (
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('designer.group_drop', { title: group.title })}
                onClick={() => change(dropGroup(form, at))}
              />
            )}
          </div>
          {group.fields.map((name, index) => (
            <CanvasField
              key={name}
              name={name}
              field={form.schema.properties?.[name] ?? {}}
              on={name === chosen}
              choose={() => choose(name)}
              step={(by) => step(name, at, index, by)}
              zone={zone({ group: at, index })}
            />
          ))}
          {group.fields.length === 0 && <p className="faint canvas-empty">{t('designer.empty')}</p>}
        </fieldset>
      ))}
      {all.length === 0 && (
        <p className="faint canvas-empty" {...zone({ group: 0, index: 0 })}>
          {t('designer.empty')}
        </p>
      )}
      <Button icon={<PlusOutlined />} onClick={addGroup}>
        {t('designer.group_add')}
      </Button>
    </section>
  )
}

type FieldProps = {
  name: string
  field: Field
  on: boolean
  choose: () => void
  step: (by: 1 | -1) => void
  zone: Record<string, unknown>
}

function CanvasField({ name, field, on, choose, step, zone }: FieldProps) {
  const { t, i18n } = useTranslation('forms')
  const label = labelOf(name, field, i18n.language === 'en')
  const columns = columnsIn(field)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop on; the button inside is what keyboards use
    <div
      className={`canvas-field${on ? ' on' : ''}`}
      draggable
      onDragStart={(event) => {
        event.stopPropagation()
        event.dataTransfer.setData('text/plain', `field:${name}`)
      }}
      {...zone}
    >
      <div className="row" style={{ flexWrap: 'nowrap' }}>
        <HolderOutlined className="faint" aria-hidden="true" />
        <button
          type="button"
          className="text grow"
          aria-pressed={on}
          onClick={choose}
          onKeyDown={(event) => {
            if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return
            event.preventDefault()
            step(event.key === 'ArrowUp' ? -1 : 1)
          }}
        >
          {label} <span className="faint">{name !== label && name}</span>
        </button>
        {on && (
          <>
            <Button
              size="small"
              type="text"
              icon={<ArrowUpOutlined />}
              aria-label={t('designer.up', { name: label })}
              onClick={() => step(-1)}
            />
            <Button
              size="small"
              type="text"
              icon={<ArrowDownOutlined />}
              aria-label={t('designer.down', { name: label })}
              onClick={() => step(1)}
            />
          </>
        )}
      </div>
      <div className="canvas-look" inert>
        {columns.length > 0 || field['x-widget'] === 'rows' ? (
          <div className="canvas-columns">
            {columns.map(([column, schema]) => (
              <span key={column}>{labelOf(column, schema, i18n.language === 'en')}</span>
            ))}
          </div>
        ) : (
          <FieldInput field={field} label={label} />
        )}
      </div>
    </div>
  )
}
