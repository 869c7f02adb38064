import createClient from 'openapi-fetch'
import i18n from '../i18n'
import { ProblemError, type Schemas } from './problem'
import type { paths } from './schema'
import { current, refresh } from './session'

/** 128 random bits. `randomUUID` is there only over HTTPS and on the machine itself, and some offices allow plain HTTP inside. */
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Sends with token, language and idempotency key; a token that has ended is renewed once. */
export async function send(input: Request, fetcher: typeof fetch = fetch): Promise<Response> {
  const request = new Request(input)
  request.headers.set('accept-language', i18n.language)
  if (request.method === 'POST' && !request.headers.has('idempotency-key')) request.headers.set('idempotency-key', newKey())
  const attempt = (again: Request) => {
    const token = current().token
    if (token) again.headers.set('authorization', `Bearer ${token}`)
    return fetcher(again)
  }
  const spare = request.clone()
  const response = await attempt(request)
  const renewable = response.status === 401 && !new URL(request.url, 'http://x').pathname.startsWith('/api/v1/auth/log')
  return renewable && (await refresh(fetcher)) ? attempt(spare) : response
}

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: (request) => send(request) })

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** The data of an answer; a refusal is thrown. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (response.ok) return data as T
  throw new ProblemError(asProblem(error, response))
}

function asProblem(error: unknown, response: Response): Schemas['Problem'] {
  if (error && typeof error === 'object' && 'code' in error) return error as Schemas['Problem']
  const id = response.headers.get('x-request-id') ?? ''
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: '',
    code: 'http',
    params: {},
    errors: [],
    request_id: id,
  }
}

/** The headers of a change that is based on a version. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` })

/** Something with a version, as it was read. */
export type One = { id: string; version: number }
/** The parameters of a request about something. */
export const of = (id: string) => ({ params: { path: { id } } })
/** Those of a change of something, as it was read. */
export const on = ({ id, version }: One) => ({ params: { path: { id }, header: ifMatch(version) } })

export async function fetched(path: string) {
  const response = await send(new Request(new URL(path, location.origin)))
  if (!response.ok) throw new ProblemError(asProblem(await response.json().catch(() => null), response))
  return response
}

/** The content of a file. */
export const contentOf = async (path: string) => (await fetched(path)).blob()

/** Saves what the server answers as a file. */
export async function download(path: string, fallback: string) {
  const response = await fetched(path)
  const disposition = response.headers.get('content-disposition') ?? ''
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1]
  const name = encoded ? decodeURIComponent(encoded) : (/filename="([^"]+)"/.exec(disposition)?.[1] ?? fallback)
  const url = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** Uploads one file; it is attached afterwards. */
export async function upload(file: File): Promise<Schemas['AttachedFile']> {
  const url = new URL(`/api/v1/files?name=${encodeURIComponent(file.name)}`, location.origin)
  const headers = { 'content-type': file.type || 'application/octet-stream' }
  const response = await send(new Request(url, { method: 'POST', body: file, headers }))
  const body = await response.json().catch(() => null)
  if (!response.ok) throw new ProblemError(asProblem(body, response))
  return body
}
