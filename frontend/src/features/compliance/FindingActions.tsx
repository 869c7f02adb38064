import { useNavigate } from '@tanstack/react-router'
import { Button, DatePicker, Dropdown, Form, Input, Modal, Radio } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import type { Schemas } from '@/shared/api/problem'
import { PersonSelect } from '@/shared/ui/pickers'
import { INTO_VIEW, useAct } from '@/shared/ui/problem'
import { useCorrecting } from '../processes/api'
import { assign, correct, verify } from './api'

type One = Schemas['ObligationDetail']
type Said = { responsible_id: string; due_at: Dayjs; cause: string; correction: string; holds: boolean; words: string }
const NAMES = ['assign', 'correct', 'verify'] as const
type Name = (typeof NAMES)[number]

const run = (one: One, name: Name, said: Said) => {
  if (name === 'assign') return assign(one, { responsible_id: said.responsible_id, due_at: said.due_at.endOf('day').toISOString() })
  if (name === 'correct') return correct(one, { cause: said.cause, correction: said.correction })
  return verify(one, { holds: said.holds, words: said.words })
}

/** What can be done about a finding now; what cannot says why. */
export function FindingActions({ one }: { one: One }) {
  const { t } = useTranslation('compliance')
  const [doing, setDoing] = useState<Name>()
  const [form] = Form.useForm<Said>()
  const act = useAct((said: Said) => run(one, doing ?? 'assign', said), {
    form,
    said: t('common:said.done'),
    done: () => setDoing(undefined),
  })
  const shown = one.allowed_actions.filter(({ name, allowed }) => allowed && NAMES.includes(name as Name))
  const starts = action(one, 'start_case')?.allowed === true
  if (shown.length === 0 && !starts) return null
  const words = (name: 'cause' | 'correction' | 'words') => (
    <Form.Item name={name} label={t(`field.${name}`)} rules={[{ required: true, whitespace: true, max: 2000 }]}>
      <Input.TextArea rows={3} maxLength={2000} />
    </Form.Item>
  )
  return (
    <div className="row" style={{ marginTop: 12 }}>
      {shown.map(({ name }) => (
        <Button key={name} type="primary" onClick={() => setDoing(name as Name)}>
          {t(`finding.${name}`)}
        </Button>
      ))}
      {starts && <StartCase id={one.id} />}
      <Modal
        open={doing !== undefined}
        title={doing && t(`finding.${doing}`)}
        destroyOnHidden
        onCancel={() => setDoing(undefined)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: act.isPending }}
      >
        <Form
          form={form}
          layout="vertical"
          scrollToFirstError={INTO_VIEW}
          initialValues={{ due_at: dayjs().add(14, 'day'), holds: true, responsible_id: one.finding?.responsible_id }}
          onFinish={(said) => act.mutate(said)}
        >
          {doing === 'assign' && (
            <>
              <Form.Item name="responsible_id" label={t('field.responsible')} rules={[{ required: true }]}>
                <PersonSelect />
              </Form.Item>
              <Form.Item name="due_at" label={t('field.due')} rules={[{ required: true }]}>
                <DatePicker minDate={dayjs()} />
              </Form.Item>
            </>
          )}
          {doing === 'correct' && (
            <>
              {words('cause')}
              {words('correction')}
            </>
          )}
          {doing === 'verify' && (
            <>
              <Form.Item name="holds" label={t('field.holds')} rules={[{ required: true }]}>
                <Radio.Group
                  options={[
                    { value: true, label: t('holds') },
                    { value: false, label: t('holds_not') },
                  ]}
                />
              </Form.Item>
              {words('words')}
            </>
          )}
        </Form>
      </Modal>
    </div>
  )
}

/** Has it corrected by a process: by the only one that can, or by one of several. */
function StartCase({ id }: { id: string }) {
  const { t } = useTranslation('compliance')
  const go = useNavigate()
  const found = useCorrecting(id)
  const processes = found.data ?? []
  const start = (process: string) => go({ to: '/start/$id', params: { id: process }, search: { finding: id } as never })
  if (processes.length > 1)
    return (
      <Dropdown
        trigger={['click']}
        menu={{ items: processes.map((one) => ({ key: one.id, label: one.name })), onClick: ({ key }) => void start(key) }}
      >
        <Button>{t('finding.start_case')}</Button>
      </Dropdown>
    )
  const only = processes[0]
  return (
    <Button
      loading={found.isLoading}
      disabled={!only}
      title={found.isSuccess && !only ? t('finding.no_process') : undefined}
      onClick={() => only && start(only.id)}
    >
      {t('finding.start_case')}
    </Button>
  )
}
