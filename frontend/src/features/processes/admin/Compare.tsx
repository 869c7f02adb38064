import { Drawer } from 'antd'
import { useTranslation } from 'react-i18next'
import { Loading } from '@/shared/ui/layout'
import { type ProcessDetail, useRelease } from '../api'
import type { Source } from '../compare/differences'
import { TwoWays } from '../compare/TwoWays'

type Props = { process: ProcessDetail; numbers: [number, number]; close: () => void }

/** Two releases side by side. Number 0 is the draft. */
export function Compare({ process, numbers, close }: Props) {
  const { t } = useTranslation('processes')
  const first = useRelease(process.id, numbers[0] || undefined)
  const second = useRelease(process.id, numbers[1] || undefined)
  const draft = process.draft ?? undefined
  const before: Source | undefined = numbers[0] === 0 ? draft : first.data
  const after: Source | undefined = numbers[1] === 0 ? draft : second.data
  const name = (number: number) => (number === 0 ? t('release.draft') : t('release.number', { n: number }))
  return (
    <Drawer
      open
      onClose={close}
      size="min(1300px, 100vw)"
      title={t('compare.of', { a: name(numbers[0]), b: name(numbers[1]) })}
      destroyOnHidden
    >
      {before && after ? <TwoWays before={before} after={after} names={[name(numbers[0]), name(numbers[1])]} /> : <Loading rows={8} />}
    </Drawer>
  )
}
