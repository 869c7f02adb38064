import { DatePicker, Input, InputNumber, Radio, Select, Switch } from 'antd'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { FileInput } from '@/shared/ui/files'
import { DatasetSelect, EquipmentSelect, PersonSelect, UnitSelect, UnitsSelect } from '@/shared/ui/pickers'
import { choicesOf, widgetOf } from './fields'
import { DatasetName, EquipmentName, PersonName, remember, useFileOf, useFilePath, useNames } from './names'
import { PeopleSelect } from './PeopleSelect'
import type { Field } from './types'

export type InputProps = {
  id?: string
  value?: unknown
  onChange?: (value: unknown) => void
  field: Field
  label: string
  needed?: boolean
}

/** What a field is filled in with; the value is what the form sends. */
export function FieldInput({ field, label, needed, ...props }: InputProps) {
  const { t, i18n } = useTranslation('forms')
  const english = i18n.language === 'en'
  const widget = widgetOf(field)
  const { id, value, onChange } = props
  const { names } = useNames()
  const named = (one: unknown) => (typeof one === 'string' && names[one] ? [{ id: one, name: names[one] }] : [])
  const all = { id, onChange, 'aria-label': label }
  switch (widget) {
    case 'textarea':
      return (
        <Input.TextArea
          {...props}
          aria-label={label}
          value={value as string}
          autoSize={{ minRows: 3, maxRows: 12 }}
          maxLength={field.maxLength ?? 4000}
        />
      )
    case 'number':
    case 'money':
      return <NumberInput {...all} value={value} field={field} money={widget === 'money'} />
    case 'date':
    case 'datetime':
      return <DateInput {...all} value={value} time={widget === 'datetime'} />
    case 'radio':
      return <Radio.Group {...all} value={value} onChange={(event) => onChange?.(event.target.value)} options={choicesOf(field, english)} />
    case 'select':
      return (
        <Select
          {...all}
          allowClear
          style={{ width: '100%' }}
          value={value ?? null}
          onChange={(next) => onChange?.(next ?? undefined)}
          options={choicesOf(field, english)}
        />
      )
    case 'choices':
      return (
        <Select {...all} mode="multiple" style={{ width: '100%' }} value={(value as string[]) ?? []} options={choicesOf(field, english)} />
      )
    case 'switch':
      // A switch that must be answered would take "off" for an answer not given: no is chosen as yes is.
      if (needed && field.const === undefined)
        return (
          <Radio.Group
            {...all}
            value={value}
            onChange={(event) => onChange?.(event.target.value)}
            options={[true, false].map((one) => ({ value: one, label: t(one ? 'common:yes' : 'common:no') }))}
          />
        )
      return <Switch {...all} checked={value === true} />
    case 'person':
      return (
        <PersonSelect
          {...all}
          allowClear
          value={(value as string) ?? null}
          known={named(value)[0] ?? null}
          nameOf={(id) => <PersonName id={id} />}
        />
      )
    case 'people':
      return <PeopleSelect {...all} value={(value as string[]) ?? []} known={((value as string[]) ?? []).flatMap(named)} />
    case 'unit':
      return <UnitSelect {...all} allowClear value={(value as string) ?? null} />
    case 'units':
      return <UnitsSelect {...all} value={(value as string[]) ?? []} />
    case 'equipment':
      return <EquipmentInput {...all} value={value} many={field.type === 'array'} />
    case 'dataset':
      return <DatasetInput {...all} value={value} many={field.type === 'array'} />
    case 'files':
      return <FilesInput {...all} value={value} />
    default:
      return <Input {...props} aria-label={label} value={value as string} maxLength={field.maxLength ?? 500} />
  }
}

type Plain = { id?: string | undefined; value: unknown; onChange?: ((value: unknown) => void) | undefined; 'aria-label': string }

function NumberInput({ field, money, value, ...rest }: Plain & { field: Field; money: boolean }) {
  return (
    <InputNumber<number>
      {...rest}
      value={value as number}
      style={{ width: '100%', maxWidth: 260 }}
      min={field.minimum}
      max={field.maximum}
      precision={money ? 2 : field.type === 'integer' ? 0 : undefined}
      prefix={money ? '¥' : undefined}
      inputMode="decimal"
    />
  )
}

function DateInput({ value, onChange, time, ...rest }: Plain & { time: boolean }) {
  return (
    <DatePicker
      {...rest}
      showTime={time ? { format: 'HH:mm' } : false}
      format={time ? 'YYYY-MM-DD HH:mm' : 'YYYY-MM-DD'}
      value={typeof value === 'string' ? dayjs(value) : null}
      onChange={(day) => onChange?.(day ? (time ? day.toISOString() : day.format('YYYY-MM-DD')) : undefined)}
      style={{ width: '100%', maxWidth: 260 }}
    />
  )
}

function EquipmentInput({ value, onChange, many, ...rest }: Plain & { many: boolean }) {
  const held = many ? ((value as string[]) ?? []) : value ? [value as string] : []
  return (
    <EquipmentSelect
      {...rest}
      nameOf={(id) => <EquipmentName id={id} />}
      value={held}
      onChange={(ids) => onChange?.(many ? ids : ids?.at(-1))}
    />
  )
}

function DatasetInput({ value, onChange, many, ...rest }: Plain & { many: boolean }) {
  const held = many ? ((value as string[]) ?? []) : value ? [value as string] : []
  return (
    <DatasetSelect
      {...rest}
      nameOf={(id) => <DatasetName id={id} />}
      value={held}
      onChange={(ids) => onChange?.(many ? ids : ids?.at(-1))}
    />
  )
}

function FilesInput({ value, onChange, ...rest }: Plain) {
  const fileOf = useFileOf()
  const path = useFilePath()
  const ids = (value as string[]) ?? []
  return (
    <FileInput
      id={rest.id}
      value={ids.map(fileOf)}
      path={path}
      onChange={(files) => {
        remember(files)
        onChange?.(files.map((file) => file.id))
      }}
    />
  )
}
