import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Form, Select } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { newKey } from '@/shared/api/client'
import { Section, usePhone } from '@/shared/ui/layout'
import { INTO_VIEW, useAct } from '@/shared/ui/problem'
import { FormFields } from '../../forms/FormFields'
import { PeopleSelect } from '../../forms/PeopleSelect'
import type { Data } from '../../forms/types'
import { writable } from '../../forms/writable'
import { keepDraft, type StartView, startCase, startToCorrect } from '../api'
import { Chain } from './Chain'
import { remember } from './recent'

type Kept = { id: string; version: number; data: Data; unit_id?: string | null }
/** What is filled in already, and the finding that the case corrects, if it does. */
type Props = { start: StartView; draft: Kept | undefined; given: Data; finding: string | undefined }
type Values = { data?: Data; unit_id?: string; chosen?: Record<string, string[]> }

/** The form of the first step, who else is chosen, and beside it through whose hands it will go. */
export function StartForm({ start, draft, given, finding }: Props) {
  const { t } = useTranslation('processes')
  const phone = usePhone()
  const go = useNavigate()
  const client = useQueryClient()
  const [form] = Form.useForm<Values>()
  const { process } = start
  // One key for one case: sending it again after a broken connection makes no second one.
  const key = useRef(newKey())
  const [kept, setKept] = useState<{ id: string; version: number } | undefined>(draft)
  const local = `draft:process:${process.id}${finding ? `:${finding}` : ''}`
  // Only what the form has; what somebody began with another thing in mind is not mixed into it.
  const known = Object.fromEntries(Object.entries(given).filter(([name]) => start.form.schema.properties?.[name]))
  const begun = !finding && Object.keys(known).length > 0
  useEffect(() => {
    const lost = draft || begun ? null : sessionStorage.getItem(local)
    if (lost) form.setFieldsValue(JSON.parse(lost))
  }, [form, draft, begun, local])
  const body = (values: Values) => ({
    process_id: process.id,
    unit_id: values.unit_id,
    data: writable(start.form, form.getFieldValue('data') as Data | undefined),
  })
  const begin = (values: Values) => {
    const sending = { ...body(values), chosen: values.chosen, draft_id: kept?.id }
    return finding ? startToCorrect(finding, sending, key.current) : startCase(sending, key.current)
  }
  const send = useAct(begin, {
    form,
    said: t('start.sent'),
    done: (made) => {
      sessionStorage.removeItem(local)
      remember(process.id)
      void go({ to: '/cases/$id', params: { id: made.id } })
    },
  })
  const keep = useAct(() => keepDraft(body(form.getFieldsValue()), kept), {
    said: t('start.kept'),
    done: (made) => {
      setKept(made)
      sessionStorage.removeItem(local)
      void client.invalidateQueries({ queryKey: ['case-drafts'] })
    },
  })
  const required = [{ required: true, message: t('common:required') }]
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={{ data: { ...start.form.data, ...known, ...draft?.data }, unit_id: draft?.unit_id ?? start.units[0]?.id }}
      onValuesChange={(_, values) => sessionStorage.setItem(local, JSON.stringify(values))}
      onFinish={(values) => send.mutate(values)}
      // Only the button sends: Enter in a field, to take a date for instance, is not meant as that.
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault()
      }}
      scrollToFirstError={INTO_VIEW}
    >
      <div className="two start">
        <Section>
          {start.units.length > 1 && (
            <Form.Item name="unit_id" label={t('start.unit')} rules={required}>
              <Select options={start.units.map((unit) => ({ value: unit.id, label: unit.name }))} />
            </Form.Item>
          )}
          <FormFields view={start.form} form={form} />
          {start.choose.map((step) => (
            <Form.Item key={step.step} name={['chosen', step.step]} label={t('start.choose', { step: step.name })} rules={required}>
              <PeopleSelect />
            </Form.Item>
          ))}
        </Section>
        <Section title={t('start.chain')}>
          <Chain start={start} form={form} />
        </Section>
      </div>
      <div className={phone ? 'send-bar' : 'row'}>
        <Button type="primary" htmlType="submit" size="large" loading={send.isPending}>
          {t('start.send')}
        </Button>
        {/* A draft would not know for which finding it is. */}
        {!finding && (
          <Button size="large" loading={keep.isPending} onClick={() => keep.mutate(undefined)}>
            {t('start.keep')}
          </Button>
        )}
      </div>
    </Form>
  )
}
