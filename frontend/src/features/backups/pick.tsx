import { Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { useSettled } from '@/shared/ui/pickers'
import { type Medium, useMedia, usePlaces } from './api'

type Props = { id?: string; value?: string; onChange?: (value: string | undefined) => void }

/** A place that is in use. */
export function PlaceSelect(props: Props) {
  const { t } = useTranslation('backups')
  const places = usePlaces()
  const options = places.data?.items.filter((place) => place.active).map((place) => ({ value: place.id, label: place.name }))
  return <Select {...props} allowClear options={options ?? []} placeholder={t('places.pick')} />
}

/** A medium that is in use, by a part of its serial. With `can`, those of which the reader may do that; of the others it says why not. */
export function MediumSelect({ can, known, ...props }: Props & { can?: string; known?: Medium | null }) {
  const { t } = useTranslation('backups')
  const [words, setWords] = useState('')
  const q = useSettled(words)
  const media = useMedia(q || undefined)
  const rows = media.data?.pages.flatMap((page) => page.items) ?? []
  if (known && !q && !rows.some((medium) => medium.id === known.id)) rows.unshift(known)
  const options = rows
    .filter((medium) => medium.active || medium.id === known?.id)
    .map((medium) => {
      const may = can ? action(medium, can) : undefined
      return { value: medium.id, label: medium.serial, disabled: may?.allowed === false, why: may?.reason_text }
    })
  return (
    <Select
      {...props}
      allowClear
      showSearch={{ filterOption: false, onSearch: setWords }}
      loading={media.isFetching}
      options={options}
      optionRender={(option) => (
        <span className="option">
          {option.data.label} <span className="faint">{option.data.why}</span>
        </span>
      )}
      placeholder={t('media.pick')}
    />
  )
}
