import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { labelOf } from '../../forms/fields'
import type { Field, Right } from '../../forms/types'
import { useDesign } from './context'
import { outcomesOf } from './FlowPart'
import { Many } from './inputs'
import type { PartProps } from './Panel'
import { columnsOf, RIGHTS, rightsOf, writeOn, writeRight } from './rights'

/** Which fields are hidden, read, written or demanded in this step. What is not named follows the star. */
export function RightsPart({ shape }: PartProps) {
  const { t, i18n } = useTranslation('processes')
  const { tool, model, show } = useDesign()
  const rights = rightsOf(shape)
  const english = i18n.language === 'en'
  const { list, columns } = columnsOf(shape, model.form)
  const fields = Object.entries(model.form.schema.properties ?? {}).filter(([name]) => name !== list)
  const right = (name: string, usual: Right) => (rights.has(name) ? rights.of(name) : usual)
  const all: [string, Field, Right][] = [...fields.map(([name, field]): [string, Field, Right] => [name, field, rights.star]), ...columns]
  const demanded = all.filter(([name, , usual]) => right(name, usual) === 'required')
  const outcomes = outcomesOf(shape, t).map(({ id, name }) => ({ value: id, label: name }))
  const line = (name: string, label: string, value: Right, faint: boolean) => (
    <tr key={name}>
      <th scope="row" className={faint ? 'faint' : undefined}>
        {label}
      </th>
      {RIGHTS.map((one) => (
        <td key={one}>
          <input
            type="radio"
            name={`right ${shape.id} ${name}`}
            aria-label={`${label}: ${t(`right.${one}`)}`}
            checked={value === one}
            onChange={() => writeRight(tool, shape, name, one)}
          />
        </td>
      ))}
    </tr>
  )
  return (
    <>
      <table className="rights">
        <thead>
          <tr>
            <td />
            {RIGHTS.map((one) => (
              <th key={one} scope="col">
                {t(`right.${one}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {line('*', t('right.others'), rights.star, false)}
          {all.map(([name, field, usual]) => line(name, labelOf(name, field, english), right(name, usual), !rights.has(name)))}
        </tbody>
      </table>
      {outcomes.length > 1 &&
        demanded.map(([name, field]) => (
          <Many
            key={name}
            label={t('right.on', { field: labelOf(name, field, english) })}
            help={t('right.on_help')}
            value={rights.named.find((one) => one.name === name)?.on ?? ''}
            set={(on) => writeOn(tool, shape, name, on)}
            options={outcomes}
          />
        ))}
      <Button type="link" className="inline" style={{ marginTop: 8 }} onClick={() => show(fields.length === 0 ? 'form' : 'rights')}>
        {fields.length === 0 ? t('right.no_form') : t('right.all_steps')}
      </Button>
    </>
  )
}
