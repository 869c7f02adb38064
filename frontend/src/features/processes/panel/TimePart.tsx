import { useTranslation } from 'react-i18next'
import { extensionOf, writeExtension } from '../modeler/extension'
import { text } from '../modeler/types'
import { useDesign } from './context'
import { Duration, Pick } from './inputs'
import type { PartProps } from './Panel'

/** By when, and what happens then. */
export function TimePart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const work = extensionOf(shape.businessObject, 'zhidu:Work')
  const set = (name: string) => (value: string) => writeExtension(tool, shape, 'zhidu:Work', { [name]: value })
  return (
    <>
      <Duration label={t('work.due')} value={text(work, 'due')} set={set('due')} help={t('panel.working_time')} />
      <Pick
        label={t('work.overdue')}
        value={text(work, 'overdue') || 'remind'}
        set={set('overdue')}
        options={['remind', 'agree', 'refuse', 'transfer', 'escalate'].map((value) => ({ value, label: t(`work.then.${value}`) }))}
      />
    </>
  )
}
