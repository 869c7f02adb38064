import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { createContext, useContext } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { FileList, uploadPath } from '@/shared/ui/files'
import { useUnits } from '@/shared/ui/pickers'
import type { FormView } from './types'

type Known = Pick<FormView, 'names' | 'files' | 'folder'>
const NamesContext = createContext<Known>({ names: {}, files: [] })
/** What the server says of the ids that stand in a form. */
export const WithNames = NamesContext.Provider
export const useNames = () => useContext(NamesContext)

/** A person's name by the id that stands in a form. */
export function PersonName({ id }: { id: string }) {
  const known = useNames().names[id]
  const person = useQuery({
    queryKey: ['people', 'name', id],
    staleTime: 300_000,
    retry: false,
    enabled: !known,
    queryFn: () => take(api.GET('/api/v1/people/{id}', { params: { path: { id } } })),
  })
  return <>{known ?? person.data?.name ?? (person.isError ? '—' : '…')}</>
}

export function UnitName({ id }: { id: string }) {
  const known = useNames().names[id]
  const units = useUnits()
  return <>{known ?? units.data?.items.find((unit) => unit.id === id)?.name ?? (units.isLoading ? '…' : '—')}</>
}

export function EquipmentName({ id }: { id: string }) {
  const known = useNames().names[id]
  const found = useQuery({
    queryKey: ['equipment', 'name', id],
    staleTime: 300_000,
    retry: false,
    enabled: !known,
    queryFn: () => take(api.GET('/api/v1/equipment/{id}', { params: { path: { id } } })),
  })
  return <>{known ?? (found.data ? `${found.data.number} ${found.data.name}` : found.isError ? '—' : '…')}</>
}

/** The name of a data set, which everybody may know; in what is read it leads to the data set. */
export function DatasetName({ id, link }: { id: string; link?: boolean }) {
  const known = useNames().names[id]
  // What was written when the field was a text still is what it was.
  const written = !/^[0-9a-f-]{36}$/.test(id)
  const found = useQuery({
    queryKey: ['datasets', 'name', id],
    staleTime: 300_000,
    retry: false,
    enabled: !known && !written,
    queryFn: () => take(api.GET('/api/v1/datasets/{id}', { params: { path: { id } } })),
  })
  if (written) return <>{id}</>
  const name = known ?? found.data?.name ?? (found.isError ? '—' : '…')
  if (!link || found.isError) return <>{name}</>
  return (
    <Link to="/datasets/$id" params={{ id }}>
      {name}
    </Link>
  )
}

type Attached = Schemas['AttachedFile']
const uploaded = new Map<string, Attached>()
export const remember = (files: Attached[]) => {
  for (const file of files) uploaded.set(file.id, file)
}

/** What is known of a file of which the form holds only the id: just uploaded here, or attached before. */
export function useFileOf() {
  const { t } = useTranslation('forms')
  const { files } = useNames()
  return (id: string, at: number): Attached => {
    const attached = files.find((file) => file.id === id)
    const unknown = { id, name: t('file', { n: at + 1 }), media_type: 'application/octet-stream', size: 0, sha256: '' }
    return uploaded.get(id) ?? { ...unknown, ...attached }
  }
}

/** Where a file of the form is fetched; what was uploaded a moment ago belongs to no case yet. */
export function useFilePath() {
  const { files, folder } = useNames()
  return (id: string) => (folder && files.some((file) => file.id === id) ? `${folder}/${id}` : uploadPath(id))
}

export function FileNames({ ids }: { ids: string[] }) {
  const fileOf = useFileOf()
  const path = useFilePath()
  return <FileList files={ids.map((id, at) => ({ ...fileOf(id, at), path: path(id) }))} />
}
