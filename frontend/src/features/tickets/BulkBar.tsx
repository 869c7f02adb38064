import { App, Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { holds, useMe } from '@/shared/me'
import { PersonSelect, UnitSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import type { Step } from './api'

const STEPS = ['dispatch', 'start', 'refuse', 'cancel'] as const

/** The same step for what is selected; what failed says why. */
export function BulkBar({ picked, clear }: { picked: Schemas['TicketItem'][]; clear: () => void }) {
  const { t } = useTranslation('tickets')
  const me = useMe()
  const { modal } = App.useApp()
  const [action, setAction] = useState<(typeof STEPS)[number] | null>(null)
  const [form] = Form.useForm()
  const unit = Form.useWatch('unit_id', form)
  const act = useAct(
    async (step: Step) => {
      const items: Schemas['BulkResult'][] = []
      // As many in one request as the server takes.
      for (let first = 0; first < picked.length; first += 40) {
        const some = picked.slice(first, first + 40).map(({ id, version }) => ({ id, version }))
        items.push(...(await take(api.POST('/api/v1/tickets/bulk', { body: { items: some, step } }))).items)
      }
      return { items }
    },
    {
      form,
      done: ({ items }) => {
        setAction(null)
        const failed = items.filter((item) => !item.done)
        if (failed.length === 0) return clear()
        modal.warning({
          title: t('bulk.partly', { done: items.length - failed.length, failed: failed.length }),
          content: (
            <ul>
              {failed.map((item) => (
                <li key={item.id}>
                  {picked.find((row) => row.id === item.id)?.number}: {item.reason_text}
                </li>
              ))}
            </ul>
          ),
        })
      },
    },
  )
  const possible = STEPS.filter((name) => (name === 'start' ? holds(me, 'tickets.handle') : holds(me, 'tickets.dispatch')))
  return (
    <section className="bulk row" aria-label={t('bulk.title')}>
      <strong>{t('bulk.chosen', { count: picked.length })}</strong>
      {possible.map((name) => (
        <Button
          key={name}
          loading={act.isPending && action === name}
          onClick={() => {
            if (name === 'start') return act.mutate({ action: 'start' })
            form.resetFields()
            setAction(name)
          }}
        >
          {t(`step.${name}.title`)}
        </Button>
      ))}
      <Button type="text" onClick={clear}>
        {t('bulk.clear')}
      </Button>
      <Modal
        open={action !== null}
        title={action && t(`step.${action}.title`)}
        onCancel={() => setAction(null)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: act.isPending }}
      >
        <Form form={form} layout="vertical" onFinish={(values) => action && act.mutate({ action, ...values })}>
          {action === 'dispatch' ? (
            <>
              <Form.Item name="unit_id" label={t('field.assigned_unit')} rules={[{ required: true, message: t('common:required') }]}>
                <UnitSelect />
              </Form.Item>
              <Form.Item name="assignee_id" label={t('field.assignee')}>
                <PersonSelect unitId={unit} allowClear />
              </Form.Item>
            </>
          ) : (
            <Form.Item name="text" label={t('step.reason')} rules={[{ required: true, message: t('common:required') }]}>
              <Input.TextArea rows={3} maxLength={2000} />
            </Form.Item>
          )}
        </Form>
      </Modal>
    </section>
  )
}
