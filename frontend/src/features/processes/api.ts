import { useQuery } from '@tanstack/react-query'
import { api, type One, of, on, send, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { type Data, formOf } from '../forms/types'
import { sent } from '../forms/writable'
import type { ActionItem, Model, ProcessDetail, Release, StartView, Taken } from './types'

export type * from './types'

/** What the server keeps of a process, as the page knows it: what was left out is empty. */
function modelOf<S extends Schemas['Source']>(source: S): Omit<S, keyof Model> & Model {
  const { form, decisions, tests, ...rest } = source
  const known = form as unknown as Partial<Model['form']>
  return {
    ...rest,
    form: { schema: known.schema ?? {}, ui: known.ui ?? {} },
    decisions: (decisions ?? {}) as unknown as Model['decisions'],
    tests: (tests ?? []) as unknown as Model['tests'],
  } as unknown as Omit<S, keyof Model> & Model
}
const sourceOf = (model: Model) => model as unknown as Schemas['CheckSource']
const detailOf = (detail: Schemas['ProcessDetail']): ProcessDetail => ({ ...detail, draft: detail.draft && modelOf(detail.draft) })
const detail = async (answer: Promise<Schemas['ProcessDetail']>) => detailOf(await answer)

export const useProcesses = (query: { q?: string | undefined; startable?: boolean } = {}) =>
  useQuery({ queryKey: ['processes', 'list', query], queryFn: () => take(api.GET('/api/v1/processes', { params: { query } })) })
export const useProcess = (id: string) =>
  useQuery({ queryKey: ['processes', 'one', id], queryFn: () => detail(take(api.GET('/api/v1/processes/{id}', of(id)))) })
export const useRelease = (id: string, number: number | undefined) =>
  useQuery({
    queryKey: ['processes', 'release', id, number],
    enabled: number !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<Release> =>
      modelOf(await take(api.GET('/api/v1/processes/{id}/releases/{number}', { params: { path: { id, number: number ?? 0 } } }))),
  })
export const useStatistics = (id: string, query: { from?: string | undefined; to?: string | undefined }) =>
  useQuery({
    queryKey: ['processes', 'statistics', id, query],
    queryFn: () => take(api.GET('/api/v1/processes/{id}/statistics', { params: { path: { id }, query } })),
  })
export const useActions = () =>
  useQuery({
    queryKey: ['process-actions'],
    staleTime: 300_000,
    queryFn: async () => (await take(api.GET('/api/v1/process-actions'))).items as unknown as ActionItem[],
  })
export const useStart = (id: string) =>
  useQuery({
    queryKey: ['processes', 'start', id],
    staleTime: 60_000,
    queryFn: async (): Promise<StartView> => {
      const start = await take(api.GET('/api/v1/processes/{id}/start', of(id)))
      return { ...start, form: formOf(start.form) }
    },
  })
export const useDraft = (id: string | undefined) =>
  useQuery({
    queryKey: ['case-drafts', id],
    enabled: Boolean(id),
    queryFn: () => take(api.GET('/api/v1/case-drafts/{id}', of(id ?? ''))),
  })
export const usePacks = () => useQuery({ queryKey: ['packs'], queryFn: () => take(api.GET('/api/v1/packs')) })
export const usePack = (key: string) =>
  useQuery({ queryKey: ['packs', key], queryFn: () => take(api.GET('/api/v1/packs/{key}', { params: { path: { key } } })) })
/** A process of a pack: as it was installed, as it is here, as the pack has it now. */
export const usePackProcess = (key: string, process_key: string) =>
  useQuery({
    queryKey: ['packs', key, 'process', process_key],
    queryFn: async () => {
      const path = { key, process_key }
      const { base, here, pack, ...rest } = await take(api.GET('/api/v1/packs/{key}/processes/{process_key}', { params: { path } }))
      return { ...rest, base: base && modelOf(base), here: here && modelOf(here), pack: modelOf(pack) }
    },
  })

export const createProcess = (body: Schemas['CreateProcess']) => take(api.POST('/api/v1/processes', { body }))
export type ProcessChange = Partial<Model> & Pick<Schemas['ChangeProcess'], 'name' | 'name_en' | 'category' | 'about'>
export const changeProcess = (one: One, body: ProcessChange) =>
  detail(take(api.PATCH('/api/v1/processes/{id}', { ...on(one), body: body as unknown as Schemas['ChangeProcess'] })))
export const check = (model: Model) => take(api.POST('/api/v1/processes/check', { body: sourceOf(model) }))
export const publish = (one: One, body: Schemas['PublishProcess']) => take(api.POST('/api/v1/processes/{id}/publish', { ...on(one), body }))
export const promote = (one: One) => take(api.POST('/api/v1/processes/{id}/promote', on(one)))
export const withdraw = (one: One, reason: string) => take(api.POST('/api/v1/processes/{id}/withdraw', { ...on(one), body: { reason } }))
export const restore = (one: One) => take(api.POST('/api/v1/processes/{id}/restore', on(one)))

export type Trial = { starter_id?: string | undefined; data: Data; decisions_taken: Taken[] }
export const testRun = ({ tests: _, ...model }: Model, trial: Trial) =>
  take(api.POST('/api/v1/processes/test-run', { body: { ...model, ...trial } as unknown as Schemas['TryProcess'] }))
export const replay = (id: string, last: number) => take(api.POST('/api/v1/processes/{id}/replay', { ...of(id), body: { last } }))
export const migrate = (id: string, body: Schemas['MigrateCases']) => take(api.POST('/api/v1/processes/{id}/migrate', { ...of(id), body }))
export const favour = (id: string, liked: boolean) =>
  liked ? take(api.PUT('/api/v1/processes/{id}/favourite', of(id))) : take(api.DELETE('/api/v1/processes/{id}/favourite', of(id)))

export const preview = (id: string, { data, ...body }: Omit<Schemas['PreviewCase'], 'data'> & { data: Data }) =>
  take(api.POST('/api/v1/processes/{id}/preview', { ...of(id), body: { ...body, data: sent(data) } }))
export const startCase = ({ data, ...body }: Omit<Schemas['StartCase'], 'data'> & { data: Data }, key: string) =>
  take(api.POST('/api/v1/cases', { headers: { 'idempotency-key': key }, body: { ...body, data: sent(data) } }))
/** What a finding fills into the forms of the processes that correct it. */
export const useCorrecting = (finding: string | undefined) =>
  useQuery({
    queryKey: ['obligations', 'processes', finding],
    enabled: Boolean(finding),
    queryFn: async () => (await take(api.GET('/api/v1/obligations/{id}/processes', of(finding ?? '')))).items,
  })
/** A case that corrects a finding: the finding knows it then. */
export const startToCorrect = async (
  finding: string,
  { data, ...body }: Omit<Schemas['StartCase'], 'data'> & { data: Data },
  key: string,
) => {
  const headers = { 'idempotency-key': key }
  const made = await take(api.POST('/api/v1/obligations/{id}/case', { ...of(finding), headers, body: { ...body, data: sent(data) } }))
  return { id: made.case?.id ?? '' }
}
export type Kept = { process_id: string; data: Data; unit_id?: string | undefined }
export const keepDraft = ({ process_id, data, unit_id }: Kept, draft?: One) =>
  draft
    ? take(api.PUT('/api/v1/case-drafts/{id}', { ...on(draft), body: { unit_id, data: sent(data) } }))
    : take(api.POST('/api/v1/case-drafts', { body: { process_id, unit_id, data: sent(data) } }))

export const installPack = (key: string, body: Schemas['InstallPack']) =>
  take(api.POST('/api/v1/packs/{key}/install', { params: { path: { key } }, body }))

/** A pack as a zip file. */
export async function importPack(file: File) {
  const url = new URL('/api/v1/packs/import', location.origin)
  const response = await send(new Request(url, { method: 'POST', body: file, headers: { 'content-type': 'application/octet-stream' } }))
  const body = await response.json().catch(() => null)
  return take<Schemas['InstalledPack']>(Promise.resolve(response.ok ? { data: body, response } : { error: body, response }))
}
