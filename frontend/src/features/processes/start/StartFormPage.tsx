import { useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Loading, PageHeader } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import type { Data } from '../../forms/types'
import { useDraft, useStart } from '../api'
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
  const draftId = typeof search.draft === 'string' ? search.draft : undefined
  const start = useStart(id)
  const draft = useDraft(draftId)
  if (start.isError) return <ProblemAlert error={start.error} retry={start.refetch} />
  if (draft.isError) return <ProblemAlert error={draft.error} retry={draft.refetch} />
  if (!start.data || (draftId && !draft.data)) return <Loading rows={8} />
  const { process } = start.data
  return (
    <>
      <PageHeader title={(i18n.language === 'en' && process.name_en) || process.name} under={process.about} />
      <StartForm key={`${id} ${draftId}`} start={start.data} draft={draft.data} given={given(search)} />
    </>
  )
}
