import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Form } from 'antd'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { usePhone } from '@/shared/ui/layout'
import { evaluate } from './feel'
import { columnsIn, labelOf } from './fields'
import { FieldInput } from './inputs'
import { isNumber } from './RowsView'
import { rulesOf } from './rules'
import type { Data, Field } from './types'
import { numberText } from './values'

type Props = { name: string; field: Field; label: string; data: Data; needed: boolean }

/** Rows (明细) to be filled in: added and removed one by one; on a phone each is a card. */
export function RowsInput({ name, field, label, data, needed: filled }: Props) {
  const { t, i18n } = useTranslation('forms')
  const phone = usePhone()
  const english = i18n.language === 'en'
  const columns = columnsIn(field)
  const rows = (data[name] as Data[] | undefined) ?? []
  const cell = (at: number, [column, schema]: [string, Field]) => {
    const title = labelOf(column, schema, english)
    if (schema['x-computed']) {
      const value = evaluate(schema['x-computed'], { ...data, ...rows[at] })
      return (
        <span className="form-computed">
          {value === undefined || value === null ? '—' : isNumber(schema) ? numberText(value, schema) : String(value)}
        </span>
      )
    }
    const needed = (field.items?.required ?? []).includes(column)
    return (
      <Form.Item
        name={[at, column]}
        rules={rulesOf(schema, needed, t)}
        style={{ margin: 0 }}
        label={phone ? title : undefined}
        required={needed}
      >
        <FieldInput field={schema} label={`${title} ${at + 1}`} needed={needed} />
      </Form.Item>
    )
  }
  return (
    <Form.List name={['data', name]} rules={[atLeast(filled ? Math.max(1, field.minItems ?? 1) : 0, t)]}>
      {(items, { add, remove }, { errors }) => (
        <fieldset className="form-rows" id={`data_${name}`} aria-label={label}>
          {phone ? (
            items.map(({ key, name: at }) => (
              <div key={key} className="form-row-card">
                <div className="row">
                  <strong className="grow">{t('rows.nth', { n: at + 1 })}</strong>
                  <Remove at={at} remove={remove} />
                </div>
                {columns.map((column) => (
                  <div key={column[0]}>
                    {column[1]['x-computed'] && <div className="faint">{labelOf(column[0], column[1], english)}</div>}
                    {cell(at, column)}
                  </div>
                ))}
              </div>
            ))
          ) : items.length > 0 ? (
            <div className="scroller">
              <table className="form-table input">
                <thead>
                  <tr>
                    {columns.map(([column, schema]) => (
                      <th key={column} scope="col">
                        {labelOf(column, schema, english)}
                        {(field.items?.required ?? []).includes(column) && <span className="form-star"> *</span>}
                      </th>
                    ))}
                    <th scope="col">
                      <span className="unseen">{t('rows.remove')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ key, name: at }) => (
                    <tr key={key}>
                      {columns.map((column) => (
                        <td key={column[0]}>{cell(at, column)}</td>
                      ))}
                      <td style={{ width: 40 }}>
                        <Remove at={at} remove={remove} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          ) : null}
          <Form.ErrorList errors={errors} />
          <Button icon={<PlusOutlined />} onClick={() => add({})} disabled={items.length >= (field.maxItems ?? 200)}>
            {t('rows.add')}
          </Button>
        </fieldset>
      )}
    </Form.List>
  )
}

/** How many rows there must be. */
const atLeast = (n: number, t: TFunction<'forms'>) => ({
  validator: async (_: unknown, rows: unknown[] | undefined) => {
    if ((rows?.length ?? 0) < n) throw new Error(t('rule.min_items', { n }))
  },
})

function Remove({ at, remove }: { at: number; remove: (at: number) => void }) {
  const { t } = useTranslation('forms')
  return <Button type="text" icon={<DeleteOutlined />} aria-label={t('rows.remove_nth', { n: at + 1 })} onClick={() => remove(at)} />
}
