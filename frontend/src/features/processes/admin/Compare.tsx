import { Drawer } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Diagram } from '@/shared/bpmn/Diagram'
import { Loading } from '@/shared/ui/layout'
import { Dot } from '@/shared/ui/states'
import { type ProcessDetail, type Release, useRelease } from '../api'
import { type Change, changesOf, differing, fieldsOf, marksOf } from './differences'

type Side = Pick<Release, 'bpmn' | 'form' | 'decisions'>
type Props = { process: ProcessDetail; numbers: [number, number]; close: () => void }

/** Two releases side by side: what came, what went, what is said differently. Number 0 is the draft. */
export function Compare({ process, numbers, close }: Props) {
  const { t } = useTranslation('processes')
  const first = useRelease(process.id, numbers[0] || undefined)
  const second = useRelease(process.id, numbers[1] || undefined)
  const draft = process.draft ?? undefined
  const before: Side | undefined = numbers[0] === 0 ? draft : first.data
  const after: Side | undefined = numbers[1] === 0 ? draft : second.data
  const name = (number: number) => (number === 0 ? t('release.draft') : t('release.number', { n: number }))
  return (
    <Drawer
      open
      onClose={close}
      size="min(1300px, 100vw)"
      title={t('compare.of', { a: name(numbers[0]), b: name(numbers[1]) })}
      destroyOnHidden
    >
      {before && after ? <Both before={before} after={after} names={[name(numbers[0]), name(numbers[1])]} /> : <Loading rows={8} />}
    </Drawer>
  )
}

function Both({ before, after, names }: { before: Side; after: Side; names: [string, string] }) {
  const { t } = useTranslation('processes')
  const [focus, setFocus] = useState<string>()
  const changes = useMemo(() => changesOf(before.bpmn, after.bpmn), [before, after])
  const old = useMemo(() => marksOf(changes, ['removed', 'changed']), [changes])
  const now = useMemo(() => marksOf(changes, ['added', 'changed']), [changes])
  const fields = useMemo(() => differing(fieldsOf(before.form), fieldsOf(after.form)), [before, after])
  const tables = useMemo(() => differing(before.decisions, after.decisions), [before, after])
  return (
    <>
      <div className="compare">
        <div>
          <h2>{names[0]}</h2>
          <Diagram xml={before.bpmn} label={names[0]} marks={old} focus={focus} height={380} />
        </div>
        <div>
          <h2>{names[1]}</h2>
          <Diagram xml={after.bpmn} label={names[1]} marks={now} focus={focus} height={380} />
        </div>
      </div>
      <div className="compare" style={{ marginTop: 16 }}>
        <List title={t('compare.elements')} changes={changes} pick={setFocus} />
        <div>
          <List title={t('compare.fields')} changes={fields} />
          <List title={t('compare.tables')} changes={tables} />
        </div>
      </div>
    </>
  )
}

const COLOUR = { added: 'green', removed: 'red', changed: 'orange' } as const

function List({ title, changes, pick }: { title: string; changes: Change[]; pick?: (id: string) => void }) {
  const { t } = useTranslation('processes')
  return (
    <section aria-label={title}>
      <h2 style={{ marginBottom: 6 }}>{title}</h2>
      {changes.length === 0 && <p className="faint">{t('compare.same')}</p>}
      <ul className="plain releases">
        {changes.map((one) => (
          <li key={`${one.kind} ${one.id}`}>
            <Dot colour={COLOUR[one.kind]} text={t(`compare.${one.kind}`)} />
            {pick ? (
              <button type="button" className="text" onClick={() => pick(one.id)}>
                {one.name || one.id}
              </button>
            ) : (
              <span>{one.name || one.id}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
