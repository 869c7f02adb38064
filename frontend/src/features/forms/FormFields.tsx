import { Form, type FormInstance } from 'antd'
import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { evaluate, shown } from './feel'
import { groupsOf, helpOf, isEmpty, labelOf, titleOf, widgetOf } from './fields'
import { FieldInput } from './inputs'
import { WithNames } from './names'
import { RowsInput } from './RowsInput'
import { rulesOf } from './rules'
import type { Data, Field, FormView, Right } from './types'
import { FieldValue } from './values'
import './forms.css'

type Shown = { name: string; field: Field; right: Right; value: unknown }

/** Wide values take a line of their own. */
const wide = (field: Field) => ['rows', 'textarea', 'files'].includes(widgetOf(field))

/** What the fields hold now, what is computed from them included. */
export function withComputed(view: FormView, data: Data): Data {
  const all = { ...data }
  const fields = Object.entries(view.schema.properties ?? {})
  for (const [name, field] of fields)
    if (field.items?.properties && Array.isArray(all[name])) all[name] = rowsComputed(field, all, all[name])
  for (const [name, field] of fields) {
    const value = field['x-computed'] ? evaluate(field['x-computed'], all) : undefined
    if (value !== undefined) all[name] = value
  }
  return all
}

/** Rows with what is computed in each of them. */
function rowsComputed(field: Field, data: Data, rows: Data[]): Data[] {
  const computed = Object.entries(field.items?.properties ?? {}).filter(([, column]) => column['x-computed'])
  if (computed.length === 0) return rows
  return rows.map((row) => {
    const values = computed.map(([name, column]) => [name, evaluate(column['x-computed'] ?? '', { ...data, ...row })] as const)
    return { ...row, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) }
  })
}

/**
 * The fields of a form inside an antd form; their names begin with `data`, as the pointers of the server's refusals do. What may
 * only be read is shown as facts, what is hidden is not here at all.
 */
export function FormFields({ view, form }: { view: FormView; form: FormInstance }) {
  const { i18n } = useTranslation('forms')
  const english = i18n.language === 'en'
  const typed = Form.useWatch('data', form) as Data | undefined
  const data = useMemo(() => withComputed(view, { ...view.data, ...typed }), [view, typed])
  const fields = view.schema.properties ?? {}
  const visible = (name: string): Shown[] => {
    const field = fields[name]
    const right = view.rights[name] ?? 'read'
    if (!field || right === 'hidden' || !shown(field['x-show'], data)) return []
    return [{ name, field, right: field['x-computed'] ? 'read' : right, value: data[name] }]
  }
  return (
    <WithNames value={view}>
      {groupsOf(view.schema, view.ui).map((group) => {
        const all = group.fields.flatMap(visible)
        // What is computed from what is written here keeps its place, so that nothing jumps while one types.
        const writes = all.some((one) => one.right !== 'read')
        const here = all.filter((one) => one.right !== 'read' || !isEmpty(one.value) || (writes && one.field['x-computed']))
        if (here.length === 0) return null
        const title = titleOf(group, english)
        return (
          <section key={`${group.title} ${group.fields[0]}`} className="form-group" aria-label={title || undefined}>
            {title && <h2>{title}</h2>}
            {runsOf(here).map((run) =>
              run[0]?.right === 'read' ? (
                <ReadFacts key={run[0].name} fields={run} english={english} />
              ) : (
                run.map((one) => <Input key={one.name} one={one} english={english} data={data} />)
              ),
            )}
          </section>
        )
      })}
    </WithNames>
  )
}

/** Fields one after the other that are all read, or all written. */
function runsOf(fields: Shown[]): Shown[][] {
  const runs: Shown[][] = []
  for (const one of fields) {
    const last = runs.at(-1)
    if (last && (last[0]?.right === 'read') === (one.right === 'read')) last.push(one)
    else runs.push([one])
  }
  return runs
}

function ReadFacts({ fields, english }: { fields: Shown[]; english: boolean }) {
  const { t } = useTranslation('forms')
  return (
    <dl className="facts form-facts">
      {fields.map(({ name, field, value }) => (
        <div key={name} className={wide(field) ? 'wide' : undefined}>
          <dt>
            {labelOf(name, field, english)}
            {field['x-computed'] && <span> · {t('computed')}</span>}
          </dt>
          <dd>
            <FieldValue field={field} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Input({ one: { name, field, right }, english, data }: { one: Shown; english: boolean; data: Data }) {
  const { t } = useTranslation('forms')
  const label = labelOf(name, field, english)
  const item = { label, extra: helpOf(field, english), required: right === 'required' }
  if (widgetOf(field) === 'rows') {
    return (
      <Form.Item {...item} validateTrigger={[]}>
        <RowsInput name={name} field={field} label={label} data={data} needed={right === 'required'} />
      </Form.Item>
    )
  }
  return (
    <Form.Item
      {...item}
      name={['data', name]}
      rules={rulesOf(field, right === 'required', t)}
      validateTrigger={['onBlur', 'onChange']}
      validateFirst
    >
      <FieldInput field={field} label={label} needed={right === 'required'} />
    </Form.Item>
  )
}

/** A form that is only read. */
export function FormFacts({ view }: { view: FormView }): ReactNode {
  const { i18n } = useTranslation('forms')
  const english = i18n.language === 'en'
  const data = useMemo(() => withComputed(view, view.data), [view])
  const fields = view.schema.properties ?? {}
  const groups = groupsOf(view.schema, view.ui).map((group) => {
    const here = group.fields.flatMap((name): Shown[] => {
      const field = fields[name]
      if (!field || view.rights[name] === 'hidden' || isEmpty(data[name]) || !shown(field['x-show'], data)) return []
      return [{ name, field, right: 'read', value: data[name] }]
    })
    if (here.length === 0) return null
    const title = titleOf(group, english)
    return (
      <section key={`${group.title} ${group.fields[0]}`} className="form-group" aria-label={title || undefined}>
        {title && <h2>{title}</h2>}
        <ReadFacts fields={here} english={english} />
      </section>
    )
  })
  return <WithNames value={view}>{groups}</WithNames>
}
