import { Input, InputNumber, Select, Switch } from 'antd'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { durationOf, isoOf, type Span } from './duration'

/** A label above what it names. */
export function Line({ label, help, children }: { label: string; help?: ReactNode; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className="panel-line">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {help && <div className="faint">{help}</div>}
    </div>
  )
}

type TextProps = { label: string; value: string; set: (value: string) => void; help?: ReactNode; area?: boolean; placeholder?: string }

/** A text that is taken when one leaves it, so that undo goes by texts and not by letters. */
export function Text({ label, value, set, help, area, placeholder }: TextProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const props = {
    value: typed,
    placeholder,
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
    onBlur: () => typed !== value && set(typed),
  }
  return (
    <Line label={label} help={help}>
      {(id) =>
        area ? (
          <Input.TextArea id={id} {...props} autoSize={{ minRows: 2, maxRows: 8 }} />
        ) : (
          <Input id={id} {...props} onPressEnter={(event) => !event.nativeEvent.isComposing && event.currentTarget.blur()} />
        )
      }
    </Line>
  )
}

type PickProps = {
  label: string
  value: string
  options: { value: string; label: string }[]
  set: (value: string) => void
  help?: ReactNode
  clear?: boolean
  search?: boolean
}

export function Pick({ label, value, options, set, help, clear, search }: PickProps) {
  const known = options.some((one) => one.value === value)
  const all = value && !known ? [{ value, label: value }, ...options] : options
  return (
    <Line label={label} help={help}>
      {(id) => (
        <Select
          id={id}
          value={value || null}
          allowClear={clear ?? false}
          options={all}
          onChange={(next) => set(next ?? '')}
          {...(search && { showSearch: { optionFilterProp: 'label' } })}
          style={{ width: '100%' }}
        />
      )}
    </Line>
  )
}

/** Several words that stand in one attribute, separated by blanks. */
export function Many({ label, value, options, set, help, free }: Omit<PickProps, 'clear' | 'search'> & { free?: boolean }) {
  return (
    <Line label={label} help={help}>
      {(id) => (
        <Select
          id={id}
          mode={free ? 'tags' : 'multiple'}
          value={value.split(/\s+/).filter(Boolean)}
          options={options}
          showSearch={{ optionFilterProp: 'label' }}
          onChange={(next: string[]) => set(next.join(' '))}
          style={{ width: '100%' }}
        />
      )}
    </Line>
  )
}

export function Flag({ label, value, set, help }: { label: string; value: boolean; set: (value: boolean) => void; help?: ReactNode }) {
  const id = useId()
  return (
    <div className="panel-line">
      <span className="row" style={{ justifyContent: 'space-between' }}>
        <span id={id}>{label}</span>
        <Switch size="small" checked={value} onChange={set} aria-labelledby={id} />
      </span>
      {help && <div className="faint">{help}</div>}
    </div>
  )
}

const UNITS = ['M', 'H', 'D'] as const

/** A duration (ISO 8601) as a number of minutes, hours or days; what is more than that is written as text. */
export function Duration({ label, value, set, help }: { label: string; value: string; set: (value: string) => void; help?: ReactNode }) {
  const { t } = useTranslation('processes')
  const span = durationOf(value)
  if (value && !span) return <Text label={label} value={value} set={set} help={help} />
  const now: Span = span ?? { count: null, unit: 'H' }
  const write = (next: Partial<Span>) => set(isoOf({ ...now, ...next }))
  return (
    <Line label={label} help={help}>
      {(id) => (
        <div className="row" style={{ flexWrap: 'nowrap' }}>
          <InputNumber id={id} min={1} precision={0} value={now.count} onChange={(count) => write({ count })} style={{ width: 110 }} />
          <Select
            aria-label={t('panel.unit')}
            value={now.unit}
            onChange={(unit) => write({ unit })}
            options={UNITS.map((unit) => ({ value: unit, label: t(`panel.span.${unit}`) }))}
            style={{ width: 100 }}
          />
        </div>
      )}
    </Line>
  )
}
