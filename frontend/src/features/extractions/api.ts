import { useInfiniteQuery } from '@tanstack/react-query'
import { api, on, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'

export type Extraction = Schemas['ExtractionView']

export const useExtractions = () =>
  useInfiniteQuery({
    queryKey: ['extractions'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => take(api.GET('/api/v1/extractions', { params: { query: { limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const request = (body: Schemas['RequestExtraction']) => take(api.POST('/api/v1/extractions', { body }))
export const approve = (row: Extraction) => take(api.POST('/api/v1/extractions/{id}/approve', on(row)))
export const withdraw = (row: Extraction) => take(api.POST('/api/v1/extractions/{id}/withdraw', on(row)))
export const decline = ({ row, reason }: { row: Extraction; reason: string }) =>
  take(api.POST('/api/v1/extractions/{id}/decline', { ...on(row), body: { reason } }))
