import { DeleteOutlined } from '@ant-design/icons'
import { Button, Input, InputNumber } from 'antd'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Field } from '../types'
import { Columns } from './Columns'
import { dropField, type FormFile, renameField, setField } from './edit'

type Props = { form: FormFile; name: string; change: (form: FormFile) => void; choose: (name: string | null) => void }

/** What is said of a field: its names, its choices and limits, when it is shown, how it is computed. */
export function FieldSettings({ form, name, change, choose }: Props) {
  const { t } = useTranslation('forms')
  const field = form.schema.properties?.[name] ?? {}
  const set = (next: Partial<Field>) => change(setField(form, name, { ...field, ...next }))
  const rename = (to: string) => {
    if (to === name || !to || form.schema.properties?.[to]) return
    change(renameField(form, name, to))
    choose(to)
  }
  const numeric = field.type === 'number' || field.type === 'integer'
  return (
    <>
      <h2 style={{ marginBottom: 12 }}>{t('designer.settings')}</h2>
      <Line label={t('setting.name')} help={t('setting.name_help')}>
        {(id) => <Input id={id} defaultValue={name} onBlur={(event) => rename(event.target.value.trim())} />}
      </Line>
      <Words label={t('setting.title')} value={field.title} set={(title) => set({ title })} />
      <Words label={t('setting.en')} value={field['x-en']} set={(en) => set({ 'x-en': en })} />
      {field.enum && (
        <>
          <Lines label={t('setting.choices')} value={field.enum} set={(all) => set({ enum: all })} />
          <Lines
            label={t('setting.choices_en')}
            value={field['x-en-enum'] ?? []}
            set={(all) => set({ 'x-en-enum': all.length > 0 ? all : undefined })}
          />
        </>
      )}
      {field['x-widget'] === 'rows' && <Columns field={field} change={(next) => set(next)} />}
      {numeric && (
        <div className="panel-half">
          <Count label={t('setting.minimum')} value={field.minimum} set={(minimum) => set({ minimum })} />
          <Count label={t('setting.maximum')} value={field.maximum} set={(maximum) => set({ maximum })} />
        </div>
      )}
      {field.type === 'string' &&
        !field.enum &&
        !field.format &&
        !['person', 'unit', 'equipment', 'dataset'].includes(field['x-widget'] ?? '') && (
          <>
            <Count label={t('setting.max_length')} value={field.maxLength} set={(maxLength) => set({ maxLength })} />
            <Words label={t('setting.pattern')} value={field.pattern} set={(pattern) => set({ pattern })} />
          </>
        )}
      <Words label={t('setting.help')} value={field['x-help']} set={(help) => set({ 'x-help': help })} />
      <Words label={t('setting.help_en')} value={field['x-help-en']} set={(help) => set({ 'x-help-en': help })} />
      <Words label={t('setting.show')} help={t('setting.show_help')} value={field['x-show']} set={(show) => set({ 'x-show': show })} />
      <Words
        label={t('setting.computed')}
        help={t('setting.computed_help')}
        value={field['x-computed']}
        set={(computed) => set({ 'x-computed': computed })}
      />
      <label className="row" style={{ marginBottom: 16 }}>
        <input type="checkbox" checked={field['x-shared'] === true} onChange={(event) => set({ 'x-shared': event.target.checked })} />
        {t('setting.shared')}
      </label>
      <Button
        danger
        icon={<DeleteOutlined />}
        onClick={() => {
          change(dropField(form, name))
          choose(null)
        }}
      >
        {t('setting.drop')}
      </Button>
    </>
  )
}

function Line({ label, help, children }: { label: string; help?: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className="panel-line">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {help && <div className="faint">{help}</div>}
    </div>
  )
}

type WordsProps = { label: string; help?: string; value: string | undefined; set: (value: string | undefined) => void }

function Words({ label, help, value, set }: WordsProps) {
  return (
    <Line label={label} {...(help && { help })}>
      {(id) => <Input id={id} value={value ?? ''} onChange={(event) => set(event.target.value || undefined)} />}
    </Line>
  )
}

function Lines({ label, value, set }: { label: string; value: string[]; set: (value: string[]) => void }) {
  return (
    <Line label={label}>
      {(id) => (
        <Input.TextArea
          id={id}
          autoSize={{ minRows: 2 }}
          defaultValue={value.join('\n')}
          onChange={(event) =>
            set(
              event.target.value
                .split('\n')
                .map((line) => line.trim())
                .filter(Boolean),
            )
          }
        />
      )}
    </Line>
  )
}

function Count({ label, value, set }: { label: string; value: number | undefined; set: (value: number | undefined) => void }) {
  return (
    <Line label={label}>
      {(id) => <InputNumber id={id} value={value ?? null} onChange={(next) => set(next ?? undefined)} style={{ width: '100%' }} />}
    </Line>
  )
}
