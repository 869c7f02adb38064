import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Mark } from '@/shared/bpmn/Diagram'
import { Dot } from '@/shared/ui/states'
import { type Kind, type Pair, pairs, SORTS, type Source, saidOf } from './differences'
import { SideBySide } from './SideBySide'
import { KindDot, Named } from './TwoWays'

type Props = { base: Source; here: Source; pack: Source; names: [string, string] }

/** What the company and what the pack changed since they were the same, and where both changed the same thing. */
export function ThreeWays({ base, here, pack, names }: Props) {
  const { t, i18n } = useTranslation('processes')
  const [focus, setFocus] = useState<string>()
  const layout = t('compare.layout')
  const english = i18n.language === 'en'
  const found = useMemo(() => {
    const [old, ours, theirs] = [base, here, pack].map((one) => saidOf(one, english, layout)) as [Said, Said, Said]
    return SORTS.map((sort) => ({ sort, found: pairs(old[sort], ours[sort], theirs[sort]) })).filter((one) => one.found.length > 0)
  }, [base, here, pack, english, layout])
  const drawn = useMemo(() => {
    const elements = found.find((one) => one.sort === 'elements')?.found ?? []
    const clashes = elements.filter((one) => one.clash)
    return {
      here: marks(elements, 'here', 'pack'),
      pack: marks(elements, 'pack', 'here'),
      badges: Object.fromEntries(clashes.map((one) => [one.id, t('compare.clash')])),
    }
  }, [found, t])
  return (
    <>
      <SideBySide
        focus={focus}
        sides={[
          { title: names[0], bpmn: here.bpmn, marks: drawn.here, badges: drawn.badges },
          { title: names[1], bpmn: pack.bpmn, marks: drawn.pack, badges: drawn.badges },
        ]}
      />
      <h2 style={{ margin: '16px 0 6px' }}>{t('compare.since')}</h2>
      {found.length === 0 && <p className="faint">{t('compare.equal')}</p>}
      {found.length > 0 && (
        <table className="figures three-ways" aria-label={t('compare.since')}>
          <thead>
            <tr>
              <th scope="col">{t('compare.what')}</th>
              <th scope="col">{t('compare.here')}</th>
              <th scope="col">{t('compare.pack')}</th>
            </tr>
          </thead>
          {found.map(({ sort, found }) => (
            <tbody key={sort}>
              <tr className="sort">
                <th scope="rowgroup" colSpan={3}>
                  {t(`compare.${sort}`)}
                </th>
              </tr>
              {found.map((one) => (
                <tr key={one.id} className={one.clash ? 'clash' : undefined}>
                  <th scope="row">
                    <Named one={one} pick={sort === 'elements' ? setFocus : undefined} />
                    {one.here && one.pack && (
                      <div>
                        {one.clash ? <Dot colour="red" text={t('compare.clash')} /> : <span className="faint">{t('compare.alike')}</span>}
                      </div>
                    )}
                  </th>
                  <td>
                    <Did kind={one.here} />
                  </td>
                  <td>
                    <Did kind={one.pack} />
                  </td>
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      )}
    </>
  )
}

type Said = ReturnType<typeof saidOf>

function Did({ kind }: { kind: Kind | undefined }) {
  const { t } = useTranslation('processes')
  return kind ? <KindDot kind={kind} /> : <span className="faint">{t('compare.untouched')}</span>
}

/** In each drawing: what that side added or changed, and what the other took away. */
function marks(elements: Pair[], own: 'here' | 'pack', other: 'here' | 'pack'): Record<string, Mark[]> {
  return Object.fromEntries(
    elements.flatMap((one): [string, Mark[]][] => {
      const mark = one[own] ?? (one[other] === 'removed' ? 'removed' : undefined)
      return mark ? [[one.id, [mark]]] : []
    }),
  )
}
