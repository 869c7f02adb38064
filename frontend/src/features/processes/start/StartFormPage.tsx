import { useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Loading, PageHeader } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import type { Data } from '../../forms/types'
import { useCorrecting, useDraft, useStart } from '../api'
import { StartForm } from './StartForm'
import '../processes.css'

/** What another page knows already: `?data.<field>=…`. */
function given(search: Record<string, unknown>): Data {
  const known = Object.entries(search).filter(([name]) => name.startsWith('data.'))
  return Object.fromEntries(known.map(([name, value]) => [name.slice('data.'.length), value]))
}

/** Filling in and sending. What was begun as a draft goes on where it was left. */
export function StartFormPage() {
  const { i18n } = useTranslation('processes')
  const { id = '' } = useParams({ strict: false })
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const text = (name: string) => (typeof search[name] === 'string' ? search[name] : undefined)
  const [draftId, finding] = [text('draft'), text('finding')]
  const start = useStart(id)
  const draft = useDraft(draftId)
  const correcting = useCorrecting(finding)
  if (start.isError) return <ProblemAlert error={start.error} retry={start.refetch} />
  if (draft.isError) return <ProblemAlert error={draft.error} retry={draft.refetch} />
  if (correcting.isError) return <ProblemAlert error={correcting.error} retry={correcting.refetch} />
  if (!start.data || (draftId && !draft.data) || (finding && !correcting.data)) return <Loading rows={8} />
  const { process } = start.data
  const known = { ...given(search), ...correcting.data?.find((one) => one.id === id)?.data }
  return (
    <>
      <PageHeader title={(i18n.language === 'en' && process.name_en) || process.name} under={process.about} />
      <StartForm key={`${id} ${draftId} ${finding}`} start={start.data} draft={draft.data} given={known} finding={finding} />
    </>
  )
}
