import { useTranslation } from 'react-i18next'
import { usePhone } from '@/shared/ui/layout'
import { columnsIn, labelOf, widgetOf } from './fields'
import type { Data, Field } from './types'
import { FieldValue } from './values'

/** Rows (明细) to be read: a table, on a phone cards. */
export function RowsView({ field, rows }: { field: Field; rows: Data[] }) {
  const { i18n } = useTranslation('forms')
  const english = i18n.language === 'en'
  const phone = usePhone()
  const columns = columnsIn(field)
  if (phone) {
    return (
      <ol className="plain form-rows">
        {rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and are only read here
          <li key={at} className="form-row-card">
            {columns.map(([name, column]) => (
              <div key={name} className="form-pair">
                <span className="faint">{labelOf(name, column, english)}</span>
                <FieldValue field={column} value={row[name]} />
              </div>
            ))}
          </li>
        ))}
      </ol>
    )
  }
  return (
    <div className="scroller">
      <table className="form-table">
        <thead>
          <tr>
            {columns.map(([name, column]) => (
              <th key={name} scope="col" className={isNumber(column) ? 'number' : undefined}>
                {labelOf(name, column, english)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and are only read here
            <tr key={at}>
              {columns.map(([name, column]) => (
                <td key={name} className={isNumber(column) ? 'number' : undefined}>
                  <FieldValue field={column} value={row[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export const isNumber = (field: Field) => ['number', 'money'].includes(widgetOf(field))
