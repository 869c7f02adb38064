import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, type One, of, on, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import type { paths } from '@/shared/api/schema'
import { formOf } from '../forms/types'
import type { Act, CaseDetail, WorkDetail } from './types'

export type * from './types'

type WorkQuery = NonNullable<paths['/api/v1/work-items']['get']['parameters']['query']>
type CaseQuery = NonNullable<paths['/api/v1/cases']['get']['parameters']['query']>

export const useWorkItems = (query: WorkQuery) =>
  useInfiniteQuery({
    queryKey: ['work', 'list', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/work-items', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const useCases = (query: CaseQuery) =>
  useInfiniteQuery({
    queryKey: ['cases', 'list', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/cases', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

const files = (id: string) => `/api/v1/cases/${id}/files`

export const useWorkItem = (id: string) =>
  useQuery({
    queryKey: ['work', 'one', id],
    queryFn: async (): Promise<WorkDetail> => {
      const work = await take(api.GET('/api/v1/work-items/{id}', { params: { path: { id } } }))
      return { ...work, form: formOf(work.form, files(work.case.id)) }
    },
  })

export const useCase = (id: string) =>
  useQuery({
    queryKey: ['cases', 'one', id],
    queryFn: async (): Promise<CaseDetail> => {
      const one = await take(api.GET('/api/v1/cases/{id}', { params: { path: { id } } }))
      return { ...one, form: formOf(one.form, files(id)) }
    },
  })

export const useCounts = () =>
  useQuery({
    queryKey: ['work', 'counts'],
    queryFn: () => take(api.GET('/api/v1/work-items/counts')),
    staleTime: 20_000,
    refetchInterval: 60_000,
    retry: false,
  })

export const useCaseDiagram = (id: string) =>
  useQuery({
    queryKey: ['cases', 'diagram', id],
    queryFn: () => take(api.GET('/api/v1/cases/{id}/diagram', { params: { path: { id } } })),
  })
export const usePhrases = () => useQuery({ queryKey: ['phrases'], queryFn: () => take(api.GET('/api/v1/phrases')), staleTime: 300_000 })
export const useDeputies = () => useQuery({ queryKey: ['deputies'], queryFn: () => take(api.GET('/api/v1/deputies')) })
export const useProcesses = () =>
  useQuery({ queryKey: ['processes', 'list', {}], staleTime: 60_000, queryFn: () => take(api.GET('/api/v1/processes')) })
export const useDrafts = () => useQuery({ queryKey: ['case-drafts'], queryFn: () => take(api.GET('/api/v1/case-drafts')) })

export const act = (item: One, body: Act) => take(api.POST('/api/v1/work-items/{id}/transitions', { ...on(item), body }))
export const actInBulk = (items: One[], outcome: string, opinion?: string) =>
  take(api.POST('/api/v1/work-items/bulk', { body: { items, outcome, opinion } }))
export const opened = (id: string) => api.POST('/api/v1/work-items/{id}/seen', of(id))

export const actOnCase = (one: One, body: Schemas['CaseStep']) => take(api.POST('/api/v1/cases/{id}/transitions', { ...on(one), body }))
export const jump = (one: One, body: Schemas['JumpCase']) => take(api.POST('/api/v1/cases/{id}/jump', { ...on(one), body }))
export const urge = (id: string, text?: string) => take(api.POST('/api/v1/cases/{id}/urge', { ...of(id), body: { text } }))
export const sendCopy = (id: string, person_ids: string[], text?: string) =>
  take(api.POST('/api/v1/cases/{id}/cc', { ...of(id), body: { person_ids, text } }))
export const seen = (id: string) => api.POST('/api/v1/cases/{id}/seen', of(id))
export const askPerson = (id: string, to: string, text: string) =>
  take(api.POST('/api/v1/cases/{id}/questions', { ...of(id), body: { to, text } }))
export const answer = (id: string, question_id: string, text: string) =>
  take(api.POST('/api/v1/cases/{id}/questions/{question_id}/answer', { params: { path: { id, question_id } }, body: { text } }))
export const deliver = (id: string, name: string) => take(api.POST('/api/v1/cases/{id}/messages', { ...of(id), body: { name } }))
export const retry = (id: string, token: number) =>
  take(api.POST('/api/v1/cases/{id}/incidents/{token}/retry', { params: { path: { id, token } } }))
export const resolve = (id: string, token: number, body: Schemas['ResolveIncident']) =>
  take(api.POST('/api/v1/cases/{id}/incidents/{token}/resolve', { params: { path: { id, token } }, body }))

export const handOver = (body: Schemas['HandOver']) => take(api.POST('/api/v1/work-items/hand-over', { body }))
export const savePhrases = (phrases: string[]) => take(api.PUT('/api/v1/phrases', { body: { phrases } }))
export const dropDraft = (id: string) => take(api.DELETE('/api/v1/case-drafts/{id}', of(id)))
export const addDeputy = (body: Schemas['NameDeputy']) => take(api.POST('/api/v1/deputies', { body }))
export const dropDeputy = (id: string) => take(api.DELETE('/api/v1/deputies/{id}', of(id)))
