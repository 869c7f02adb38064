import { Form, Input, Modal, Radio, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { PersonSelect } from '@/shared/ui/pickers'
import { useAct } from '@/shared/ui/problem'
import { PeopleSelect } from '../forms/PeopleSelect'
import { type Act, act, askPerson, sendCopy, type WorkDetail } from './api'
import type { Other } from './Decide'

type Values = {
  to?: string
  people?: string[]
  target?: string
  resume?: Act['resume']
  position?: Act['position']
  text?: string
}
type Props = { work: WorkDetail; action: Other; close: () => void; done: () => void }

/** What else one does with a piece of work: hand it over, send it back, ask somebody to sign too. */
export function ActForm({ work, action, close, done }: Props) {
  const { t } = useTranslation('work')
  const [form] = Form.useForm<Values>()
  const target = Form.useWatch('target', form)
  const run = useAct(
    ({ to, people, ...rest }: Values): Promise<unknown> => {
      if (action === 'ask') return askPerson(work.case.id, to ?? '', rest.text ?? '')
      if (action === 'cc') return sendCopy(work.case.id, people ?? [], rest.text)
      const { text: opinion, ...how } = rest
      if (action === 'return') return act(work, { action, target: how.target, resume: how.resume, opinion })
      return act(work, { action, opinion, to: people ?? (to ? [to] : []), ...(action === 'add_signer' && { position: how.position }) })
    },
    {
      form,
      said: t('common:said.done'),
      done: () => {
        close()
        if (action === 'return' || action === 'transfer' || action === 'delegate') done()
      },
    },
  )
  const required = [{ required: true, message: t('common:required') }]
  const people = work.targets.find((one) => one.step === target)?.people ?? []
  const one = action === 'transfer' || action === 'delegate' || action === 'ask'
  const many = action === 'add_signer' || action === 'cc'
  return (
    <Modal
      open
      title={t(`act.${action}.title`)}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t(`act.${action}.title`)}
      okButtonProps={{ loading: run.isPending }}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ target: work.targets.at(-1)?.step, resume: 'again', position: 'before' }}
        onFinish={(values) => run.mutate(values)}
      >
        <p className="faint">{t(`act.${action}.help`)}</p>
        {action === 'return' && (
          <>
            <Form.Item
              name="target"
              label={t('act.return.target')}
              rules={required}
              extra={people.length > 0 ? t('act.return.people', { names: people.join(t('common:comma')) }) : undefined}
            >
              <Radio.Group className="stack" options={work.targets.map((to) => ({ value: to.step, label: to.name }))} />
            </Form.Item>
            <Form.Item name="resume" label={t('act.return.resume')}>
              <Radio.Group
                className="stack"
                options={(['again', 'straight'] as const).map((value) => ({ value, label: t(`act.return.${value}`) }))}
              />
            </Form.Item>
          </>
        )}
        {one && (
          <Form.Item name="to" label={t(`act.${action}.to`)} rules={required}>
            <PersonSelect />
          </Form.Item>
        )}
        {many && (
          <Form.Item name="people" label={t(`act.${action}.to`)} rules={required}>
            <PeopleSelect />
          </Form.Item>
        )}
        {action === 'add_signer' && (
          <Form.Item name="position" label={t('act.add_signer.position')}>
            <Radio.Group
              className="stack"
              options={(['before', 'after', 'parallel'] as const).map((value) => ({ value, label: t(`act.add_signer.${value}`) }))}
            />
          </Form.Item>
        )}
        {action === 'remove_signer' && (
          <Form.Item name="to" label={t('act.remove_signer.to')} rules={required}>
            <Select
              options={work.seats
                .filter((seat) => seat.state === 'open' || seat.state === 'waiting')
                .flatMap(({ person }) => (person ? [{ value: person.id, label: person.name }] : []))}
            />
          </Form.Item>
        )}
        <Form.Item name="text" label={t(`act.${action}.text`)} rules={action === 'return' || action === 'ask' ? required : []}>
          <Input.TextArea rows={3} maxLength={2000} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
