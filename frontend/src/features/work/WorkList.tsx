import { Link } from '@tanstack/react-router'
import { Button, Checkbox } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading, Nothing, Section, usePhone } from '@/shared/ui/layout'
import { More } from '@/shared/ui/more'
import { ProblemAlert } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'
import { useWorkItems, type WorkItem } from './api'
import { BulkBar } from './BulkBar'
import { useListKeys } from './keys'
import { Due, OutcomeDot } from './states'

type Props = {
  lens: 'open' | 'done' | 'claimable'
  query: Record<string, unknown>
  open: string | undefined
  show: (id: string | undefined) => void
  narrow: boolean
  tellNext: (id: string | undefined) => void
}

/** Work items as a list of two lines each: what it is, and the facts by which one decides. */
export function WorkList({ lens, query, open, show, narrow, tellNext }: Props) {
  const { t } = useTranslation('work')
  const phone = usePhone()
  const pages = useWorkItems({ lens, ...query })
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? []
  const [chosen, setChosen] = useState<string[]>([])
  const ids = rows.map((row) => row.id)
  const at = open ? ids.indexOf(open) : -1
  const next = ids[at + 1] ?? ids[at - 1]
  useEffect(() => tellNext(next), [next, tellNext])
  const batch = lens === 'open'
  useListKeys(batch ? { ids, open, show, choose: setChosen } : { ids, open, show })
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (pages.isLoading) return <Loading rows={8} />
  if (rows.length === 0) {
    return (
      <Section>
        <Nothing text={t(`empty.${lens}`)}>
          {lens === 'open' && (
            <Link to="/start">
              <Button>{t('common:nav.start')}</Button>
            </Link>
          )}
        </Nothing>
      </Section>
    )
  }
  const toggle = (id: string) => setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]))
  const picked = rows.filter((row) => chosen.includes(row.id))
  return (
    <>
      <ul className="cards work-list">
        {rows.map((row) => (
          <li key={row.id} className="work-line">
            {batch && !phone && (
              <Checkbox
                aria-label={t('bulk.choose', { title: row.case.title })}
                checked={chosen.includes(row.id)}
                onChange={() => toggle(row.id)}
              />
            )}
            <WorkCard row={row} on={row.id === open} show={show} narrow={narrow || phone} />
          </li>
        ))}
      </ul>
      <More pages={pages} />
      {picked.length > 0 && <BulkBar picked={picked} clear={() => setChosen([])} />}
    </>
  )
}

function WorkCard({ row, on, show, narrow }: { row: WorkItem; on: boolean; show: (id: string) => void; narrow: boolean }) {
  const { t } = useTranslation('work')
  return (
    <Link
      to="/work/$id"
      params={{ id: row.id }}
      className={`card${on ? ' on' : ''}`}
      aria-current={on ? 'true' : undefined}
      onClick={(event) => {
        // A plain click opens beside the list; with Ctrl the browser opens the page of its own.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        show(row.id)
      }}
    >
      <span className="row" style={{ margin: 0, flexWrap: 'nowrap', alignItems: 'baseline' }}>
        <span className="title grow">{row.case.title}</span>
        <span className="faint" style={{ whiteSpace: 'nowrap' }}>
          <Ago at={row.done_at ?? row.created_at} />
        </span>
      </span>
      <span className="row">
        <span>{row.name}</span>
        {row.state !== 'open' && <OutcomeDot outcome={row.outcome} name={row.outcome_name} />}
        {row.urged > 0 && row.state === 'open' && <strong>{t('urged', { count: row.urged })}</strong>}
        {row.state === 'open' && <Due at={row.due} overdue={row.overdue} />}
        <span className="faint">
          {row.case.starter.name} · {row.case.unit.name} · {row.case.number}
        </span>
      </span>
      {row.summary.length > 0 && (
        <span className="row summary">
          {row.summary.slice(0, narrow ? 3 : 5).map((one) => (
            <span key={one.label}>
              <span className="faint">{one.label}</span> {one.value}
            </span>
          ))}
        </span>
      )}
    </Link>
  )
}
