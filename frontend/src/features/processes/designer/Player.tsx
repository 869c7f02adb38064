import { CaretRightOutlined, CloseOutlined, PauseOutlined, StepBackwardOutlined, StepForwardOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

type Props = {
  title: string
  run: string[]
  names: Map<string, string>
  at: number
  go: (at: number) => void
  close: () => void
}

/** Plays a run on the drawing, element by element; the same as words. */
export function Player({ title, run, names, at, go, close }: Props) {
  const { t } = useTranslation('processes')
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const [plays, setPlays] = useState(!still)
  useEffect(() => {
    if (!plays) return
    if (at >= run.length - 1) return setPlays(false)
    const timer = setTimeout(() => go(at + 1), 700)
    return () => clearTimeout(timer)
  }, [plays, at, run, go])
  const step = (to: number) => {
    setPlays(false)
    go(Math.max(0, Math.min(run.length - 1, to)))
  }
  return (
    <section className="player" aria-label={t('play.title')}>
      <div className="row">
        <Button icon={<StepBackwardOutlined />} aria-label={t('play.back')} disabled={at === 0} onClick={() => step(at - 1)} />
        <Button
          icon={plays ? <PauseOutlined /> : <CaretRightOutlined />}
          aria-label={plays ? t('play.pause') : t('play.play')}
          onClick={() => {
            if (!plays && at >= run.length - 1) go(0)
            setPlays(!plays)
          }}
        />
        <Button icon={<StepForwardOutlined />} aria-label={t('play.on')} disabled={at >= run.length - 1} onClick={() => step(at + 1)} />
        <span className="grow">{title}</span>
        <Button type="text" icon={<CloseOutlined />} aria-label={t('common:action.close')} onClick={close} />
      </div>
      <ol className="player-run">
        {run.map((id, index) => {
          const name = names.get(id)
          // Arrows without a name are only moved along.
          if (!name && names.has(id) && index !== at) return null
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a run may come to the same place twice
            <li key={index} aria-current={index === at ? 'step' : undefined} className={index > at ? 'faint' : undefined}>
              {name || id}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
