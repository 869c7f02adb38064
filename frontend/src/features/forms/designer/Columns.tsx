import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { widgetOf } from '../fields'
import type { Field } from '../types'
import { fieldOf, type Kind } from './kinds'

const KINDS: Kind[] = ['text', 'number', 'money', 'date', 'select', 'person', 'unit']

/** The columns of rows (明细). */
export function Columns({ field, change }: { field: Field; change: (next: Partial<Field>) => void }) {
  const { t } = useTranslation('forms')
  const columns = Object.entries(field.items?.properties ?? {})
  const required = field.items?.required ?? []
  const write = (all: [string, Field][], needed = required) =>
    change({
      items: {
        ...field.items,
        type: 'object',
        properties: Object.fromEntries(all),
        required: needed.filter((one) => all.some(([name]) => name === one)),
      },
    })
  const set = (at: number, name: string, next: Field) => write(columns.map((one, index) => (index === at ? [name, next] : one)))
  return (
    <fieldset className="columns" aria-label={t('columns.title')}>
      <legend>{t('columns.title')}</legend>
      {columns.map(([name, column], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns are known by their place, their names are written here
        <div key={at} className="panel-box">
          <div className="panel-half">
            <Input
              aria-label={t('columns.name', { n: at + 1 })}
              defaultValue={name}
              onBlur={(event) => {
                const to = event.target.value.trim()
                if (to && to !== name && !columns.some(([other]) => other === to)) set(at, to, column)
              }}
            />
            <Select
              aria-label={t('columns.kind', { n: at + 1 })}
              value={widgetOf(column)}
              options={KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
              onChange={(kind) => set(at, name, { ...fieldOf(kind as Kind, ['A', 'B']), 'x-en': column['x-en'] })}
            />
          </div>
          <div className="panel-half">
            <Input
              aria-label={t('columns.en', { n: at + 1 })}
              placeholder={t('setting.en')}
              value={column['x-en'] ?? ''}
              onChange={(event) => set(at, name, { ...column, 'x-en': event.target.value || undefined })}
            />
            <Input
              aria-label={t('columns.computed', { n: at + 1 })}
              placeholder={t('setting.computed')}
              value={column['x-computed'] ?? ''}
              onChange={(event) => set(at, name, { ...column, 'x-computed': event.target.value || undefined })}
            />
          </div>
          {column.enum && (
            <Select
              mode="tags"
              aria-label={t('setting.choices')}
              value={column.enum}
              onChange={(all: string[]) => set(at, name, { ...column, enum: all })}
              style={{ width: '100%', marginBottom: 6 }}
            />
          )}
          <div className="row" style={{ justifyContent: 'space-between' }}>
            <Checkbox
              checked={required.includes(name)}
              onChange={(event) => write(columns, event.target.checked ? [...required, name] : required.filter((one) => one !== name))}
            >
              {t('columns.required')}
            </Checkbox>
            <Button
              type="text"
              size="small"
              icon={<DeleteOutlined />}
              aria-label={t('columns.drop', { name })}
              onClick={() => write(columns.filter((_, index) => index !== at))}
            />
          </div>
        </div>
      ))}
      <Button
        size="small"
        icon={<PlusOutlined />}
        onClick={() => write([...columns, [t('columns.new', { n: columns.length + 1 }), { type: 'string' }]])}
      >
        {t('columns.add')}
      </Button>
    </fieldset>
  )
}
