import { useQuery } from '@tanstack/react-query'
import { Button, Form, InputNumber } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { Loading } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'

export function Levels() {
  const { t } = useTranslation('settings')
  const levels = useQuery({ queryKey: ['levels'], queryFn: () => take(api.GET('/api/v1/service-levels')) })
  if (levels.isError) return <ProblemAlert error={levels.error} retry={levels.refetch} />
  if (!levels.data) return <Loading rows={4} />
  return <LevelForm key={levels.data.version} view={levels.data} text={t('levels.text')} />
}

function LevelForm({ view, text }: { view: Schemas['ServiceLevelsView']; text: string }) {
  const { t } = useTranslation('settings')
  const [form] = Form.useForm()
  const act = useAct(
    (body: Schemas['ServiceLevels']) => take(api.PUT('/api/v1/service-levels', { params: { header: ifMatch(view.version) }, body })),
    { form, said: t('common:said.saved') },
  )
  const rules = [{ required: true, message: t('common:required') }]
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={view}
      onFinish={(values) =>
        act.mutate({
          reopen_days: values.reopen_days,
          levels: view.levels.map((level, index) => ({ ...values.levels[index], priority: level.priority })),
        })
      }
    >
      <p className="faint">{text}</p>
      {view.levels.map((level, index) => (
        <fieldset key={level.priority} style={{ border: 0, padding: 0, margin: 0 }}>
          <legend>
            <h2>{t(`common:priority.${level.priority}`)}</h2>
          </legend>
          <div className="row" style={{ gap: 24 }}>
            <Form.Item name={['levels', index, 'respond_minutes']} label={t('levels.respond')} rules={rules}>
              <InputNumber min={1} max={100000} precision={0} />
            </Form.Item>
            <Form.Item name={['levels', index, 'resolve_minutes']} label={t('levels.resolve')} rules={rules}>
              <InputNumber min={1} max={100000} precision={0} />
            </Form.Item>
          </div>
        </fieldset>
      ))}
      <Form.Item name="reopen_days" label={t('levels.reopen')} rules={rules}>
        <InputNumber min={0} max={365} precision={0} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={act.isPending}>
        {t('common:action.save')}
      </Button>
    </Form>
  )
}
