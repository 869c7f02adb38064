import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'

/** What people call what was done, and who did it. Events of processes are called what their pack calls them. */
export function useWords() {
  const { t, i18n } = useTranslation('records')
  const found = useQuery({
    queryKey: ['events', i18n.language],
    queryFn: () => take(api.GET('/api/v1/compliance/events')),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const titles = useMemo(() => new Map(found.data?.items.map((one) => [one.name, one.title])), [found.data])
  return {
    action: (name: string) => t(`action.${name}`, { defaultValue: titles.get(name) || name }),
    actor: ({ kind, name }: Schemas['RecordActor']) =>
      kind === 'system_job' && name ? t(`job.${name}`, { defaultValue: name }) : (name ?? t(`actor.${kind}`)),
  }
}
