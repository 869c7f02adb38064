import { afterEach, expect, test, vi } from 'vitest'
import { send } from './client'
import { parseEvents } from './live'
import { fieldPath } from './problem'
import { begin, current, end, refresh } from './session'

const session = { access_token: 'new', expires_in: 600, must_change_password: false, person: { id: '1', name: 'a' } }
const answer = (status: number, body: unknown = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

afterEach(() => end())

test('two who need a new token wait for one refresh', async () => {
  const fetcher = vi.fn(async () => answer(200, session))
  expect(await Promise.all([refresh(fetcher), refresh(fetcher)])).toEqual([true, true])
  expect(fetcher).toHaveBeenCalledTimes(1)
  expect(current().token).toBe('new')
})

test('a token that has ended is renewed once, and the request sent again with the same idempotency key', async () => {
  begin({ ...session, access_token: 'old' })
  const keys: (string | null)[] = []
  const fetcher = vi.fn(async (input: RequestInfo | URL) => {
    if (!(input instanceof Request)) return answer(200, session)
    keys.push(input.headers.get('idempotency-key'))
    return input.headers.get('authorization') === 'Bearer new' ? answer(201) : answer(401, { code: 'auth.session_ended' })
  })
  const response = await send(new Request('http://localhost/api/v1/tickets', { method: 'POST', body: '{}' }), fetcher as typeof fetch)
  expect(response.status).toBe(201)
  expect(keys).toHaveLength(2)
  expect(keys[0]).toBe(keys[1])
})

test('a refusal at log-in is not taken for an ended session', async () => {
  const fetcher = vi.fn(async () => answer(401, { code: 'auth.failed' }))
  const response = await send(new Request('http://localhost/api/v1/auth/login', { method: 'POST', body: '{}' }), fetcher as typeof fetch)
  expect(response.status).toBe(401)
  expect(fetcher).toHaveBeenCalledTimes(1)
})

test('events are read whole, whatever the chunks', () => {
  const first = parseEvents('event: change\nid: 7\ndata: {"index":7}\n\n: ping\n\nid: 8\nda')
  expect(first.events).toEqual([{ id: '7', data: '{"index":7}' }])
  expect(parseEvents(`${first.rest}ta: x\n\n`).events).toEqual([{ id: '8', data: 'x' }])
})

test('a pointer names a field', () => {
  expect(fieldPath('/levels/0/respond_minutes')).toEqual(['levels', 0, 'respond_minutes'])
  expect(fieldPath('/a~1b')).toEqual(['a/b'])
})
