import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'

/** How much work waits for me, beside its name. */
export function Waiting() {
  const { t } = useTranslation()
  const counts = useQuery({
    queryKey: ['work', 'counts'],
    queryFn: () => take(api.GET('/api/v1/work-items/counts')),
    staleTime: 20_000,
    refetchInterval: 60_000,
    retry: false,
  })
  const open = counts.data?.open ?? 0
  if (open === 0) return null
  return (
    <span className="waiting">
      <span aria-hidden="true">{open > 99 ? '99+' : open}</span>
      <span className="unseen">{t('waiting', { count: open })}</span>
    </span>
  )
}
