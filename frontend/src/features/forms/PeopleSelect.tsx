import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { useSettled } from '@/shared/ui/pickers'
import { PersonName } from './names'

type Props = {
  id?: string | undefined
  value?: string[] | undefined
  onChange?: ((ids: string[]) => void) | undefined
  known?: Schemas['PersonRef'][]
  'aria-label'?: string
  autoFocus?: boolean
}

/** Several people, by name, account, number or pinyin initials. */
export function PeopleSelect({ known = [], value = [], ...props }: Props) {
  const { t } = useTranslation('forms')
  const [words, setWords] = useState('')
  const q = useSettled(words)
  // Whoever was chosen keeps their name when the next search no longer finds them.
  const names = useRef(new Map<string, string>())
  const people = useQuery({
    queryKey: ['people', 'pick', q, undefined],
    queryFn: () => take(api.GET('/api/v1/people', { params: { query: { q: q || undefined, active: true, limit: 30 } } })),
  })
  const found = (people.data?.items ?? []).map((one) => ({ value: one.id, label: one.name, note: one.main_post?.unit.name ?? one.login }))
  for (const one of found) names.current.set(one.value, one.label)
  for (const one of known) names.current.set(one.id, one.name)
  const held = value.filter((id) => !found.some((one) => one.value === id))
  return (
    <Select
      {...props}
      mode="multiple"
      value={value}
      showSearch={{ filterOption: false, onSearch: setWords }}
      loading={people.isFetching}
      placeholder={t('common:pick.person')}
      options={[...held.map((id) => ({ value: id, label: names.current.get(id) ?? <PersonName id={id} />, note: '' })), ...found]}
      optionRender={(option) => (
        <span className="option">
          {option.data.label} <span className="faint">{option.data.note}</span>
        </span>
      )}
      notFoundContent={people.isFetching ? t('common:loading') : t('common:pick.nobody')}
      style={{ width: '100%' }}
    />
  )
}
