import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { useMedia, usePlaces } from './api'

type Props = { id?: string; value?: string; onChange?: (value: string | undefined) => void }

/** A place that is in use. */
export function PlaceSelect(props: Props) {
  const { t } = useTranslation('backups')
  const places = usePlaces()
  const options = places.data?.items.filter((place) => place.active).map((place) => ({ value: place.id, label: place.name }))
  return <Select {...props} allowClear options={options ?? []} placeholder={t('places.pick')} />
}

/** A medium that is in use, by its serial. */
export function MediumSelect(props: Props) {
  const { t } = useTranslation('backups')
  const media = useMedia()
  const rows = media.data?.pages.flatMap((page) => page.items) ?? []
  const options = rows.filter((medium) => medium.active).map((medium) => ({ value: medium.id, label: medium.serial }))
  return <Select {...props} allowClear showSearch={{ optionFilterProp: 'label' }} options={options} placeholder={t('media.pick')} />
}
