import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { may } from '@/shared/api/allowed'
import { PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'
import { type Allowed, answer, askPerson, type Question } from './api'

type Props = { caseId: string; questions: Question[]; allowed: { allowed_actions: Allowed[] } }

/** Questions and answers beside the opinions (沟通): nobody's decision waits for them. */
export function Questions({ caseId, questions, allowed }: Props) {
  const { t } = useTranslation('work')
  return (
    <>
      {may(allowed, 'ask') && <AskForm caseId={caseId} />}
      {questions.length === 0 && <p className="faint">{t('questions.none')}</p>}
      <ol className="timeline">
        {questions.map((one) => (
          <li key={one.id} className="said">
            <strong>{one.from.name}</strong> {t('questions.asks', { name: one.to.name })}{' '}
            <span className="faint">
              <Ago at={one.asked_at} />
            </span>
            <div className="bubble">{one.text}</div>
            {one.answer ? (
              <div style={{ marginTop: 8 }}>
                <strong>{one.to.name}</strong>{' '}
                <span className="faint">
                  <Ago at={one.answered_at} />
                </span>
                <div className="bubble">{one.answer}</div>
              </div>
            ) : one.mine ? (
              <Answer caseId={caseId} question={one.id} />
            ) : (
              <div className="faint">{t('questions.open')}</div>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}

function AskForm({ caseId }: { caseId: string }) {
  const { t } = useTranslation('work')
  const [form] = Form.useForm<{ to: string; text: string }>()
  const [open, setOpen] = useState(false)
  const run = useAct(({ to, text }: { to: string; text: string }) => askPerson(caseId, to, text), {
    form,
    done: () => {
      form.resetFields()
      setOpen(false)
    },
  })
  const required = [{ required: true, message: t('common:required') }]
  if (!open) {
    return (
      <Button style={{ marginBottom: 12 }} onClick={() => setOpen(true)}>
        {t('act.ask.title')}
      </Button>
    )
  }
  return (
    <Form form={form} layout="vertical" onFinish={(values) => run.mutate(values)} style={{ marginBottom: 16 }}>
      <Form.Item name="to" label={t('act.ask.to')} rules={required}>
        <PersonSelect />
      </Form.Item>
      <Form.Item name="text" label={t('act.ask.text')} rules={required}>
        <Input.TextArea rows={2} maxLength={2000} />
      </Form.Item>
      <div className="row">
        <Button type="primary" htmlType="submit" loading={run.isPending}>
          {t('act.ask.title')}
        </Button>
        <Button type="text" onClick={() => setOpen(false)}>
          {t('common:action.cancel')}
        </Button>
      </div>
    </Form>
  )
}

function Answer({ caseId, question }: { caseId: string; question: string }) {
  const { t } = useTranslation('work')
  const [text, setText] = useState('')
  const run = useAct((words: string) => answer(caseId, question, words), { said: t('common:said.done') })
  return (
    <div style={{ marginTop: 8 }}>
      <Input.TextArea
        aria-label={t('questions.answer')}
        placeholder={t('questions.answer')}
        value={text}
        autoSize={{ minRows: 2 }}
        maxLength={2000}
        onChange={(event) => setText(event.target.value)}
      />
      <Button style={{ marginTop: 8 }} type="primary" disabled={!text.trim()} loading={run.isPending} onClick={() => run.mutate(text)}>
        {t('questions.answer')}
      </Button>
    </div>
  )
}
