import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import { holds, useMe } from '@/shared/me'
import { useSettled } from '@/shared/ui/pickers'
import type { Place } from './navigation'

type Hit = { key: string; to: string; title: string; note: string }

/** Search and go: by number, words or pinyin initials; keyboard only if wanted. */
export default function Palette({ close, places }: { close: () => void; places: Place[] }) {
  const { t } = useTranslation()
  const me = useMe()
  const go = useNavigate()
  const [words, setWords] = useState('')
  const [at, setAt] = useState(0)
  const q = useSettled(words.trim(), 150)
  const hits = useQuery({
    queryKey: ['palette', q],
    enabled: q.length > 0,
    queryFn: async (): Promise<Hit[]> => {
      const query = { q, limit: 6 }
      const [cases, tickets, equipment, datasets, people] = await Promise.all([
        holds(me, 'processes.use')
          ? take(api.GET('/api/v1/cases', { params: { query: { ...query, lens: holds(me, 'cases.read') ? 'all' : 'mine' } } }))
          : null,
        holds(me, 'tickets.read') ? take(api.GET('/api/v1/tickets', { params: { query } })) : null,
        holds(me, 'equipment.read') ? take(api.GET('/api/v1/equipment', { params: { query } })) : null,
        take(api.GET('/api/v1/datasets', { params: { query } })),
        holds(me, 'org.read') ? take(api.GET('/api/v1/people', { params: { query } })) : null,
      ])
      return [
        ...(cases?.items ?? []).map((item) => ({
          key: item.id,
          to: `/cases/${item.id}`,
          title: `${item.number} ${item.title}`,
          note: item.process.name,
        })),
        ...(tickets?.items ?? []).map((item) => ({
          key: item.id,
          to: `/tickets/${item.id}`,
          title: `${item.number} ${item.title}`,
          note: t('nav.tickets'),
        })),
        ...(equipment?.items ?? []).map((item) => ({
          key: item.id,
          to: `/equipment/${item.id}`,
          title: `${item.number} ${item.name}`,
          note: t('nav.equipment'),
        })),
        ...datasets.items.map((item) => ({
          key: item.id,
          to: `/datasets/${item.id}`,
          title: `${item.number} ${item.name}`,
          note: t('nav.datasets'),
        })),
        ...(people?.items ?? []).map((item) => ({
          key: item.id,
          to: `/org/people/${item.id}`,
          title: item.name,
          note: item.main_post?.unit.name ?? item.login,
        })),
      ]
    },
  })
  const startable = useQuery({
    queryKey: ['processes', 'list', { startable: true }],
    enabled: holds(me, 'processes.use'),
    staleTime: 60_000,
    queryFn: () => take(api.GET('/api/v1/processes', { params: { query: { startable: true } } })),
  })
  const all: Hit[] = [
    ...(hits.data ?? []),
    ...(startable.data?.items ?? [])
      .filter((one) => q && [one.name, one.name_en].some((name) => name?.toLowerCase().includes(q.toLowerCase())))
      .slice(0, 6)
      .map((one) => ({ key: `start ${one.id}`, to: `/start/${one.id}`, title: one.name, note: t('nav.start') })),
    ...[{ to: '/tickets/new', word: 'create.ticket' }, ...places]
      .map((place) => ({ key: place.to, to: place.to, title: t(place.word), note: t('palette.go') }))
      .filter((hit) => !q || hit.title.toLowerCase().includes(q.toLowerCase())),
  ]
  const open = (hit: Hit | undefined) => {
    if (!hit) return
    close()
    void go({ to: hit.to })
  }
  return (
    <Modal open onCancel={close} footer={null} closable={false} title={null} width={560} style={{ top: 72 }}>
      <Input
        autoFocus
        size="large"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette"
        aria-label={t('palette.hint')}
        placeholder={t('palette.hint')}
        value={words}
        onChange={(event) => {
          setWords(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'ArrowDown') setAt((now) => Math.min(now + 1, all.length - 1))
          else if (event.key === 'ArrowUp') setAt((now) => Math.max(now - 1, 0))
          else if (event.key === 'Enter') open(all[at])
          else return
          event.preventDefault()
        }}
      />
      <div id="palette" role="listbox" aria-label={t('palette.found')} style={{ marginTop: 8, maxHeight: 400, overflow: 'auto' }}>
        {all.map((hit, index) => (
          <button
            type="button"
            key={hit.key}
            role="option"
            aria-selected={index === at}
            className={`card${index === at ? ' on' : ''}`}
            tabIndex={-1}
            onClick={() => open(hit)}
          >
            {hit.title} <span className="faint">{hit.note}</span>
          </button>
        ))}
        {q && !hits.isFetching && all.length === 0 && <p className="faint">{t('palette.nothing')}</p>}
      </div>
    </Modal>
  )
}
