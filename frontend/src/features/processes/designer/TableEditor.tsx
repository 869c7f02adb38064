import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, DatePicker, Input, Popconfirm, Select, Tooltip } from 'antd'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import type { DecisionTable, Form, Rule } from '../api'
import { TableTests } from './TableTests'

const TYPES = ['string', 'number', 'boolean', 'date']
const HITS = ['U', 'F', 'A', 'R', 'C', 'C+', 'C<', 'C>', 'C#']
type Props = { table: DecisionTable; form: Form; change: (table: DecisionTable) => void; remove: () => void }

/** A decision table as a sheet: what is looked at, what comes out, one rule a line, with examples below. */
export function TableEditor({ table, form, change, remove }: Props) {
  const { t } = useTranslation('processes')
  const fields = Object.keys(form.schema.properties ?? {}).map((value) => ({ value, label: value }))
  const rule = (at: number, next: Rule) => change({ ...table, rules: table.rules.map((one, index) => (index === at ? next : one)) })
  const cell = (list: string[], at: number, value: string) => list.map((one, index) => (index === at ? value : one))
  const without = <T,>(list: T[], at: number) => list.filter((_, index) => index !== at)
  const addColumn = (side: 'inputs' | 'outputs') =>
    change({
      ...table,
      ...(side === 'inputs'
        ? { inputs: [...table.inputs, { expression: '', type: 'string' }] }
        : { outputs: [...table.outputs, { name: '', type: 'string' }] }),
      rules: table.rules.map((one) => (side === 'inputs' ? { ...one, when: [...one.when, '-'] } : { ...one, then: [...one.then, '""'] })),
    })
  const dropColumn = (side: 'inputs' | 'outputs', at: number) =>
    change({
      ...table,
      [side]: without<unknown>(table[side], at),
      rules: table.rules.map((one) =>
        side === 'inputs' ? { ...one, when: without(one.when, at) } : { ...one, then: without(one.then, at) },
      ),
    })
  const column = (side: 'inputs' | 'outputs', at: number) => {
    const one = table[side][at] as { expression?: string; name?: string; type: string }
    const key = side === 'inputs' ? 'expression' : 'name'
    const set = (next: Record<string, string>) =>
      change({ ...table, [side]: table[side].map((other, index) => (index === at ? { ...other, ...next } : other)) })
    return (
      <th key={`${side} ${at}`} scope="col">
        <Select
          mode="tags"
          maxCount={1}
          aria-label={`${t(`tables.${key}`)} ${at + 1}`}
          placeholder={t(`tables.${key}`)}
          value={one[key] ? [one[key]] : []}
          options={fields}
          onChange={(all: string[]) => set({ [key]: all.at(-1) ?? '' })}
          style={{ width: '100%' }}
        />
        <span className="row" style={{ flexWrap: 'nowrap', marginTop: 4 }}>
          <Select
            size="small"
            aria-label={`${t('tables.type')} ${at + 1}`}
            value={one.type}
            options={TYPES.map((value) => ({ value, label: t(`tables.types.${value}`) }))}
            onChange={(type) => set({ type })}
            style={{ flex: 1 }}
          />
          {table[side].length > 1 && (
            <Button
              size="small"
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('tables.drop_column', { name: one[key] })}
              onClick={() => dropColumn(side, at)}
            />
          )}
        </span>
      </th>
    )
  }
  return (
    <>
      <div className="row" style={{ marginBottom: 12 }}>
        <Input
          aria-label={t('tables.name')}
          value={table.name}
          style={{ width: 220 }}
          onChange={(event) => change({ ...table, name: event.target.value })}
        />
        <Select
          aria-label={t('tables.hit')}
          value={table.hit}
          style={{ width: 250 }}
          options={HITS.map((value) => ({ value, label: t(`tables.hits.${value}`) }))}
          onChange={(hit) => change({ ...table, hit })}
        />
        <Tooltip title={t('tables.live_help')}>
          <DatePicker
            aria-label={t('tables.live')}
            placeholder={t('tables.live')}
            value={table.live_from ? dayjs(table.live_from) : null}
            style={{ width: 230 }}
            onChange={(day) => {
              const { live_from: _, ...rest } = table
              change(day ? { ...rest, live_from: day.format('YYYY-MM-DD') } : rest)
            }}
          />
        </Tooltip>
        <span className="grow" />
        <Popconfirm title={t('tables.sure', { name: table.name })} onConfirm={remove}>
          <Button type="text" icon={<DeleteOutlined />}>
            {t('tables.remove')}
          </Button>
        </Popconfirm>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="scroller" tabIndex={0}>
        <table className="rules">
          <thead>
            <tr>
              <th scope="col">
                <span className="unseen">{t('tables.rule')}</span>
              </th>
              {table.inputs.map((_, at) => column('inputs', at))}
              {table.outputs.map((_, at) => column('outputs', at))}
              <th scope="col">
                <span className="unseen">{t('tables.remove')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {table.rules.map((one, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rules are known by their place
              <tr key={at}>
                <td className="faint number">{at + 1}</td>
                {one.when.map((value, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells are known by their place
                  <td key={index}>
                    <Input
                      aria-label={t('tables.cell', { rule: at + 1, column: table.inputs[index]?.expression })}
                      value={value}
                      onChange={(event) => rule(at, { ...one, when: cell(one.when, index, event.target.value) })}
                    />
                  </td>
                ))}
                {one.then.map((value, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells are known by their place
                  <td key={index} className="result">
                    <Input
                      aria-label={t('tables.cell', { rule: at + 1, column: table.outputs[index]?.name })}
                      value={value}
                      onChange={(event) => rule(at, { ...one, then: cell(one.then, index, event.target.value) })}
                    />
                  </td>
                ))}
                <td>
                  <Button
                    type="text"
                    icon={<DeleteOutlined />}
                    aria-label={t('tables.drop_rule', { n: at + 1 })}
                    onClick={() => change({ ...table, rules: without(table.rules, at) })}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="faint">{t('tables.cells')}</p>
      <div className="row" style={{ marginBottom: 20 }}>
        <Button
          icon={<PlusOutlined />}
          onClick={() =>
            change({ ...table, rules: [...table.rules, { when: table.inputs.map(() => '-'), then: table.outputs.map(() => '""') }] })
          }
        >
          {t('tables.add_rule')}
        </Button>
        <Button onClick={() => addColumn('inputs')}>{t('tables.add_input')}</Button>
        <Button onClick={() => addColumn('outputs')}>{t('tables.add_output')}</Button>
      </div>
      <TableTests table={table} change={(tests) => change({ ...table, tests })} />
    </>
  )
}
