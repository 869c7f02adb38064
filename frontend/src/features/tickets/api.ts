import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import type { operations, paths } from '@/shared/api/schema'

export type { operations }
export type Query = NonNullable<paths['/api/v1/tickets']['get']['parameters']['query']>
export type Step = Schemas['TicketStep']

/** The files of a ticket with the place where each is fetched. */
export const linked = <F extends { id: string }>(id: string, files: F[]) =>
  files.map((file) => ({ ...file, path: `/api/v1/tickets/${id}/attachments/${file.id}` }))

const MANY = ['state', 'kind', 'priority']
const TRUTHS = ['open', 'overdue', 'unread', 'unassigned']
const NAMES = [
  ...MANY,
  ...TRUTHS,
  'lens',
  'category_id',
  'assignee_id',
  'reporter_id',
  'unit_id',
  'assigned_unit_id',
  'equipment_id',
  'created_from',
  'created_to',
  'q',
  'sort',
]

/** The filters that stand in the URL, as the API takes them. */
export function queryOf(search: Record<string, unknown>): Query {
  const query: Record<string, unknown> = {}
  for (const name of NAMES) {
    const value = search[name]
    if (value === undefined || value === '') continue
    if (MANY.includes(name)) query[name] = Array.isArray(value) ? value : [value]
    else if (TRUTHS.includes(name)) query[name] = value === true || value === 'true'
    else query[name] = value
  }
  return query as Query
}

export function useTickets(query: Query) {
  return useInfiniteQuery({
    queryKey: ['tickets', 'list', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/tickets', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

export const useTicket = (id: string) =>
  useQuery({ queryKey: ['tickets', 'one', id], queryFn: () => take(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })) })

export const useTimeline = (id: string) =>
  useQuery({
    queryKey: ['tickets', 'timeline', id],
    queryFn: () => take(api.GET('/api/v1/tickets/{id}/timeline', { params: { path: { id } } })),
  })

export const useCategories = () =>
  useQuery({ queryKey: ['categories'], queryFn: () => take(api.GET('/api/v1/ticket-categories')), staleTime: 60_000 })

export const step = (ticket: { id: string; version: number }, body: Step) =>
  take(api.POST('/api/v1/tickets/{id}/transitions', { params: { path: { id: ticket.id }, header: ifMatch(ticket.version) }, body }))
