import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, type One, of, on, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import type { paths } from '@/shared/api/schema'
import { holds, useMe } from '@/shared/me'

export type ObligationQuery = NonNullable<paths['/api/v1/obligations']['get']['parameters']['query']>
export type Obligation = Schemas['ObligationItem']
export type Verdict = Schemas['Verdict']
export type Numbers = Schemas['Numbers']
export type Control = Schemas['ControlView']
export type ClauseDetail = Schemas['ClauseDetail']
export type RegulationDetail = Schemas['RegulationDetail']
export type Version = Schemas['VersionItem']
/** The texts of two versions; for who may read compliance, what else there is to them. */
export type Compared = Schemas['TextComparison'] & Partial<Schemas['RegulationComparison']>

export const useOverview = () => useQuery({ queryKey: ['compliance'], queryFn: () => take(api.GET('/api/v1/compliance')) })
export const useCoverage = () =>
  useQuery({ queryKey: ['compliance', 'coverage'], queryFn: () => take(api.GET('/api/v1/compliance/coverage')) })
export const useControls = () =>
  useQuery({ queryKey: ['compliance', 'controls'], queryFn: () => take(api.GET('/api/v1/compliance/controls')) })
export const usePacksToPropose = () =>
  useQuery({ queryKey: ['compliance', 'packs'], queryFn: () => take(api.GET('/api/v1/compliance/packs')) })
export const useRegulations = () => useQuery({ queryKey: ['regulations'], queryFn: () => take(api.GET('/api/v1/regulations')) })
export const useRegulation = (id: string) =>
  useQuery({ queryKey: ['regulations', id], queryFn: () => take(api.GET('/api/v1/regulations/{id}', of(id))) })
export const useRegulationText = (id: string) =>
  useQuery({ queryKey: ['regulations', id, 'text'], queryFn: () => take(api.GET('/api/v1/regulations/{id}/text', of(id))) })
export const useVersions = (id: string) =>
  useQuery({ queryKey: ['regulations', id, 'versions'], queryFn: () => take(api.GET('/api/v1/regulations/{id}/versions', of(id))) })
/** What a version says differently from another, by default from the one before. */
export function useComparison(id: string, other?: string) {
  const whole = holds(useMe(), 'compliance.read')
  const params = { params: { path: { id }, query: { with: other } } }
  return useQuery({
    queryKey: ['regulations', id, 'comparison', other],
    queryFn: (): Promise<Compared> =>
      whole
        ? take(api.GET('/api/v1/regulations/{id}/comparison', params))
        : take(api.GET('/api/v1/regulations/{id}/text/comparison', params)),
  })
}
export const useClause = (id: string, clause: string) =>
  useQuery({
    queryKey: ['regulations', id, clause],
    queryFn: () => take(api.GET('/api/v1/regulations/{id}/clauses/{clause}', { params: { path: { id, clause } } })),
  })
export const useNotYet = (id: string) =>
  useInfiniteQuery({
    queryKey: ['regulations', id, 'not-yet'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/v1/regulations/{id}/acknowledgements', { params: { path: { id }, query: { limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
export const useObligations = (query: ObligationQuery) =>
  useInfiniteQuery({
    queryKey: ['obligations', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/obligations', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
export const useObligation = (id: string) =>
  useQuery({ queryKey: ['obligations', 'one', id], queryFn: () => take(api.GET('/api/v1/obligations/{id}', of(id))) })
export const useSample = (id: string, query: { seed?: string | undefined; size?: number | undefined }) =>
  useQuery({
    queryKey: ['compliance', 'sample', id, query],
    enabled: query.seed !== undefined,
    staleTime: query.size === undefined ? 0 : Number.POSITIVE_INFINITY,
    queryFn: () => take(api.GET('/api/v1/compliance/controls/{id}/sample', { params: { path: { id }, query } })),
  })
export const useWaivers = () =>
  useInfiniteQuery({
    queryKey: ['waivers'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/waivers', { params: { query: { limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const propose = (body: Schemas['ProposeRegulation']) => take(api.POST('/api/v1/regulations', { body }))
export const simulate = (body: Schemas['Simulate']) => take(api.POST('/api/v1/compliance/simulate', { body }))
export const approve = (one: One) => take(api.POST('/api/v1/regulations/{id}/approve', on(one)))
export const decline = (one: One, reason: string) => take(api.POST('/api/v1/regulations/{id}/decline', { ...on(one), body: { reason } }))
export const acknowledge = (id: string) => take(api.POST('/api/v1/regulations/{id}/acknowledge', of(id)))
export const setOwner = (id: string, clause: string, unit_id: string) =>
  take(api.PUT('/api/v1/regulations/{id}/clauses/{clause}/owner', { params: { path: { id, clause } }, body: { unit_id } }))
export const attest = (id: string, clause: string, body: Schemas['Attest']) =>
  take(api.POST('/api/v1/regulations/{id}/clauses/{clause}/attestations', { params: { path: { id, clause } }, body }))
export const assign = (one: One, body: Schemas['AssignFinding']) => take(api.POST('/api/v1/obligations/{id}/assign', { ...on(one), body }))
export const correct = (one: One, body: Schemas['CorrectFinding']) =>
  take(api.POST('/api/v1/obligations/{id}/correct', { ...on(one), body }))
export const verify = (one: One, body: Schemas['VerifyFinding']) => take(api.POST('/api/v1/obligations/{id}/verify', { ...on(one), body }))
export const requestWaiver = (body: Schemas['RequestWaiver']) => take(api.POST('/api/v1/waivers', { body }))
export const decideWaiver = (one: One, what: 'approve' | 'decline' | 'end') =>
  what === 'approve'
    ? take(api.POST('/api/v1/waivers/{id}/approve', on(one)))
    : what === 'decline'
      ? take(api.POST('/api/v1/waivers/{id}/decline', on(one)))
      : take(api.POST('/api/v1/waivers/{id}/end', on(one)))
