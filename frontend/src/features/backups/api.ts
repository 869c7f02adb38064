import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'

export type Plan = Schemas['BackupPlanView']
export type Archiving = Schemas['BackupArchivingView']
export type Backup = Schemas['BackupView']
export type Place = Schemas['BackupPlaceView']
export type Medium = Schemas['BackupMediumView']
export type HandOver = Schemas['BackupHandOverView']

/** A backup that is being made is looked at again soon. */
const SOON = 2_000

export const usePlans = () =>
  useQuery({
    queryKey: ['backup-plans'],
    queryFn: () => take(api.GET('/api/v1/backup-plans')),
    refetchInterval: (query) => (query.state.data?.items.some((plan) => plan.busy) ? SOON : false),
  })

export const useTargets = () =>
  useQuery({ queryKey: ['backup-targets'], queryFn: () => take(api.GET('/api/v1/backup-targets')), staleTime: 60_000 })

export const useArchiving = () =>
  useQuery({ queryKey: ['backup-archiving'], queryFn: () => take(api.GET('/api/v1/backup-archiving')), refetchInterval: 30_000 })

export const useBackups = (plan_id: string | undefined) =>
  useInfiniteQuery({
    queryKey: ['backups', plan_id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/backups', { params: { query: { plan_id, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (query) => {
      const rows = query.state.data?.pages.flatMap((page) => page.items) ?? []
      return rows.some((row) => row.state === 'running' || row.drill_wanted) ? SOON : false
    },
  })

export const usePlaces = () => useQuery({ queryKey: ['backup-places'], queryFn: () => take(api.GET('/api/v1/backup-places')) })

/** Media, or those with these words in their serial. */
export const useMedia = (q: string | undefined) =>
  useInfiniteQuery({
    queryKey: ['backup-media', q],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/backup-media', { params: { query: { q, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const useHandOvers = () =>
  useInfiniteQuery({
    queryKey: ['backup-handovers'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/backup-handovers', { params: { query: { limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

/** What was filled in: fields that were left empty are not said at all. */
export function said<T>(values: object): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '')) as T
}

/** What a change makes of a form: fields that were left empty are cleared. */
export function cleared<T>(values: object): T {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === undefined || value === '' ? null : value])) as T
}
