import type { QueryClient } from '@tanstack/react-query'
import { send } from './client'
import type { Schemas } from './problem'

type Change = Schemas['ChangeView']

/** Splits a stream of server-sent events (HTML, 9.2.6) into events; what is incomplete stays for the next chunk. */
export function parseEvents(text: string): { events: { id?: string; data: string }[]; rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n')
  const rest = blocks.pop() ?? ''
  const events = blocks.flatMap((block) => {
    const event: { id?: string; data: string } = { data: '' }
    for (const line of block.split('\n')) {
      if (line.startsWith('id:')) event.id = line.slice(3).trim()
      if (line.startsWith('data:')) event.data += line.slice(5).trim()
    }
    return event.data ? [event] : []
  })
  return { events, rest }
}

/** Which cached answers a change makes old, by the kind of what has changed. */
const OLD: Record<string, string[]> = {
  ticket: ['tickets'],
  case: ['cases', 'work', 'notifications'],
  work_item: ['work', 'cases', 'notifications'],
  process: ['processes'],
  equipment: ['equipment'],
  dataset: ['datasets'],
  dataset_grant: ['datasets', 'dataset-grants'],
  person: ['people'],
  org_unit: ['units'],
  report_run: ['report-runs', 'notifications'],
  report_plan: ['report-plans'],
  extraction: ['extractions'],
  regulation: ['regulations', 'compliance'],
  finding: ['obligations', 'compliance'],
}

function tell(client: QueryClient, change: Change) {
  for (const key of OLD[change.kind] ?? []) client.invalidateQueries({ queryKey: [key] })
}

/**
 * Follows what others change. One connection for all tabs of a browser: whoever holds the lock reads the stream and
 * tells the others.
 */
export function follow(client: QueryClient): () => void {
  const stop = new AbortController()
  const channel = new BroadcastChannel('zhidu-changes')
  channel.onmessage = (message) => tell(client, message.data as Change)
  const lead = () => read(client, channel, stop.signal)
  if (navigator.locks) navigator.locks.request('zhidu-changes', { signal: stop.signal }, lead).catch(() => undefined)
  else void lead()
  return () => {
    stop.abort()
    channel.close()
  }
}

async function read(client: QueryClient, channel: BroadcastChannel, signal: AbortSignal) {
  let last = ''
  let wait = 1000
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = last ? { 'last-event-id': last } : {}
      const response = await send(new Request(new URL('/api/v1/events', location.origin), { headers, signal }))
      if (!response.ok || !response.body) throw new Error(String(response.status))
      wait = 1000
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      let rest = ''
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        const parsed = parseEvents(rest + value)
        rest = parsed.rest
        for (const event of parsed.events) {
          last = event.id ?? last
          const change = JSON.parse(event.data) as Change
          tell(client, change)
          channel.postMessage(change)
        }
      }
    } catch {
      // The stream ended or the network is gone; it is opened again below.
    }
    await new Promise((resume) => setTimeout(resume, wait))
    wait = Math.min(wait * 2, 30_000)
  }
}
