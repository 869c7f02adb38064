import { Button, Drawer, Form } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Diagram, type Mark } from '@/shared/bpmn/Diagram'
import { PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { FormFields } from '../../forms/FormFields'
import type { Data } from '../../forms/types'
import { writable } from '../../forms/writable'
import { type Model, type Run, type Taken, type Test, testRun } from '../api'
import { KeepTest } from './KeepTest'
import { openForm } from './openForm'
import { RunSteps } from './RunSteps'

/** A trial that nobody else sees: filled in, decided step by step, with the way on the drawing. */
export default function TestRun({ model, keep, close }: { model: Model; keep: (test: Test) => void; close: () => void }) {
  const { t } = useTranslation('processes')
  const [form] = Form.useForm<{ starter_id?: string; data?: Data }>()
  const [taken, setTaken] = useState<Taken[]>([])
  const [run, setRun] = useState<Run | null>(null)
  const view = useMemo(() => openForm(model), [model])
  const ask = useAct(
    (decisions_taken: Taken[]) =>
      testRun(model, {
        starter_id: form.getFieldValue('starter_id'),
        data: writable(view, form.getFieldValue('data')),
        decisions_taken,
      }),
    {
      form,
      done: (answer, decisions) => {
        setRun(answer)
        setTaken(decisions)
      },
    },
  )
  const marks = useMemo(() => {
    const all: Record<string, Mark[]> = {}
    for (const id of run?.visited ?? []) all[id] = ['done']
    for (const { step } of run?.open ?? []) all[step] = ['active']
    for (const one of run?.trace ?? []) if (one.kind === 'incident' && one.element) all[one.element] = ['incident']
    return all
  }, [run])
  return (
    <Drawer open onClose={close} title={t('run.title')} size="min(1180px, 100vw)" destroyOnHidden>
      <div className="run">
        <div hidden={run !== null}>
          <p className="faint">{t('run.help')}</p>
          <Form form={form} name="run" layout="vertical" onFinish={() => ask.mutate([])} scrollToFirstError>
            <Form.Item name="starter_id" label={t('run.starter')} extra={t('run.starter_help')}>
              <PersonSelect allowClear />
            </Form.Item>
            <FormFields view={view} form={form} />
            <Button type="primary" htmlType="submit" loading={ask.isPending} style={{ marginTop: 16 }}>
              {t('run.begin')}
            </Button>
          </Form>
        </div>
        {run && (
          <RunSteps
            run={run}
            taken={taken}
            busy={ask.isPending}
            keep={<KeepTest model={model} data={writable(view, form.getFieldValue('data'))} taken={taken} run={run} keep={keep} />}
            decide={(next) => ask.mutate([...taken, next])}
            back={() => (taken.length > 0 ? ask.mutate(taken.slice(0, -1)) : setRun(null))}
            restart={() => {
              setRun(null)
              setTaken([])
            }}
          />
        )}
        <div>
          <Diagram xml={model.bpmn} label={t('run.way')} marks={marks} height={420} />
        </div>
      </div>
    </Drawer>
  )
}
