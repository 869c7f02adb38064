import { useTranslation } from 'react-i18next'
import { type Modeling, type Registry, text } from '../modeler/types'
import { useDesign } from './context'
import { Text } from './inputs'
import type { PartProps } from './Panel'

/** Its name in both languages, and the id by which conditions speak of it. */
export function Basics({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const modeling = tool.get<Modeling>('modeling')
  const node = shape.businessObject
  const rename = (id: string) => {
    const fine = /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(id) && !tool.get<Registry>('elementRegistry').get(id)
    if (fine) modeling.updateProperties(shape, { id })
  }
  return (
    <>
      <Text
        label={t('panel.name')}
        value={text(node, 'name')}
        set={(name) => modeling.updateProperties(shape, { name: name || undefined })}
      />
      <Text
        label={t('panel.name_en')}
        value={text(node, 'zhidu:en')}
        set={(en) => modeling.updateProperties(shape, { 'zhidu:en': en || undefined })}
      />
      {!['bpmn:SequenceFlow', 'bpmn:Process'].includes(node.$type) && (
        <Text
          label={t('panel.id')}
          value={shape.id}
          set={rename}
          help={node.$type === 'bpmn:UserTask' ? t('panel.id_help', { id: shape.id }) : undefined}
        />
      )}
    </>
  )
}
