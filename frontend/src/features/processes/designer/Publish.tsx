import { useNavigate } from '@tanstack/react-router'
import { Alert, Form, Input, Modal, Radio } from 'antd'
import { type RefObject, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { UnitsSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { type Second, SecondPerson } from '@/shared/ui/SecondPerson'
import { type ActionItem, type Check, type Model, type ProcessDetail, publish, useActions } from '../api'
import { actionsIn } from './outcomes'
import type { Saving } from './useModel'

type Values = { notes?: string; whole: boolean; pilot_unit_ids?: string[] } & Second
type Props = { process: ProcessDetail; model: Model; found: Check | null; saving: Saving; version: RefObject<number>; close: () => void }

/** Makes the draft a release: for everybody, or first for some units. */
export default function Publish({ process, model, found, saving, version, close }: Props) {
  const { t } = useTranslation('processes')
  const go = useNavigate()
  const [form] = Form.useForm<Values>()
  const whole = Form.useWatch('whole', form) ?? true
  const needed = useUnheld(model)
  const run = useAct(
    ({ notes, pilot_unit_ids, second_login, second_password }: Values) =>
      publish(
        { id: process.id, version: version.current },
        {
          notes: notes || undefined,
          pilot_unit_ids: whole ? undefined : pilot_unit_ids,
          ...(needed.length > 0 && { second_login, second_password }),
        },
      ),
    {
      form,
      said: t('publish.done'),
      done: () => {
        close()
        void go({ to: '/processes/$id', params: { id: process.id } })
      },
    },
  )
  const required = [{ required: true, message: t('common:required') }]
  const failed = found?.tests.filter((one) => !one.passed) ?? []
  const errors = found?.findings.filter((one) => one.severity === 'error') ?? []
  const ready = found?.publishable === true && failed.length === 0 && saving === 'saved'
  return (
    <Modal
      open
      title={t('publish.title')}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t('publish.title')}
      okButtonProps={{ loading: run.isPending, disabled: !ready }}
    >
      {errors.length > 0 && (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('check.errors', { count: errors.length })}
          description={
            <ul>
              {errors.slice(0, 5).map((one) => (
                <li key={`${one.rule} ${one.element} ${one.text}`}>{one.text}</li>
              ))}
            </ul>
          }
        />
      )}
      {failed.length > 0 && (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('publish.tests', { count: failed.length })}
          description={failed.map((one) => `${one.name}: ${one.reason}`).join('\n')}
        />
      )}
      {ready && (
        <Alert type="success" showIcon style={{ marginBottom: 12 }} title={t('publish.ready', { count: found?.tests.length ?? 0 })} />
      )}
      <Form form={form} layout="vertical" initialValues={{ whole: true }} onFinish={(values) => run.mutate(values)}>
        <Form.Item name="notes" label={t('publish.notes')}>
          <Input.TextArea rows={3} maxLength={2000} placeholder={t('publish.notes_hint')} />
        </Form.Item>
        <Form.Item name="whole" label={t('publish.for')}>
          <Radio.Group
            options={[
              { value: true, label: t('publish.all') },
              { value: false, label: t('publish.pilot') },
            ]}
          />
        </Form.Item>
        {!whole && (
          <Form.Item name="pilot_unit_ids" label={t('publish.units')} rules={required}>
            <UnitsSelect />
          </Form.Item>
        )}
        {needed.length > 0 && (
          <>
            <Alert
              type="warning"
              showIcon
              style={{ marginBottom: 12 }}
              title={t('publish.together', { actions: needed.map((one) => one.title).join(' · ') })}
            />
            <SecondPerson />
          </>
        )}
      </Form>
    </Modal>
  )
}

/** Actions of the draft that need more than the reader may do: somebody else has to agree. */
function useUnheld(model: Model) {
  const me = useMe()
  const actions = useActions()
  const called = useMemo(() => new Set(actionsIn(model.bpmn)), [model.bpmn])
  const held = (one: ActionItem) => (!one.permission || holds(me, one.permission)) && (!one.security || holds(me, 'roles.assign'))
  return (actions.data ?? []).filter((one) => called.has(one.name) && !held(one))
}
