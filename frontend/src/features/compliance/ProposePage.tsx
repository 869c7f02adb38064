import { useNavigate } from '@tanstack/react-router'
import { Alert, Button, Input, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf, type Schemas } from '@/shared/api/problem'
import { PageHeader, Section } from '@/shared/ui/layout'
import { useAct } from '@/shared/ui/problem'
import { At } from '@/shared/ui/time'
import { propose, simulate, usePacksToPropose } from './api'
import { NumbersLine, StateDot } from './Standing'

/** Proposes a regulation: its pack, and controls that were tried on the log before. */
export function ProposePage() {
  const { t } = useTranslation('compliance')
  const go = useNavigate()
  const packs = usePacksToPropose()
  const [pack, setPack] = useState<string>()
  const [text, setText] = useState('')
  const chosen = packs.data?.items.find((one) => one.key === pack)
  const body = () => ({ pack: pack ?? '', ...(text === chosen?.controls ? {} : { controls: text }) })
  const trial = useAct(() => simulate(body()), {})
  const send = useAct(() => propose(body()), {
    said: t('propose.sent'),
    done: (made) => void go({ to: '/compliance/regulations/$id', params: { id: made.id } }),
  })
  const refused = trial.error ?? send.error
  const flaws = refused ? problemOf(refused).errors : []
  return (
    <>
      <PageHeader
        title={t('propose.title')}
        under={t('propose.under')}
        extra={
          <>
            <Button disabled={!pack} loading={trial.isPending} onClick={() => trial.mutate(undefined)}>
              {t('propose.try')}
            </Button>
            <Button type="primary" disabled={!pack} loading={send.isPending} onClick={() => send.mutate(undefined)}>
              {t('propose.send')}
            </Button>
          </>
        }
      />
      <Section>
        <Select
          style={{ minWidth: 280, marginBottom: 12 }}
          aria-label={t('field.regulation')}
          placeholder={t('propose.choose')}
          value={pack ?? null}
          options={packs.data?.items.map((one) => ({ value: one.key, label: `${one.title} ${one.version}` }))}
          onChange={(key: string) => {
            setPack(key)
            setText(packs.data?.items.find((one) => one.key === key)?.controls ?? '')
          }}
        />
        {flaws.length > 0 && (
          <Alert
            type="error"
            showIcon
            style={{ marginBottom: 12 }}
            title={t('propose.flaws')}
            description={
              <ul className="plain">
                {flaws.map((flaw) => (
                  <li key={flaw.pointer + flaw.detail}>{flaw.detail}</li>
                ))}
              </ul>
            }
          />
        )}
        {pack && (
          <Input.TextArea
            className="toml"
            aria-label={t('propose.controls')}
            autoSize={{ minRows: 12, maxRows: 30 }}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Section>
      {trial.data && <Found found={trial.data} />}
    </>
  )
}

/** What the draft would have found. */
function Found({ found }: { found: Schemas['SimulationView'] }) {
  const { t } = useTranslation('compliance')
  return (
    <Section title={t('propose.found', { n: found.log_size })}>
      <ul className="plain">
        {found.controls.map((control) => (
          <li key={control.control}>
            <strong>{control.clause}</strong> {control.title} <NumbersLine numbers={control.numbers} />
            {control.examples.length > 0 && (
              <ul className="plain">
                {control.examples.map((example) => (
                  <li key={`${example.record_id}${example.opened_at}`}>
                    <StateDot state={example.state} /> {example.subject ?? t('whole')}{' '}
                    <span className="faint">
                      <At at={example.opened_at} />
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}
