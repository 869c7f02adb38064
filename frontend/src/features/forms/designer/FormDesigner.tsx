import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schema, Ui } from '../types'
import { addField, addGroup, type FormFile, groups, moveField, type Place } from './edit'
import { FieldPalette } from './FieldPalette'
import { FieldSettings } from './FieldSettings'
import { FormCanvas } from './FormCanvas'
import type { Kind } from './kinds'
import '../forms.css'
import './form-designer.css'

type Props = { form: { schema: Schema; ui: Ui }; change: (form: { schema: Schema; ui: Ui }) => void }

/** Forms are laid together from a palette, by pointer or by keyboard; what is selected is described at the side. */
export default function FormDesigner({ form, change }: Props) {
  const { t } = useTranslation('forms')
  const [chosen, setChosen] = useState<string | null>(null)
  const add = (kind: Kind, place?: Place) => {
    const at = place ?? { group: Math.max(0, groups(form).length - 1), index: Number.POSITIVE_INFINITY }
    const made = addField(form, kind, t(`kind.${kind}`), at)
    change(made.form)
    setChosen(made.name)
  }
  const move = (name: string, place: Place) => change(moveField(form, name, place))
  return (
    <div className="form-designer">
      <FieldPalette add={add} />
      <FormCanvas
        form={form as FormFile}
        chosen={chosen}
        choose={setChosen}
        add={add}
        move={move}
        change={change}
        addGroup={() => change(addGroup(form, t('designer.group_new')))}
      />
      <aside className="section" aria-label={t('designer.settings')}>
        {chosen && form.schema.properties?.[chosen] ? (
          <FieldSettings key={chosen} form={form} name={chosen} change={change} choose={setChosen} />
        ) : (
          <p className="faint">{t('designer.none')}</p>
        )}
      </aside>
    </div>
  )
}
