import { Button, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schema, Ui } from '../types'
import { addField, addGroup, dropLayout, type FormFile, groups, layoutOf, moveField, type Place, withLayout } from './edit'
import { FieldPalette } from './FieldPalette'
import { FieldSettings } from './FieldSettings'
import { FormCanvas } from './FormCanvas'
import type { Kind } from './kinds'
import '../forms.css'
import './form-designer.css'

type Props = {
  form: { schema: Schema; ui: Ui }
  change: (form: { schema: Schema; ui: Ui }) => void
  /** The steps that may have a layout of their own. */
  steps: { value: string; label: string }[]
}

/** Forms are laid together from a palette, by pointer or by keyboard; what is selected is described at the side. */
export default function FormDesigner({ form: whole, change: write, steps }: Props) {
  const { t } = useTranslation('forms')
  const [step, setStep] = useState('')
  const form = layoutOf(whole, step)
  const change = (next: FormFile) => write(withLayout(next, step))
  const own = step !== '' && whole.ui.steps?.[step] !== undefined
  const [chosen, setChosen] = useState<string | null>(null)
  const add = (kind: Kind, place?: Place) => {
    const at = place ?? { group: Math.max(0, groups(form).length - 1), index: Number.POSITIVE_INFINITY }
    const made = addField(form, kind, t(`kind.${kind}`), at)
    change(made.form)
    setChosen(made.name)
  }
  const move = (name: string, place: Place) => change(moveField(form, name, place))
  return (
    <>
      <div className="row" style={{ marginBottom: 12 }}>
        <Select
          aria-label={t('layout.title')}
          value={step}
          onChange={setStep}
          options={[{ value: '', label: t('layout.all') }, ...steps]}
          style={{ minWidth: 220 }}
        />
        {own && <Button onClick={() => write(dropLayout(whole, step))}>{t('layout.drop')}</Button>}
        <span className="faint">{t(step === '' ? 'layout.help' : own ? 'layout.own' : 'layout.same')}</span>
      </div>
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
    </>
  )
}
