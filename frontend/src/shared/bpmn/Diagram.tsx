import { lazy, Suspense } from 'react'
import { Loading } from '../ui/layout'

const Viewer = lazy(() => import('./Viewer'))

/** What is said of an element by its look; words beside the diagram say the same. */
export type Mark =
  | 'done'
  | 'active'
  | 'incident'
  | 'closed'
  | 'faulty'
  | 'warned'
  | 'added'
  | 'removed'
  | 'changed'
  | 'step'
  | 'here'
  | 'heat1'
  | 'heat2'
  | 'heat3'
  | 'heat4'
export type Marks = Record<string, Mark[]>

export type DiagramProps = {
  xml: string
  label: string
  marks?: Marks
  /** A short text at the corner of an element. */
  badges?: Record<string, string>
  /** An element that is brought into view. */
  focus?: string | undefined
  pick?: (id: string) => void
  height?: number | string
}

/** A process as it is drawn. bpmn-js comes with the first diagram. */
export function Diagram(props: DiagramProps) {
  return (
    <Suspense fallback={<Loading rows={5} />}>
      <Viewer {...props} />
    </Suspense>
  )
}
