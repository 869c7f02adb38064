import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Form, Input, Select } from 'antd'
import { useId, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { elementsOf } from '@/shared/bpmn/steps'
import { FormFields } from '../../forms/FormFields'
import { writable } from '../../forms/writable'
import type { Model, Taken, Test } from '../api'
import { openForm } from './openForm'
import { outcomesIn } from './outcomes'

/** Whoever walks a step twice finds it twice among the steps, told apart by their places. */
const withoutPlace = (value: string) => value.replace(/^\d+ /, '')

/** One example: what is sent, what is decided, and what must be so at the end. */
export function TestForm({ model, test, change }: { model: Model; test: Test; change: (test: Test) => void }) {
  const { t } = useTranslation('processes')
  const [form] = Form.useForm()
  const id = useId()
  const elements = useMemo(() => elementsOf(model.bpmn), [model.bpmn])
  const outcomes = useMemo(() => outcomesIn(model.bpmn), [model.bpmn])
  const view = useMemo(() => openForm(model, test.given.data), [model, test.given.data])
  const named = (types: string[]) =>
    elements.filter((one) => types.includes(one.type)).map((one) => ({ value: one.id, label: one.name || one.id }))
  const steps = named(['userTask'])
  const awaited = named(['userTask', 'intermediateCatchEvent', 'boundaryEvent'])
  const nameOf = (id: string) => steps.find((one) => one.value === id)?.label ?? id
  const then = (next: Partial<Test['then']>) => change({ ...test, then: { ...test.then, ...next } })
  const decide = (at: number, next: Partial<Taken>) =>
    change({ ...test, decisions: test.decisions.map((one, index) => (index === at ? { ...one, ...next } : one)) })
  return (
    <Form
      form={form}
      name={id}
      layout="vertical"
      initialValues={{ data: test.given.data, name: test.name }}
      onValuesChange={(_, values) => change({ ...test, name: values.name ?? test.name, given: { data: writable(view, values.data) } })}
    >
      <Form.Item name="name" label={t('tests.name')}>
        <Input maxLength={120} />
      </Form.Item>
      <div className="test-form">
        <div>
          <h3>{t('tests.given')}</h3>
          <FormFields view={view} form={form} />
        </div>
        <div>
          <h3>{t('tests.decisions')}</h3>
          {test.decisions.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a step may be decided several times
            <div key={at} className="row" style={{ marginBottom: 8 }}>
              <Select
                aria-label={`${t('tests.step')} ${at + 1}`}
                value={one.step}
                options={awaited}
                style={{ width: 170 }}
                onChange={(step) => decide(at, { step, outcome: outcomes.get(step)?.[0] })}
              />
              {outcomes.has(one.step) && (
                <>
                  <Select
                    aria-label={`${t('tests.outcome')} ${at + 1}`}
                    value={one.outcome}
                    style={{ width: 110 }}
                    options={
                      outcomes.get(one.step)?.map((value) => ({ value, label: t(`outcome.${value}`, { defaultValue: value }) })) ?? []
                    }
                    onChange={(outcome) => decide(at, { outcome })}
                  />
                  <Checkbox checked={one.all === true} onChange={(event) => decide(at, { all: event.target.checked || undefined })}>
                    {t('tests.all')}
                  </Checkbox>
                </>
              )}
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('tests.drop', { n: at + 1 })}
                onClick={() => change({ ...test, decisions: test.decisions.filter((_, index) => index !== at) })}
              />
            </div>
          ))}
          <Button
            size="small"
            icon={<PlusOutlined />}
            disabled={steps.length === 0}
            onClick={() => {
              const step = steps[Math.min(test.decisions.length + 1, steps.length - 1)]?.value ?? ''
              change({ ...test, decisions: [...test.decisions, { step, outcome: outcomes.get(step)?.[0] ?? 'done' }] })
            }}
          >
            {t('tests.decide')}
          </Button>
          <h3>{t('tests.then')}</h3>
          <Form.Item label={t('tests.ended')}>
            <Select
              aria-label={t('tests.ended')}
              value={test.then.ended ?? 'running'}
              options={['running', 'completed', 'refused'].map((value) => ({ value, label: t(`ended.${value}`) }))}
              onChange={(ended) => then(ended === 'running' ? { ended: undefined } : { ended, open: undefined })}
            />
          </Form.Item>
          <Form.Item label={t('tests.steps')}>
            <Select
              mode="multiple"
              aria-label={t('tests.steps')}
              value={(test.then.steps ?? []).map((step, at) => `${at} ${step}`)}
              options={steps}
              labelRender={({ value }) => nameOf(withoutPlace(String(value)))}
              onChange={(all) => then({ steps: all.length > 0 ? all.map(withoutPlace) : undefined })}
            />
          </Form.Item>
          {!test.then.ended && (
            <Form.Item label={t('tests.open')}>
              <Select
                mode="multiple"
                aria-label={t('tests.open')}
                value={test.then.open ?? []}
                options={awaited}
                onChange={(all) => then({ open: all.length > 0 ? all : undefined })}
              />
            </Form.Item>
          )}
        </div>
      </div>
    </Form>
  )
}
