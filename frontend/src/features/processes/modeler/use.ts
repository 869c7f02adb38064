import { useEffect, useState } from 'react'
import type { Bus, Selection, Shape, Tool } from './types'

/** What is selected; the process itself when nothing is. Read again after each change. */
export function useSelected(tool: Tool | null): { shape: Shape | null; version: number } {
  const [state, setState] = useState<{ shape: Shape | null; version: number }>({ shape: null, version: 0 })
  useEffect(() => {
    if (!tool) return setState({ shape: null, version: 0 })
    const bus = tool.get<Bus>('eventBus')
    const root = () => tool.get<{ getRootElement: () => Shape }>('canvas').getRootElement()
    const read = () =>
      setState(({ version }) => {
        const [one] = tool.get<Selection>('selection').get()
        return { shape: one?.labelTarget ?? one ?? root(), version: version + 1 }
      })
    const events = ['selection.changed', 'commandStack.changed', 'root.set']
    bus.on(events, read)
    read()
    return () => bus.off(events, read)
  }, [tool])
  return state
}
