import { useNavigate, useParams } from '@tanstack/react-router'
import { useRef } from 'react'
import { useWorkItems } from './api'
import { WorkDetail } from './WorkDetail'

/** A work item on a page of its own. When it is done, the next one opens by itself; after the last the list does. */
export function WorkItemPage() {
  const { id = '' } = useParams({ strict: false })
  const go = useNavigate()
  const open = useWorkItems({ lens: 'open' })
  const ids = open.data?.pages.flatMap((page) => page.items.map((item) => item.id)) ?? []
  const at = ids.indexOf(id)
  // The list is read again as soon as this one is done: what came next is remembered from before.
  const next = useRef<string | undefined>(undefined)
  if (at >= 0) next.current = ids[at + 1] ?? ids[at - 1]
  const done = () => void go(next.current && next.current !== id ? { to: '/work/$id', params: { id: next.current } } : { to: '/work' })
  return <WorkDetail key={id} id={id} page done={done} />
}
