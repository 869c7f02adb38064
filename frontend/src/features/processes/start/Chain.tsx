import { useQuery } from '@tanstack/react-query'
import { Form, type FormInstance } from 'antd'
import { useTranslation } from 'react-i18next'
import { Loading } from '@/shared/ui/layout'
import { useSettled } from '@/shared/ui/pickers'
import { labelOf } from '../../forms/fields'
import type { Data } from '../../forms/types'
import { writable } from '../../forms/writable'
import { type PreviewStep, preview, type StartView } from '../api'
import { useMinutes } from '../words'

/** Through whose hands it will go, by name, as the form stands now. */
export function Chain({ start, form }: { start: StartView; form: FormInstance }) {
  const { t, i18n } = useTranslation('processes')
  const typed = Form.useWatch('data', form) as Data | undefined
  const unit_id = Form.useWatch('unit_id', form) as string | undefined
  const chosen = Form.useWatch('chosen', form) as Record<string, string[]> | undefined
  const asked = useSettled(JSON.stringify({ data: writable(start.form, typed), unit_id, chosen }), 600)
  const chain = useQuery({
    queryKey: ['processes', 'preview', start.process.id, asked],
    queryFn: () => preview(start.process.id, JSON.parse(asked)),
    placeholderData: (before) => before,
    retry: false,
  })
  const labels = (pointer: string) => {
    const name = pointer.split('/')[2] ?? ''
    const field = start.form.schema.properties?.[name]
    return field ? labelOf(name, field, i18n.language === 'en') : name
  }
  const missing = [...new Set((chain.data?.refused ?? []).map(labels))].filter(Boolean)
  if (chain.isError && !chain.data) return <p className="faint">{t('start.chain_later')}</p>
  if (!chain.data) return <Loading rows={4} />
  return (
    <ol className="timeline" aria-busy={chain.isFetching}>
      {chain.data.steps.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step may come twice
        <li key={`${step.step} ${at}`}>
          <Step step={step} />
        </li>
      ))}
      {missing.length > 0 && <li className="faint">{t('start.missing', { names: missing.join(t('common:comma')) })}</li>}
    </ol>
  )
}

function Step({ step }: { step: PreviewStep }) {
  const { t } = useTranslation('processes')
  const minutes = useMinutes()
  return (
    <>
      <strong>{step.name}</strong>
      {step.people.length > 1 && <span className="faint"> · {t(`policy.${step.policy}`, { defaultValue: step.policy })}</span>}
      <div>
        {step.people.length > 0 ? (
          step.people.map((one) => one.name).join(t('common:comma'))
        ) : (
          <span className="faint">{t('start.nobody')}</span>
        )}
      </div>
      {step.deputies.length > 0 && <div className="faint">{t('start.deputies', { names: step.deputies.join(t('common:comma')) })}</div>}
      {step.usual && (
        <div className="faint">{t('start.usual', { from: minutes(step.usual.p25_minutes), to: minutes(step.usual.p75_minutes) })}</div>
      )}
    </>
  )
}
