import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { labelOf } from '../../forms/fields'
import type { Right } from '../../forms/types'
import { attributes, extensionOf, partsOf, writeParts } from '../modeler/extension'
import { useDesign } from './context'
import type { PartProps } from './Panel'

const RIGHTS: Right[] = ['hidden', 'read', 'edit', 'required']

/** Which fields are hidden, read, written or demanded in this step. What is not named follows the star. */
export function RightsPart({ shape }: PartProps) {
  const { t, i18n } = useTranslation('processes')
  const { tool, model, show } = useDesign()
  const named = attributes(partsOf(extensionOf(shape.businessObject, 'zhidu:Work'), 'zhidu:Field'), ['name', 'right'])
  const right = (name: string) => named.find((one) => one.name === name)?.right
  const star = (right('*') ?? 'hidden') as Right
  const write = (name: string, value: Right) => {
    const rest = named.filter((one) => one.name !== name)
    const next = name !== '*' && value === star ? rest : [...rest, { name, right: value }]
    // The star stands first: it is what the others are exceptions from.
    writeParts(tool, shape, 'zhidu:Work', 'zhidu:Field', [
      ...next.filter((one) => one.name === '*'),
      ...next.filter((one) => one.name !== '*'),
    ])
  }
  const fields = Object.entries(model.form.schema.properties ?? {})
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
            onChange={() => write(name, one)}
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
          {line('*', t('right.others'), star, false)}
          {fields.map(([name, field]) =>
            line(name, labelOf(name, field, i18n.language === 'en'), (right(name) ?? star) as Right, right(name) === undefined),
          )}
        </tbody>
      </table>
      {fields.length === 0 && (
        <Button type="link" className="inline" onClick={() => show('form')}>
          {t('right.no_form')}
        </Button>
      )}
    </>
  )
}
