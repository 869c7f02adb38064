import { useEffect, useRef } from 'react'
import { busy } from '@/shared/keys'

type Keys = {
  ids: string[]
  open: string | undefined
  show: (id: string | undefined) => void
  choose?: (change: (now: string[]) => string[]) => void
}

/** j and k move, x selects, Escape closes; not while somebody writes. */
export function useListKeys(given: Keys) {
  const latest = useRef(given)
  latest.current = given
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (busy(event)) return
      const { ids, open, show, choose } = latest.current
      const at = open ? ids.indexOf(open) : -1
      if (event.key === 'j') show(ids[Math.min(at + 1, ids.length - 1)])
      else if (event.key === 'k') show(ids[Math.max(at - 1, 0)])
      else if (event.key === 'Escape' && open) show(undefined)
      else if (event.key === 'x' && open && choose) choose((now) => (now.includes(open) ? now.filter((id) => id !== open) : [...now, open]))
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  }, [])
}
