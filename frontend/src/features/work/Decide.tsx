import { Button, Drawer, Dropdown, type FormInstance, Input, Tooltip } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action, may } from '@/shared/api/allowed'
import { usePhone } from '@/shared/ui/layout'
import { INTO_VIEW, useAct } from '@/shared/ui/problem'
import type { Data } from '../forms/types'
import { missing, sent, sharedOf, writable } from '../forms/writable'
import { ActForm } from './ActForm'
import { type Act, act, type WorkDetail } from './api'
import { Phrases } from './Phrases'

/** What one may do besides deciding, the likely first. */
const OTHERS = ['return', 'transfer', 'delegate', 'give_back', 'add_signer', 'remove_signer', 'ask', 'cc', 'unclaim', 'take_back'] as const
export type Other = (typeof OTHERS)[number]
type Props = { work: WorkDetail; form: FormInstance; done: () => void }

/** The decision: an opinion and a button for each outcome. On a phone the buttons lie under the thumb and the opinion opens above. */
export function Decide({ work, form, done }: Props) {
  const { t } = useTranslation('work')
  const phone = usePhone()
  const [opinion, setOpinion] = useState(work.saved_opinion ?? '')
  const [other, setOther] = useState<Other | null>(null)
  const [sheet, setSheet] = useState<string | null>(null)
  const data = () => sent(writable(work.form, form.getFieldValue('data') as Data | undefined))
  // What several steps may write, as it was shown: whoever changed it meanwhile is not overwritten.
  const seen = () => sent(Object.fromEntries(sharedOf(work.form).map((name) => [name, work.form.data[name] ?? null])))
  const run = useAct((body: Act) => act(work, body), {
    form,
    said: t('common:said.done'),
    done: (_, body) => {
      setSheet(null)
      if (['complete', 'give_back'].includes(body.action)) done()
    },
  })
  // Who refuses need not fill in what is missing. Others are led to it, before they are asked for an opinion.
  const press = async (outcome: string) => {
    try {
      if (outcome !== 'refuse') await form.validateFields()
    } catch (refused) {
      const [first] = (refused as { errorFields?: { name: (string | number)[] }[] }).errorFields ?? []
      if (first) form.scrollToField(first.name, INTO_VIEW)
      return
    }
    const lacking = missing(work.form, form.getFieldValue('data') as Data | undefined, outcome)
    form.setFields(lacking.map((name) => ({ name: ['data', name], errors: [t('common:required')] })))
    if (lacking[0]) return form.scrollToField(['data', lacking[0]], INTO_VIEW)
    if (phone) setSheet(outcome)
    else complete(outcome)
  }
  const complete = (outcome: string) =>
    run.mutate({ action: 'complete', outcome, opinion: opinion.trim() || undefined, data: data(), seen: seen() })
  const begin = (name: Other) => {
    if (name === 'unclaim' || name === 'take_back' || name === 'give_back')
      run.mutate({ action: name, opinion: opinion.trim() || undefined })
    else setOther(name)
  }
  const save = may(work, 'save') ? () => run.mutate({ action: 'save', opinion: opinion || undefined, data: data() }) : undefined
  const others = OTHERS.filter((name) => may(work, name))
  const decides = may(work, 'complete')
  const approves = work.kind === 'approve'
  if (!decides && others.length === 0 && !may(work, 'claim')) return <Why work={work} />
  const outcomes = decides ? work.outcomes : []
  const buttons = outcomes.map((one, at) => (
    <Tooltip key={one.id} title={one.id === 'refuse' && !opinion.trim() && !phone ? t('opinion_needed') : undefined}>
      <Button
        type={at === 0 ? 'primary' : 'default'}
        danger={one.id === 'refuse'}
        size={phone ? 'large' : 'middle'}
        aria-keyshortcuts={at === 0 ? 'a' : undefined}
        loading={run.isPending && run.variables?.outcome === one.id}
        disabled={one.id === 'refuse' && !opinion.trim() && !phone}
        onClick={() => void press(one.id)}
      >
        {one.name}
      </Button>
    </Tooltip>
  ))
  const near = phone || outcomes.length > 2 ? [] : others.slice(0, 2)
  const far = others.filter((name) => !near.includes(name))
  const says = (
    <>
      <Input.TextArea
        aria-keyshortcuts="c"
        aria-label={t(approves ? 'opinion' : 'note')}
        placeholder={t(approves ? 'opinion_hint' : 'note_hint')}
        value={opinion}
        maxLength={2000}
        autoSize={{ minRows: phone ? 3 : 2, maxRows: 8 }}
        onChange={(event) => setOpinion(event.target.value)}
      />
      <Phrases approves={approves} use={(words) => setOpinion(opinion.trim() ? `${opinion.trim()} ${words}` : words)} />
    </>
  )
  const chosen = outcomes.find((one) => one.id === sheet)
  return (
    <section className="decide" aria-label={t('decide')}>
      {decides && !phone && says}
      <div className="row decide-buttons">
        {phone && (far.length > 0 || save) && <More names={far} begin={begin} save={save} />}
        {may(work, 'claim') && (
          <Button type="primary" aria-keyshortcuts="a" loading={run.isPending} onClick={() => run.mutate({ action: 'claim' })}>
            {t('act.claim.title')}
          </Button>
        )}
        {phone ? [...buttons].reverse() : buttons}
        {near.map((name) => (
          <Button key={name} onClick={() => begin(name)}>
            {t(`act.${name}.title`)}
          </Button>
        ))}
        {!phone && far.length > 0 && <More names={far} begin={begin} />}
        <span className="grow" />
        {save && !phone && (
          <Button type="text" onClick={save}>
            {t('act.save.title')}
          </Button>
        )}
      </div>
      <Drawer open={sheet !== null} placement="bottom" size="auto" title={chosen?.name} onClose={() => setSheet(null)} destroyOnHidden>
        {says}
        <Button
          block
          type="primary"
          size="large"
          style={{ marginTop: 12 }}
          danger={sheet === 'refuse'}
          loading={run.isPending}
          disabled={sheet === 'refuse' && !opinion.trim()}
          onClick={() => sheet && complete(sheet)}
        >
          {t('confirm', { outcome: chosen?.name })}
        </Button>
      </Drawer>
      {other && <ActForm key={other} work={work} action={other} close={() => setOther(null)} done={done} />}
    </section>
  )
}

function More({ names, begin, save }: { names: Other[]; begin: (name: Other) => void; save?: (() => void) | undefined }) {
  const { t } = useTranslation('work')
  const items = names.map((name) => ({ key: name as string, label: t(`act.${name}.title`) }))
  if (save) items.push({ key: 'save', label: t('act.save.title') })
  return (
    <Dropdown menu={{ items, onClick: ({ key }) => (key === 'save' ? save?.() : begin(key as Other)) }} trigger={['click']}>
      <Button>{t('act.more')}</Button>
    </Dropdown>
  )
}

/** Why nothing can be done, in the server's words. */
function Why({ work }: { work: WorkDetail }) {
  const reason = action(work, 'complete')?.reason_text
  return reason && work.state === 'open' ? <p className="faint">{reason}</p> : null
}
