import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import { Nothing } from '@/shared/ui/layout'
import { Dot } from '@/shared/ui/states'
import type { Compared } from './api'
import { PARTS, written } from './written'
import './compliance.css'

type Difference = Schemas['Difference']
type Clause = Schemas['ClauseComparison']
type Control = Schemas['ControlComparison']

const COLOUR = { added: 'green', removed: 'red', changed: 'orange', unchanged: 'grey' } as const

/** What two versions say and control differently: what is the same is folded. */
export function Comparison({ found }: { found: Compared }) {
  const { t } = useTranslation('compliance')
  const { clauses, controls = [], events = [], before, after } = found
  const known = events.filter((event) => event.difference !== 'unchanged')
  const same = ![...clauses, ...controls, ...known].some((one) => one.difference !== 'unchanged')
  if (same && before.title === after.title) return <Nothing text={t(found.controls ? 'compare.same' : 'compare.same_text')} />
  return (
    <div className="comparison">
      <h3>
        {t('clauses')} <Counts all={clauses} />
      </h3>
      {before.title !== after.title && (
        <p>
          {t('compare.title_was')} <Taken>{before.title}</Taken> <Put>{after.title}</Put>
        </p>
      )}
      <Folded all={clauses} line={(clause) => <ClauseLine clause={clause} owners={found.owners} />} unchanged="compare.clauses_unchanged" />
      {found.controls && (
        <>
          <h3>
            {t('controls')} <Counts all={controls} />
          </h3>
          {controls.length === 0 && <p className="faint">{t('compare.no_controls')}</p>}
          <Folded
            all={[...controls].sort((a, b) => Number(a.difference === 'unchanged') - Number(b.difference === 'unchanged'))}
            line={(control) => <ControlLine control={control} found={found} />}
            unchanged="compare.controls_unchanged"
          />
          {known.length > 0 && <p className="faint">{t('compare.events', { names: known.map((one) => one.title).join(t('comma')) })}</p>}
        </>
      )}
    </div>
  )
}

/** How many came, went and are others. */
function Counts({ all }: { all: { difference: Difference }[] }) {
  const { t } = useTranslation('compliance')
  const count = (difference: Difference) => all.filter((one) => one.difference === difference).length
  const said = (['added', 'removed', 'changed'] as const).filter((difference) => count(difference) > 0)
  return (
    <span className="counts">
      {said.length === 0 && t('compare.none_changed')}
      {said.map((difference) => (
        <Dot key={difference} colour={COLOUR[difference]} text={t(`compare.count.${difference}`, { n: count(difference) })} />
      ))}
    </span>
  )
}

type Line = { id: string; difference: Difference }
type FoldedProps<T> = { all: T[]; line: (one: T) => ReactNode; unchanged: string }

/** The lines that differ; those between them that do not wait behind a button. */
function Folded<T extends Line>({ all, line, unchanged }: FoldedProps<T>) {
  const runs: T[][] = []
  for (const one of all) {
    const last = runs.at(-1)
    if (one.difference === 'unchanged' && last?.[0]?.difference === 'unchanged') last.push(one)
    else runs.push([one])
  }
  return (
    <ul className="plain differences">
      {runs.map((run) =>
        run[0]?.difference === 'unchanged' ? (
          <Fold key={run[0].id} run={run} line={line} unchanged={unchanged} />
        ) : (
          run.map((one) => (
            <li key={one.id} className={one.difference}>
              {line(one)}
            </li>
          ))
        ),
      )}
    </ul>
  )
}

function Fold<T extends Line>({ run, line, unchanged }: { run: T[] } & Omit<FoldedProps<T>, 'all'>) {
  const { t } = useTranslation('compliance')
  const [open, setOpen] = useState(false)
  return (
    <>
      <li className="fold">
        <Button type="link" className="inline" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(unchanged, { count: run.length })}
        </Button>
      </li>
      {open &&
        run.map((one) => (
          <li key={one.id} className="unchanged">
            {line(one)}
          </li>
        ))}
    </>
  )
}

function ClauseLine({ clause, owners }: { clause: Clause; owners: Compared['owners'] }) {
  const { t } = useTranslation('compliance')
  const { number, number_before, difference } = clause
  const here = clause.text.some((piece) => piece.stands_in !== 'both') || number_before !== null
  const under = [
    difference === 'changed' && clause.other_language_changed && t(here ? 'compare.other_too' : 'compare.other_only'),
    owners && (owners[clause.id] ? t('compare.owner', { name: owners[clause.id]?.name }) : t('compare.no_owner')),
  ].filter(Boolean)
  return (
    <>
      <div className="which">
        <strong>{number_before === null ? number || clause.id : <Replaced before={number_before} after={number} />}</strong>
        <DifferenceDot difference={difference} />
      </div>
      <div className="what">
        <p>
          {clause.text.map((piece, place) => {
            const key = `${place}${piece.text}`
            if (piece.stands_in === 'before') return <Taken key={key}>{piece.text}</Taken>
            if (piece.stands_in === 'after') return <Put key={key}>{piece.text}</Put>
            return <span key={key}>{piece.text}</span>
          })}
        </p>
        {under.length > 0 && <p className="faint">{under.join(' · ')}</p>}
      </div>
    </>
  )
}

function ControlLine({ control, found }: { control: Control; found: Compared }) {
  const { t } = useTranslation('compliance')
  const changed = control.difference === 'changed'
  const names = Object.fromEntries((found.events ?? []).map((event) => [event.name, event.title]))
  const said = (part: string, value: unknown, known = names) =>
    value === null || value === undefined ? '' : written(part, value, known, t)
  const replaced = ({ part, before, after }: Control['parts'][number]) => {
    // Two events can have one title: then they are called by their names.
    const known = said(part, before) === said(part, after) ? {} : names
    return <Replaced before={said(part, before, known)} after={said(part, after, known)} />
  }
  // What the line is headed by is not repeated below it.
  const parts = control.parts.filter(({ part }) => changed || !['title', 'clause', 'en'].includes(part))
  parts.sort((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part))
  return (
    <>
      <div className="which">
        <strong>{found.clauses.find((clause) => clause.id === control.clause)?.number || control.clause}</strong>
        <DifferenceDot difference={control.difference} />
      </div>
      <div className="what">
        <p>{control.title}</p>
        {parts.length > 0 && (
          <dl>
            {parts.map((one) => (
              <div key={one.part}>
                <dt>{t(`part.${one.part}`)}</dt>
                <dd>{changed ? replaced(one) : said(one.part, one.after ?? one.before)}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </>
  )
}

function DifferenceDot({ difference }: { difference: Difference }) {
  const { t } = useTranslation('compliance')
  return <Dot colour={COLOUR[difference]} text={t(`compare.${difference}`)} />
}

function Replaced({ before, after }: { before: ReactNode; after: ReactNode }) {
  return (
    <>
      {before && <Taken>{before}</Taken>} {after && <Put>{after}</Put>}
    </>
  )
}

/** What was taken out; said, too, for programs that read a page aloud seldom tell. */
function Taken({ children }: { children: ReactNode }) {
  const { t } = useTranslation('compliance')
  return (
    <del>
      <span className="unseen">{t('compare.taken')} </span>
      {children}
    </del>
  )
}

/** What was put in. */
function Put({ children }: { children: ReactNode }) {
  const { t } = useTranslation('compliance')
  return (
    <ins>
      <span className="unseen">{t('compare.put')} </span>
      {children}
    </ins>
  )
}
