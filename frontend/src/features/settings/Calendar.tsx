import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, DatePicker, Form, Input, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, ifMatch, send, take } from '@/shared/api/client'
import { ProblemError, type Schemas } from '@/shared/api/problem'
import { Loading } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'

export function Calendar() {
  const { t } = useTranslation('settings')
  const [year, setYear] = useState(dayjs().year())
  const hours = useQuery({ queryKey: ['calendar'], queryFn: () => take(api.GET('/api/v1/calendar')) })
  const days = useQuery({
    queryKey: ['calendar', year],
    queryFn: () => take(api.GET('/api/v1/calendar/years/{year}', { params: { path: { year } } })),
  })
  if (hours.isError) return <ProblemAlert error={hours.error} retry={hours.refetch} />
  if (!hours.data) return <Loading rows={6} />
  return (
    <>
      <h2>{t('calendar.hours')}</h2>
      <p className="faint">{t('calendar.hours_text')}</p>
      <HoursForm key={`h${hours.data.version}`} view={hours.data} />
      <h2 style={{ marginTop: 24 }}>{t('calendar.days')}</h2>
      <p className="faint">{t('calendar.days_text')}</p>
      <Select
        aria-label={t('calendar.year')}
        value={year}
        onChange={setYear}
        options={Array.from({ length: 6 }, (_, index) => dayjs().year() - 1 + index).map((value) => ({ value, label: String(value) }))}
        style={{ width: 120, marginBottom: 12 }}
      />
      {days.isError && <ProblemAlert error={days.error} retry={days.refetch} />}
      {days.data ? <YearForm key={`${year}-${days.data.version}`} view={days.data} /> : <Loading rows={4} />}
    </>
  )
}

const DAYS = [1, 2, 3, 4, 5, 6, 7]

function HoursForm({ view }: { view: Schemas['HoursView'] }) {
  const { t } = useTranslation('settings')
  const [form] = Form.useForm()
  const act = useAct(
    (values: { time_zone: string; days: Record<string, string> }) => {
      const hours = DAYS.map((weekday) => ({ weekday, spans: spans(values.days[weekday] ?? '') })).filter((day) => day.spans.length > 0)
      return take(api.PUT('/api/v1/calendar', { params: { header: ifMatch(view.version) }, body: { time_zone: values.time_zone, hours } }))
    },
    { said: t('common:said.saved') },
  )
  const text = (weekday: number) =>
    (view.hours.find((day) => day.weekday === weekday)?.spans ?? []).map((span) => `${span.from}-${span.to}`).join(', ')
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={{ time_zone: view.time_zone, days: Object.fromEntries(DAYS.map((day) => [day, text(day)])) }}
      onFinish={(values) => act.mutate(values)}
      style={{ maxWidth: 520 }}
    >
      <Form.Item name="time_zone" label={t('calendar.zone')} rules={[{ required: true, message: t('common:required') }]}>
        <Input />
      </Form.Item>
      {DAYS.map((day) => (
        <Form.Item
          key={day}
          name={['days', day]}
          label={t(`calendar.day.${day}`)}
          rules={[{ pattern: /^\s*(\d\d:\d\d\s*-\s*\d\d:\d\d\s*(,\s*)?)*$/, message: t('calendar.spans') }]}
          style={{ marginBottom: 10 }}
        >
          <Input placeholder={t('calendar.free')} />
        </Form.Item>
      ))}
      <Button type="primary" htmlType="submit" loading={act.isPending}>
        {t('common:action.save')}
      </Button>
    </Form>
  )
}

const spans = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [from = '', to = ''] = part.split('-').map((time) => time.trim())
      return { from, to }
    })

type DayValues = { date?: Dayjs; kind: Schemas['DayKind']; name?: string }

function YearForm({ view }: { view: Schemas['YearView'] }) {
  const { t } = useTranslation('settings')
  const [form] = Form.useForm<{ days: DayValues[] }>()
  const file = useRef<HTMLInputElement>(null)
  const header = ifMatch(view.version)
  const act = useAct(
    ({ days }: { days: DayValues[] }) =>
      take(
        api.PUT('/api/v1/calendar/years/{year}', {
          params: { path: { year: view.year }, header },
          body: { days: days.map((day) => ({ date: day.date?.format('YYYY-MM-DD') ?? '', kind: day.kind, name: day.name ?? '' })) },
        }),
      ),
    { form, said: t('common:said.saved') },
  )
  const bring = useAct(
    async (sheet: File) => {
      const url = new URL(`/api/v1/calendar/years/${view.year}/import`, location.origin)
      const response = await send(
        new Request(url, { method: 'POST', body: sheet, headers: { ...header, 'content-type': sheet.type || 'text/csv' } }),
      )
      if (!response.ok) throw new ProblemError(await response.json())
    },
    { said: t('common:import.done') },
  )
  return (
    <Form
      form={form}
      initialValues={{ days: view.days.map((day) => ({ ...day, date: dayjs(day.date) })) }}
      onFinish={(values) => act.mutate(values)}
    >
      <Form.List name="days">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <div key={key} className="row" style={{ marginBottom: 8 }}>
                <Form.Item name={[name, 'date']} noStyle rules={[{ required: true, message: t('common:required') }]}>
                  <DatePicker
                    aria-label={t('calendar.date')}
                    minDate={dayjs(`${view.year}-01-01`)}
                    maxDate={dayjs(`${view.year}-12-31`)}
                    allowClear={false}
                  />
                </Form.Item>
                <Form.Item name={[name, 'kind']} noStyle>
                  <Select
                    aria-label={t('calendar.kind')}
                    style={{ width: 130 }}
                    options={(['holiday', 'workday'] as const).map((value) => ({ value, label: t(`calendar.${value}`) }))}
                  />
                </Form.Item>
                <Form.Item name={[name, 'name']} noStyle>
                  <Input aria-label={t('name')} style={{ width: 180 }} maxLength={60} />
                </Form.Item>
                <Button type="text" aria-label={t('common:action.remove')} icon={<DeleteOutlined />} onClick={() => remove(name)} />
              </div>
            ))}
            <div className="row" style={{ marginTop: 12 }}>
              <Button icon={<PlusOutlined />} onClick={() => add({ kind: 'holiday' })}>
                {t('calendar.add')}
              </Button>
              <Button loading={bring.isPending} onClick={() => file.current?.click()}>
                {t('calendar.import')}
              </Button>
              <Button type="primary" htmlType="submit" loading={act.isPending}>
                {t('common:action.save')}
              </Button>
            </div>
          </>
        )}
      </Form.List>
      <input
        ref={file}
        type="file"
        accept=".csv,.xlsx"
        hidden
        aria-label={t('calendar.import')}
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          event.target.value = ''
          if (chosen) bring.mutate(chosen)
        }}
      />
    </Form>
  )
}
