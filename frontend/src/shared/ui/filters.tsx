import { FilterOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePhone } from './layout'
import { UnitSelect } from './pickers'

/** The filters of a list. On a phone the words are open and the rest comes on demand, with how many of them are set. */
export function FilterBar({ words, set, children }: { words?: ReactNode; set: unknown[]; children: ReactNode }) {
  const { t } = useTranslation()
  const phone = usePhone()
  const [open, setOpen] = useState(false)
  const n = set.filter((value) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)).length
  return (
    <search className="row filters">
      {words}
      {phone && (
        <Button icon={<FilterOutlined />} aria-expanded={open} onClick={() => setOpen(!open)}>
          {n > 0 ? t('filter.set', { n }) : t('filter.title')}
        </Button>
      )}
      {(!phone || open) && children}
    </search>
  )
}

/** The words that a list is searched for: sent with Enter, and following the address when that changes. */
export function Words({ value, hint, search }: { value: string | undefined; hint: string; search: (words: string | undefined) => void }) {
  const [words, setWords] = useState(value ?? '')
  useEffect(() => setWords(value ?? ''), [value])
  return (
    <Input.Search
      allowClear
      style={{ width: 250 }}
      aria-label={hint}
      placeholder={hint}
      value={words}
      onChange={(event) => setWords(event.target.value)}
      onSearch={(typed) => search(typed || undefined)}
    />
  )
}

/** Of which unit and those below. */
export function UnitFilter({ label, value, change }: { label: string; value: string | undefined; change: (unit?: string) => void }) {
  return (
    <div style={{ width: 180 }}>
      <UnitSelect aria-label={label} placeholder={label} allowClear value={value ?? null} onChange={change} />
    </div>
  )
}
