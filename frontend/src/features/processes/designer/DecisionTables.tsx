import { PlusOutlined } from '@ant-design/icons'
import { Button, Input, Modal, Tabs } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Nothing, Section } from '@/shared/ui/layout'
import type { DecisionTable, Form } from '../api'
import { TableEditor } from './TableEditor'

type Tables = Record<string, DecisionTable>
type Props = { tables: Tables; first: string | undefined; form: Form; change: (tables: Tables) => void }

/** The decision tables of the process, each by its key. */
export default function DecisionTables({ tables, first, form, change }: Props) {
  const { t } = useTranslation('processes')
  const keys = Object.keys(tables)
  const [at, setAt] = useState(first && tables[first] ? first : keys[0])
  const [key, setKey] = useState<string | null>(null)
  const fine = key !== null && /^[a-z][a-z0-9_]*$/.test(key) && !tables[key]
  const add = () => {
    if (key === null || !fine) return
    const made: DecisionTable = {
      name: key,
      hit: 'F',
      inputs: [{ expression: Object.keys(form.schema.properties ?? {})[0] ?? '', type: 'string' }],
      outputs: [{ name: Object.keys(form.schema.properties ?? {})[0] ?? '', type: 'string' }],
      rules: [{ when: ['-'], then: ['""'] }],
      tests: [],
    }
    change({ ...tables, [key]: made })
    setAt(key)
    setKey(null)
  }
  const remove = (gone: string) => {
    const { [gone]: _, ...rest } = tables
    change(rest)
    setAt(Object.keys(rest)[0])
  }
  return (
    <Section
      title={t('tables.title')}
      extra={
        <Button icon={<PlusOutlined />} onClick={() => setKey('')}>
          {t('tables.add')}
        </Button>
      }
    >
      {keys.length === 0 ? (
        <Nothing text={t('tables.none')} />
      ) : (
        <Tabs
          {...(at && { activeKey: at })}
          onChange={setAt}
          items={keys.map((one) => ({
            key: one,
            label: tables[one]?.name || one,
            children: tables[one] && (
              <TableEditor
                table={tables[one]}
                form={form}
                change={(table) => change({ ...tables, [one]: table })}
                remove={() => remove(one)}
              />
            ),
          }))}
        />
      )}
      <Modal open={key !== null} title={t('tables.add')} onCancel={() => setKey(null)} onOk={add} okButtonProps={{ disabled: !fine }}>
        <label htmlFor="table-key">{t('tables.key')}</label>
        <Input id="table-key" value={key ?? ''} onChange={(event) => setKey(event.target.value)} onPressEnter={add} />
        <p className="faint">{t('tables.key_help')}</p>
      </Modal>
    </Section>
  )
}
