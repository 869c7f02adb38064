import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import type { paths } from '@/shared/api/schema'

export type Query = NonNullable<paths['/api/v1/equipment']['get']['parameters']['query']>

export function queryOf(search: Record<string, unknown>): Query {
  const query: Record<string, unknown> = {}
  for (const name of ['lens', 'type_id', 'unit_id', 'holder_id', 'q']) if (search[name]) query[name] = search[name]
  if (search.state) query.state = [search.state].flat()
  if (search.registered !== undefined) query.registered = search.registered === true || search.registered === 'true'
  return query as Query
}

export function useEquipment(query: Query) {
  return useInfiniteQuery({
    queryKey: ['equipment', 'list', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/equipment', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

export const useOne = (id: string) =>
  useQuery({ queryKey: ['equipment', 'one', id], queryFn: () => take(api.GET('/api/v1/equipment/{id}', { params: { path: { id } } })) })

export const useTypes = () =>
  useQuery({ queryKey: ['equipment-types'], queryFn: () => take(api.GET('/api/v1/equipment-types')), staleTime: 60_000 })

export const step = (item: { id: string; version: number }, body: Schemas['EquipmentStep']) =>
  take(api.POST('/api/v1/equipment/{id}/transitions', { params: { path: { id: item.id }, header: ifMatch(item.version) }, body }))
