import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, of, on, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import type { paths } from '@/shared/api/schema'

export type Query = NonNullable<paths['/api/v1/datasets']['get']['parameters']['query']>
export type GrantQuery = NonNullable<paths['/api/v1/dataset-grants']['get']['parameters']['query']>
export type Item = Schemas['DatasetItem']
export type Detail = Schemas['DatasetDetail']
export type Grant = Schemas['DatasetGrantView']

export const CLASSES: Schemas['Classification'][] = ['public', 'internal', 'confidential', 'secret']
export const MODES: Schemas['GrantMode'][] = ['read', 'export', 'change']

export function queryOf(search: Record<string, unknown>): Query {
  const query: Record<string, unknown> = {}
  for (const name of ['lens', 'state', 'unit_id', 'q']) if (search[name]) query[name] = search[name]
  if (search.classification) query.classification = [search.classification].flat()
  return query as Query
}

export const useDatasets = (query: Query) =>
  useInfiniteQuery({
    queryKey: ['datasets', 'list', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/datasets', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const useDataset = (id: string) =>
  useQuery({ queryKey: ['datasets', 'one', id], queryFn: () => take(api.GET('/api/v1/datasets/{id}', of(id))) })

export const useGrants = (query: GrantQuery, enabled = true) =>
  useInfiniteQuery({
    queryKey: ['dataset-grants', query],
    enabled,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/dataset-grants', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const create = (body: Schemas['CreateDataset']) => take(api.POST('/api/v1/datasets', { body }))
export const change = (item: Item, body: Schemas['ChangeDataset']) => take(api.PATCH('/api/v1/datasets/{id}', { ...on(item), body }))
export const move = (item: Item, body: Schemas['DatasetStep']) => take(api.POST('/api/v1/datasets/{id}/transitions', { ...on(item), body }))
export const give = (id: string, body: Schemas['GiveDatasetGrant']) => take(api.POST('/api/v1/datasets/{id}/grants', { ...of(id), body }))
export const revoke = (grant: Grant, reason: string) =>
  take(api.POST('/api/v1/dataset-grants/{id}/revoke', { ...on(grant), body: { reason } }))
