import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { extensionOf, writeExtension } from '../modeler/extension'
import { text } from '../modeler/types'
import { useDesign } from './context'
import { Pick } from './inputs'
import type { PartProps } from './Panel'

/** Which table decides here. */
export function DecisionPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool, model, show } = useDesign()
  const table = text(extensionOf(shape.businessObject, 'zhidu:Decision'), 'table')
  return (
    <>
      <Pick
        label={t('decision.table')}
        help={t('decision.help')}
        value={table}
        set={(next) => writeExtension(tool, shape, 'zhidu:Decision', next ? { table: next } : null)}
        options={Object.entries(model.decisions).map(([key, one]) => ({ value: key, label: one.name || key }))}
      />
      <Button size="small" onClick={() => show('tables', table)}>
        {t('decision.open')}
      </Button>
    </>
  )
}
