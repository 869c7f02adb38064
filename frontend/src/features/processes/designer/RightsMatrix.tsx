import { Button, Radio } from 'antd'
import { Fragment, type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { elementsOf } from '@/shared/bpmn/steps'
import { Nothing, Section } from '@/shared/ui/layout'
import { groupsOf, labelOf, titleOf } from '../../forms/fields'
import type { Right } from '../../forms/types'
import { together } from '../modeler/together'
import type { Shape } from '../modeler/types'
import { tasksOf, useDesign } from '../panel/context'
import { RIGHTS, rightsOf, writeAll, writeRight } from '../panel/rights'
import './rights-matrix.css'

const MOVES: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

/** All fields in all steps: a right is chosen, then given to a field in a step, to a field everywhere, or to all of a step. */
export default function RightsMatrix() {
  const { t, i18n } = useTranslation('processes')
  const english = i18n.language === 'en'
  const { tool, model, show } = useDesign()
  const [chosen, setChosen] = useState<Right>('edit')
  const [[atRow, atColumn], setAt] = useState([1, 1])
  const grid = useRef<HTMLTableElement>(null)

  const order = elementsOf(model.bpmn).map((one) => one.id)
  const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length)
  const steps = tasksOf(tool)
    .sort((a, b) => place(a.value) - place(b.value))
    .map((step) => ({ ...step, rights: rightsOf(step.shape) }))
  const fields = model.form.schema.properties ?? {}
  const groups = groupsOf(model.form.schema, model.form.ui).map((group) => ({
    title: titleOf(group, english),
    fields: group.fields.map((name) => ({ name, label: labelOf(name, fields[name] ?? {}, english) })),
  }))
  const rows = [{ name: '*', label: t('right.others') }, ...groups.flatMap((group) => group.fields)]
  if (steps.length === 0) return <Nothing text={t('right.no_step')} />
  if (rows.length === 1) {
    return (
      <Nothing text={t('right.none')}>
        <Button onClick={() => show('form')}>{t('right.no_form')}</Button>
      </Nothing>
    )
  }

  // The heads are row 0 and column 0.
  const give = (row: number, column: number, right: Right) => {
    const of = (index: number, all: (Shape | undefined)[]) => (index === 0 ? all : [all[index - 1]]).flatMap((one) => one ?? [])
    const shapes = of(
      column,
      steps.map((step) => step.shape),
    )
    const field = rows[row - 1]?.name
    together(tool, () => {
      for (const shape of shapes) field === undefined ? writeAll(tool, shape, right) : writeRight(tool, shape, field, right)
    })
  }
  const keys = (event: KeyboardEvent) => {
    const move = MOVES[event.key]
    const right = RIGHTS[Number(event.key) - 1]
    if (right) return give(atRow, atColumn, right)
    if (!move) return
    event.preventDefault()
    const row = Math.min(Math.max(atRow + move[0], 0), rows.length)
    const column = Math.min(Math.max(atColumn + move[1], 0), steps.length)
    grid.current?.querySelector<HTMLElement>(`[data-at="${row} ${column}"]`)?.focus()
  }
  const press = (row: number, column: number) => ({
    type: 'button' as const,
    'data-at': `${row} ${column}`,
    tabIndex: row === atRow && column === atColumn ? 0 : -1,
    onFocus: () => setAt([row, column]),
    onClick: () => give(row, column, chosen),
  })
  const word = t(`right.${chosen}`)
  const line = ({ name, label }: (typeof rows)[number]) => {
    const row = rows.findIndex((one) => one.name === name) + 1
    return (
      <tr key={name}>
        <th scope="row">
          <button {...press(row, 0)} title={t('right.give_row', { right: word })}>
            {label}
          </button>
        </th>
        {steps.map((step, index) => {
          const right = step.rights.of(name)
          return (
            <td key={step.value} className={right} data-own={name === '*' || step.rights.has(name) || undefined}>
              <button {...press(row, index + 1)} aria-label={`${label}, ${step.label}: ${t(`right.${right}`)}`}>
                {t(`right.${right}`)}
              </button>
            </td>
          )
        })}
      </tr>
    )
  }
  return (
    <Section>
      <p className="faint" style={{ marginTop: 0 }}>
        {t('right.matrix_help')}
      </p>
      <Radio.Group
        aria-label={t('right.choose')}
        optionType="button"
        value={chosen}
        options={RIGHTS.map((value, index) => ({ value, label: `${index + 1} ${t(`right.${value}`)}` }))}
        onChange={(event) => setChosen(event.target.value)}
        style={{ marginBottom: 8 }}
      />
      <div className="rights-matrix">
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table in which the arrows move is a grid */}
        <table ref={grid} role="grid" aria-label={t('design.rights')} onKeyDown={keys}>
          <thead>
            <tr>
              <td />
              {steps.map((step, index) => (
                <th key={step.value} scope="col">
                  <button {...press(0, index + 1)} title={t('right.give_column', { right: word })}>
                    {step.label}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, 1).map(line)}
            {groups.map((group) => (
              <Fragment key={`${group.title} ${group.fields[0]?.name}`}>
                {group.title && (
                  <tr className="group">
                    <th scope="rowgroup" colSpan={steps.length + 1}>
                      <span>{group.title}</span>
                    </th>
                  </tr>
                )}
                {group.fields.map(line)}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  )
}
