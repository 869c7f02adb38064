import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input, Select } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { columnsIn, widgetOf } from '../fields'
import type { Field } from '../types'
import { addColumn, demandColumn, dropColumn, moveColumn, renameColumn, setColumn } from './columns'
import { fieldOf, type Kind } from './kinds'

const KINDS: Kind[] = ['text', 'number', 'money', 'date', 'select', 'person', 'unit']

/** The columns of rows (明细). */
export function Columns({ field, change }: { field: Field; change: (next: Partial<Field>) => void }) {
  const { t } = useTranslation('forms')
  const all = useRef<HTMLFieldSetElement>(null)
  const columns = columnsIn(field)
  const required = field.items?.required ?? []
  const set = (at: number, next: Field) => change(setColumn(field, at, next))
  const rename = (at: number, to: string) => {
    const next = renameColumn(field, at, to)
    if (next) change(next)
  }
  // The button that was pressed goes with its column, so that it can be pressed again.
  const move = (at: number, by: 1 | -1) => {
    change(moveColumn(field, at, by))
    const button = (way: number) => all.current?.querySelector<HTMLElement>(`[data-move="${at + by} ${way}"]:not(:disabled)`)
    requestAnimationFrame(() => (button(by) ?? button(-by))?.focus())
  }
  return (
    <fieldset className="columns" aria-label={t('columns.title')} ref={all}>
      <legend>{t('columns.title')}</legend>
      {columns.map(([name, column], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns are known by their place, their names are written here
        <div key={at} className="panel-box">
          <div className="panel-half">
            <Name label={t('columns.name', { n: at + 1 })} name={name} rename={(to) => rename(at, to)} />
            <Select
              aria-label={t('columns.kind', { n: at + 1 })}
              value={widgetOf(column)}
              options={KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
              onChange={(kind) => set(at, { ...fieldOf(kind as Kind, ['A', 'B']), 'x-en': column['x-en'] })}
            />
          </div>
          <div className="panel-half">
            <Input
              aria-label={t('columns.en', { n: at + 1 })}
              placeholder={t('setting.en')}
              value={column['x-en'] ?? ''}
              onChange={(event) => set(at, { ...column, 'x-en': event.target.value || undefined })}
            />
            <Input
              aria-label={t('columns.computed', { n: at + 1 })}
              placeholder={t('setting.computed')}
              value={column['x-computed'] ?? ''}
              onChange={(event) => set(at, { ...column, 'x-computed': event.target.value || undefined })}
            />
          </div>
          {column.enum && (
            <Select
              mode="tags"
              aria-label={t('setting.choices')}
              value={column.enum}
              onChange={(choices: string[]) => set(at, { ...column, enum: choices })}
              style={{ width: '100%', marginBottom: 6 }}
            />
          )}
          <div className="row">
            <Checkbox
              className="grow"
              checked={required.includes(name)}
              onChange={(event) => change(demandColumn(field, name, event.target.checked))}
            >
              {t('columns.required')}
            </Checkbox>
            <span>
              {([-1, 1] as const).map((by) => (
                <Button
                  key={by}
                  type="text"
                  size="small"
                  data-move={`${at} ${by}`}
                  icon={by < 0 ? <ArrowUpOutlined /> : <ArrowDownOutlined />}
                  aria-label={t(by < 0 ? 'columns.up' : 'columns.down', { name })}
                  disabled={!columns[at + by]}
                  onClick={() => move(at, by)}
                />
              ))}
              <Button
                type="text"
                size="small"
                icon={<DeleteOutlined />}
                aria-label={t('columns.drop', { name })}
                onClick={() => change(dropColumn(field, at))}
              />
            </span>
          </div>
        </div>
      ))}
      <Button
        size="small"
        icon={<PlusOutlined />}
        onClick={() =>
          change(
            addColumn(
              field,
              freeName(columns, (n) => t('columns.new', { n })),
            ),
          )
        }
      >
        {t('columns.add')}
      </Button>
    </fieldset>
  )
}

/** A name that is taken when one leaves it. */
function Name({ label, name, rename }: { label: string; name: string; rename: (to: string) => void }) {
  const [typed, setTyped] = useState(name)
  useEffect(() => setTyped(name), [name])
  return (
    <Input
      aria-label={label}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => {
        rename(typed.trim())
        setTyped(name)
      }}
    />
  )
}

function freeName(columns: [string, Field][], word: (n: number) => string) {
  let n = columns.length + 1
  while (columns.some(([name]) => name === word(n))) n += 1
  return word(n)
}
