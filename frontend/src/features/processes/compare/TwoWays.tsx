import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dot } from '@/shared/ui/states'
import { type Change, differences, type Kind, marksOf, SORTS, type Source, saidOf } from './differences'
import { SideBySide } from './SideBySide'

type Props = { before: Source; after: Source; names: [string, string] }

/** Two versions side by side: what came, what went, what is said differently. */
export function TwoWays({ before, after, names }: Props) {
  const { t, i18n } = useTranslation('processes')
  const [focus, setFocus] = useState<string>()
  const layout = t('compare.layout')
  const english = i18n.language === 'en'
  const found = useMemo(() => {
    const [old, now] = [saidOf(before, english, layout), saidOf(after, english, layout)]
    const elements = differences(old.elements, now.elements)
    return {
      changes: SORTS.map((sort) => ({ sort, changes: sort === 'elements' ? elements : differences(old[sort], now[sort]) })),
      old: marksOf(elements, ['removed', 'changed']),
      now: marksOf(elements, ['added', 'changed']),
    }
  }, [before, after, english, layout])
  return (
    <>
      <SideBySide
        focus={focus}
        sides={[
          { title: names[0], bpmn: before.bpmn, marks: found.old },
          { title: names[1], bpmn: after.bpmn, marks: found.now },
        ]}
      />
      <div className="compare" style={{ marginTop: 16 }}>
        {found.changes.map(({ sort, changes }) => (
          <List key={sort} title={t(`compare.${sort}`)} changes={changes} {...(sort === 'elements' && { pick: setFocus })} />
        ))}
      </div>
    </>
  )
}

const COLOUR = { added: 'green', removed: 'red', changed: 'orange' } as const

export function KindDot({ kind }: { kind: Kind }) {
  const { t } = useTranslation('processes')
  return <Dot colour={COLOUR[kind]} text={t(`compare.${kind}`)} />
}

/** The name of what differs; of an element, a button that shows it in the drawings. */
export function Named({ one, pick }: { one: { id: string; name: string }; pick?: ((id: string) => void) | undefined }) {
  if (!pick) return <span>{one.name || one.id}</span>
  return (
    <button type="button" className="text" onClick={() => pick(one.id)}>
      {one.name || one.id}
    </button>
  )
}

function List({ title, changes, pick }: { title: string; changes: Change[]; pick?: (id: string) => void }) {
  const { t } = useTranslation('processes')
  return (
    <section aria-label={title}>
      <h2 style={{ marginBottom: 6 }}>{title}</h2>
      {changes.length === 0 && <p className="faint">{t('compare.equal')}</p>}
      <ul className="plain releases">
        {changes.map((one) => (
          <li key={`${one.kind} ${one.id}`}>
            <KindDot kind={one.kind} />
            <Named one={one} pick={pick} />
          </li>
        ))}
      </ul>
    </section>
  )
}
