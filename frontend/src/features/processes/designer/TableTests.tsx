import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useTranslation } from 'react-i18next'
import type { DecisionTable, TableTest } from '../api'

/** A text as the value of a type: numbers and truths are not texts. */
const typed = (text: string, type: string): unknown => {
  if (text.trim() === '') return null
  if (type === 'number') return Number.isNaN(Number(text)) ? text : Number(text)
  if (type === 'boolean') return text === 'true'
  return text
}

/** Examples of a table: given this, that must come out. */
export function TableTests({ table, change }: { table: DecisionTable; change: (tests: TableTest[]) => void }) {
  const { t } = useTranslation('processes')
  const tests = table.tests ?? []
  const set = (at: number, side: 'given' | 'then', name: string, value: unknown) =>
    change(tests.map((one, index) => (index === at ? { ...one, [side]: { ...one[side], [name]: value } } : one)))
  const columns = [
    ...table.inputs.map((one) => ({ side: 'given' as const, name: one.expression, type: one.type })),
    ...table.outputs.map((one) => ({ side: 'then' as const, name: one.name, type: one.type })),
  ]
  return (
    <section aria-label={t('tables.examples')}>
      <h3>{t('tables.examples')}</h3>
      {tests.length > 0 && (
        <div className="scroller">
          <table className="rules">
            <thead>
              <tr>
                {columns.map((one) => (
                  <th key={`${one.side} ${one.name}`} scope="col">
                    {one.name}
                  </th>
                ))}
                <th scope="col">
                  <span className="unseen">{t('tables.remove')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tests.map((test, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: examples are known by their place
                <tr key={at}>
                  {columns.map((one) => (
                    <td key={`${one.side} ${one.name}`} className={one.side === 'then' ? 'result' : undefined}>
                      <Input
                        aria-label={t('tables.cell', { rule: at + 1, column: one.name })}
                        value={String(test[one.side][one.name] ?? '')}
                        onChange={(event) => set(at, one.side, one.name, typed(event.target.value, one.type))}
                      />
                    </td>
                  ))}
                  <td>
                    <Button
                      type="text"
                      icon={<DeleteOutlined />}
                      aria-label={t('tables.drop_example', { n: at + 1 })}
                      onClick={() => change(tests.filter((_, index) => index !== at))}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Button icon={<PlusOutlined />} onClick={() => change([...tests, { given: {}, then: {} }])}>
        {t('tables.add_example')}
      </Button>
    </section>
  )
}
