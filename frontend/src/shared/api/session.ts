import type { Schemas } from './problem'

/**
 * The access token lives in memory only; the refresh token is a cookie that scripts cannot read.
 * One refresh at a time: whoever needs it meanwhile waits for the same answer.
 */
type Listener = (session: Session) => void
export type Session = { token: string | null; mustChange: boolean }

let session: Session = { token: null, mustChange: false }
let running: Promise<boolean> | null = null
const listeners = new Set<Listener>()

export const current = () => session

export function subscribe(listener: Listener) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

export function begin(view: Schemas['SessionView']) {
  set({ token: view.access_token, mustChange: view.must_change_password })
}

export function end() {
  if (!session.token) return
  set({ token: null, mustChange: false })
}

function set(next: Session) {
  session = next
  for (const listener of listeners) listener(next)
}

/** One tab at a time. Browsers know locks over HTTPS only; without them the server gives two tabs at once the same successor. */
const oneTab = <T>(work: () => Promise<T>): Promise<T> =>
  globalThis.navigator?.locks ? navigator.locks.request('zhidu-refresh', work) : work()

/** A new access token by the cookie; false if the session has ended. */
export function refresh(fetcher: typeof fetch = fetch): Promise<boolean> {
  running ??= oneTab(() => ask(fetcher)).finally(() => {
    running = null
  })
  return running
}

async function ask(fetcher: typeof fetch): Promise<boolean> {
  const response = await fetcher('/api/v1/auth/refresh', { method: 'POST' })
  if (response.ok) {
    begin(await response.json())
    return true
  }
  if (response.status === 401) end()
  return false
}

let first: Promise<unknown> | null = null

/** The session as it is once the cookie has been tried. */
export async function ready(): Promise<Session> {
  if (!session.token) {
    first ??= refresh().catch(() => false)
    await first
  }
  return session
}
