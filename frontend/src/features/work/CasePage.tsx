import { useParams } from '@tanstack/react-router'
import { CaseDetail } from './CaseDetail'

/** A case on a page of its own. */
export function CasePage() {
  const { id = '' } = useParams({ strict: false })
  return <CaseDetail key={id} id={id} page />
}
