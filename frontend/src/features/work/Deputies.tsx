import { DeleteOutlined } from '@ant-design/icons'
import { Button, DatePicker, Form } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useTranslation } from 'react-i18next'
import { Loading } from '@/shared/ui/layout'
import { PersonSelect } from '@/shared/ui/pickers'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { exact } from '@/shared/ui/time'
import { addDeputy, dropDeputy, useDeputies } from './api'
import { ProcessesSelect } from './ProcessesSelect'

type Values = { deputy_id: string; span: [Dayjs, Dayjs]; process_ids?: string[] }

/** Deputies (代理): who may act for me, from when to when, in which processes; and for whom I may act. */
export function Deputies() {
  const { t } = useTranslation('work')
  const [form] = Form.useForm<Values>()
  const deputies = useDeputies()
  const add = useAct(
    ({ deputy_id, span, process_ids = [] }: Values) =>
      addDeputy({ deputy_id, from: span[0].toISOString(), to: span[1].toISOString(), process_ids }),
    { form, said: t('common:said.saved'), done: () => form.resetFields() },
  )
  const drop = useAct(dropDeputy, { said: t('common:said.done') })
  const required = [{ required: true, message: t('common:required') }]
  if (deputies.isError) return <ProblemAlert error={deputies.error} retry={deputies.refetch} />
  if (!deputies.data) return <Loading rows={3} />
  return (
    <>
      <p className="faint">{t('deputies.help')}</p>
      <ul className="plain seats" style={{ marginBottom: 16 }}>
        {deputies.data.items.map((one) => (
          <li key={one.id}>
            <span className="grow">
              {one.mine ? one.deputy.name : t('deputies.for', { name: one.principal.name })}{' '}
              <span className="faint">
                {exact(one.from)} – {exact(one.to)}
              </span>
              <br />
              {one.processes.length > 0 ? one.processes.map((process) => process.name).join(t('common:comma')) : t('deputies.all')}
            </span>
            {one.mine && (
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('deputies.drop', { name: one.deputy.name })}
                onClick={() => drop.mutate(one.id)}
              />
            )}
          </li>
        ))}
        {deputies.data.items.length === 0 && <li className="faint">{t('deputies.none')}</li>}
      </ul>
      <Form form={form} layout="vertical" onFinish={(values) => add.mutate(values)}>
        <Form.Item name="deputy_id" label={t('deputies.who')} rules={required}>
          <PersonSelect />
        </Form.Item>
        <Form.Item name="process_ids" label={t('deputies.processes')}>
          <ProcessesSelect />
        </Form.Item>
        <Form.Item name="span" label={t('deputies.when')} rules={required}>
          <DatePicker.RangePicker
            showTime={{ format: 'HH:mm', defaultOpenValue: [dayjs().startOf('day'), dayjs().endOf('day')] }}
            format="YYYY-MM-DD HH:mm"
            style={{ width: '100%' }}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {t('common:action.add')}
        </Button>
      </Form>
    </>
  )
}
