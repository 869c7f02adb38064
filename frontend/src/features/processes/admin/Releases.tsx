import { Button, Checkbox } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Nothing } from '@/shared/ui/layout'
import { Dot } from '@/shared/ui/states'
import { Ago } from '@/shared/ui/time'
import type { ProcessDetail } from '../api'
import { Compare } from './Compare'

const COLOUR = { current: 'green', pilot: 'purple', former: 'grey' } as const

/** What was published and when; two of them can be laid side by side, the draft too. */
export function Releases({ process }: { process: ProcessDetail }) {
  const { t } = useTranslation('processes')
  const [picked, setPicked] = useState<number[]>([])
  const [compared, setCompared] = useState<[number, number] | null>(null)
  const toggle = (number: number) =>
    setPicked((now) => (now.includes(number) ? now.filter((one) => one !== number) : [...now.slice(-1), number]))
  // The draft stands beside the releases as number 0.
  const lines = [
    ...(process.draft ? [{ number: 0, draft: process.draft }] : []),
    ...process.releases.map((release) => ({ ...release, draft: null })),
  ]
  if (lines.length === 0) return <Nothing text={t('release.none')} />
  return (
    <>
      <p className="row">
        <Button
          disabled={picked.length !== 2}
          onClick={() => {
            const order = [...picked].sort((a, b) => (a || Number.MAX_SAFE_INTEGER) - (b || Number.MAX_SAFE_INTEGER))
            setCompared([order[0] ?? 0, order[1] ?? 0])
          }}
        >
          {t('compare.title')}
        </Button>
        <span className="faint">{t('compare.pick')}</span>
      </p>
      <ul className="plain releases">
        {lines.map((line) => (
          <li key={line.number}>
            <Checkbox
              aria-label={t('compare.choose', { n: line.number || t('release.draft') })}
              checked={picked.includes(line.number)}
              onChange={() => toggle(line.number)}
            />
            {line.draft ? (
              <>
                <strong>{t('release.draft')}</strong>
                <span>{line.draft.differs ? t('release.differs') : t('release.same')}</span>
                <span className="grow faint">
                  {line.draft.changed_by} · <Ago at={line.draft.changed_at} />
                </span>
              </>
            ) : (
              'state' in line && (
                <>
                  <strong>{t('release.number', { n: line.number })}</strong>
                  <Dot colour={COLOUR[line.state]} text={t(`release.${line.state}`)} />
                  <span className="grow">
                    {line.notes}{' '}
                    <span className="faint">
                      {line.published_by} · <Ago at={line.published_at} /> · {t('running', { count: line.running })} ·{' '}
                      <code title={line.hash}>{line.hash.slice(0, 8)}</code>
                    </span>
                  </span>
                </>
              )
            )}
          </li>
        ))}
      </ul>
      {compared && <Compare process={process} numbers={compared} close={() => setCompared(null)} />}
    </>
  )
}
