import { Alert, Button, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { type Second, SecondPerson } from '@/shared/ui/SecondPerson'
import { Dot } from '@/shared/ui/states'
import { type Moved, migrate, type ProcessDetail } from '../api'

type Values = { from: number; to: number; reason: string }

/** Running cases go over to another release: first as a trial that changes nothing, then in earnest. */
export function Migrate({ process }: { process: ProcessDetail }) {
  const { t } = useTranslation('processes')
  const [form] = Form.useForm<Values>()
  const [tried, setTried] = useState<{ values: Values; items: Moved[] } | null>(null)
  const [done, setDone] = useState(0)
  const options = process.releases.map((one) => ({
    value: one.number,
    label: `${t('release.number', { n: one.number })} · ${t('running', { count: one.running })}`,
  }))
  const required = [{ required: true, message: t('common:required') }]
  const [agreeing, setAgreeing] = useState(false)
  const [second] = Form.useForm<Second>()
  const run = useAct(
    ({ values, dry_run, ...agreed }: { values: Values; dry_run: boolean } & Second) =>
      migrate(process.id, { ...values, ...agreed, dry_run }),
    {
      form: agreeing ? second : form,
      done: ({ items }, { values, dry_run }) => {
        setAgreeing(false)
        setTried(dry_run ? { values, items } : null)
        setDone(dry_run ? 0 : items.filter((one) => one.possible).length)
      },
    },
  )
  const possible = tried?.items.filter((one) => one.possible).length ?? 0
  return (
    <>
      <p className="faint">{t('migrate.help')}</p>
      <Form
        form={form}
        layout="vertical"
        style={{ maxWidth: 520 }}
        initialValues={{ to: process.release }}
        onValuesChange={() => setTried(null)}
        onFinish={(values) => run.mutate({ values, dry_run: true })}
      >
        <Form.Item name="from" label={t('migrate.from')} rules={required}>
          <Select options={options} />
        </Form.Item>
        <Form.Item name="to" label={t('migrate.to')} rules={required}>
          <Select options={options} />
        </Form.Item>
        <Form.Item name="reason" label={t('life.reason')} rules={required}>
          <Input.TextArea rows={2} maxLength={2000} />
        </Form.Item>
        <div className="row">
          <Button htmlType="submit" loading={run.isPending}>
            {t('migrate.try')}
          </Button>
          {tried && possible > 0 && (
            <Button type="primary" onClick={() => setAgreeing(true)}>
              {t('migrate.do', { count: possible })}
            </Button>
          )}
        </div>
      </Form>
      <Modal
        open={agreeing}
        title={t('migrate.do', { count: possible })}
        okText={t('migrate.do', { count: possible })}
        okButtonProps={{ loading: run.isPending }}
        onOk={() => second.submit()}
        onCancel={() => setAgreeing(false)}
        destroyOnHidden
      >
        <Form
          form={second}
          layout="vertical"
          onFinish={(agreed) => tried && run.mutate({ values: tried.values, dry_run: false, ...agreed })}
        >
          <SecondPerson help={t('common:second.manages')} />
        </Form>
      </Modal>
      {done > 0 && <Alert type="success" showIcon style={{ marginTop: 16 }} title={t('migrate.done', { count: done })} />}
      {tried && (
        <ul className="plain releases" style={{ marginTop: 16 }}>
          {tried.items.map((one) => (
            <li key={one.case_id}>
              <Dot colour={one.possible ? 'green' : 'red'} text={one.possible ? t('migrate.possible') : t('migrate.not')} />
              <span className="grow">
                {one.number} {one.title} <span className="faint">{one.reason ?? one.open.join(t('common:comma'))}</span>
              </span>
            </li>
          ))}
          {tried.items.length === 0 && <li className="faint">{t('migrate.none')}</li>}
        </ul>
      )}
    </>
  )
}
