import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { exact } from '@/shared/ui/time'
import type { Run } from './api'

/** A boundary between days is said by its day. */
const from = (at: string) => (dayjs(at).isSame(dayjs(at).startOf('day')) ? dayjs(at).format('YYYY-MM-DD') : exact(at))
const until = (at: string) => (dayjs(at).isSame(dayjs(at).startOf('day')) ? dayjs(at).subtract(1, 'day').format('YYYY-MM-DD') : exact(at))

/** Over what time a run speaks. */
export function Span({ run: { parameters, requested_at } }: { run: Run }) {
  const { t } = useTranslation('reports')
  if (parameters.from && parameters.to) return t('span.both', { from: from(parameters.from), to: until(parameters.to) })
  if (parameters.from) return t('span.from', { from: from(parameters.from) })
  if (parameters.to) return t('span.to', { to: until(parameters.to) })
  return t('span.all', { at: exact(requested_at) })
}
