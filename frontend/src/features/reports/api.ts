import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, of, on, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'

export type Report = Schemas['ReportView']
export type Run = Schemas['ReportRunView']
export type Plan = Schemas['ReportPlanView']
export type Column = Schemas['ReportColumn']
export type Period = Schemas['ReportPeriod']

/** A report that is being made is looked at again soon. */
const SOON = 700
const PERIODS: Period[] = ['day', 'week', 'month', 'quarter', 'year']

export { PERIODS }

export const useReports = () => useQuery({ queryKey: ['reports'], queryFn: () => take(api.GET('/api/v1/reports')), staleTime: 60_000 })

export const useRuns = (query: { report?: string | undefined; plan_id?: string | undefined }) =>
  useInfiniteQuery({
    queryKey: ['report-runs', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/report-runs', { params: { query: { ...query, limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.items.some((run) => run.state === 'queued')) ? SOON : false),
  })

export const useRun = (id: string) =>
  useQuery({
    queryKey: ['report-runs', 'one', id],
    queryFn: () => take(api.GET('/api/v1/report-runs/{id}', of(id))),
    refetchInterval: (query) => (query.state.data?.state === 'queued' ? SOON : false),
  })

export const useRows = (id: string, offset: number, limit: number, ready: boolean) =>
  useQuery({
    queryKey: ['report-runs', 'rows', id, offset, limit],
    queryFn: () => take(api.GET('/api/v1/report-runs/{id}/rows', { params: { path: { id }, query: { offset, limit } } })),
    enabled: ready,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  })

export const usePlans = () => useQuery({ queryKey: ['report-plans'], queryFn: () => take(api.GET('/api/v1/report-plans')) })

export const ask = (body: Schemas['RequestReport']) => take(api.POST('/api/v1/report-runs', { body }))
export const repeat = (id: string) => take(api.GET('/api/v1/report-runs/{id}/repeat', of(id)))
export const discard = (run: Run) => take(api.POST('/api/v1/report-runs/{id}/discard', on(run)))
export const plan = (body: Schemas['CreateReportPlan']) => take(api.POST('/api/v1/report-plans', { body }))
export const change = ({ plan, body }: { plan: Plan; body: Schemas['ChangeReportPlan'] }) =>
  take(api.PATCH('/api/v1/report-plans/{id}', { ...on(plan), body }))
