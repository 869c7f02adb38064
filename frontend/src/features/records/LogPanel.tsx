import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Typography } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, download, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { Facts, Loading, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'

/** Records wait about a second for their place; after this many somebody has to look. */
const LONG = 10

/** How the log stands: what is signed, with which key, who else has seen it; and the log as a file. */
export function LogPanel() {
  const { t } = useTranslation('records')
  const found = useQuery({ queryKey: ['log'], queryFn: () => take(api.GET('/api/v1/log')), refetchInterval: 5_000 })
  const save = useAct(() => download('/api/v1/log/export', 'log.zip'))
  const events = useAct(() => download('/api/v1/log/ocsf', 'log.ocsf.ndjson'))
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={8} />
  const log = found.data
  const apart = log.origins.filter(({ because, vouched }) => because === 'restore' || (because === 'key' && vouched.length === 0)).length
  const years = log.origins.filter(({ because }) => because === 'year')
  return (
    <>
      {log.waiting_seconds > LONG && (
        <Alert type="error" showIcon title={t('log.stuck', { count: log.waiting, seconds: log.waiting_seconds })} />
      )}
      {apart > 0 && <Alert type="warning" showIcon title={t('log.restored', { count: apart })} description={t('log.restored_why')} />}
      <Section title={t('log.state')}>
        <Facts
          items={[
            [t('log.size'), log.size],
            [t('log.signed_at'), <At key="a" at={log.signed_at} />],
            [t('log.waiting'), log.waiting === 0 ? t('log.none') : t('log.waits', { count: log.waiting, seconds: log.waiting_seconds })],
            [t('log.origin'), <Copied key="o" text={log.origin} />],
            [t('log.root'), <Copied key="r" text={log.root} />],
          ]}
        />
      </Section>
      <Section title={t('log.key')}>
        <p>{t('log.key_why')}</p>
        <Copied text={log.key} />
        {log.origins.some(({ vouched }) => vouched.length > 0) && (
          <ul className="plain long">
            {log.origins.map(
              ({ name, opened_at, vouched }) =>
                vouched.length > 0 && (
                  <li key={name}>
                    <At at={opened_at} /> · {t('log.key_changed')}{' '}
                    <Saved text={vouched.join('\n')} name={`${name}.key-change`} label={t('log.save_word')} />
                  </li>
                ),
            )}
          </ul>
        )}
      </Section>
      {years.length > 0 && (
        <Section title={t('log.years')}>
          <p>{t('log.years_why')}</p>
          <ul className="plain long">
            {years.map((year) => (
              <li key={year.name}>
                <ClosedYear by={year} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t('log.witnesses')}>
        {log.witnesses.length === 0 ? <p className="faint">{t('log.no_witness')}</p> : <Witnesses of={log} />}
      </Section>
      <Section title={t('log.receivers')}>
        <Receivers />
      </Section>
      <Section title={t('log.package')}>
        <p>{t('log.package_why')}</p>
        <Button type="primary" loading={save.isPending} onClick={() => save.mutate(undefined)}>
          {t('log.save')}
        </Button>
      </Section>
      <Section title={t('log.events')}>
        <p>{t('log.events_why')}</p>
        <Button loading={events.isPending} onClick={() => events.mutate(undefined)}>
          {t('log.save_events')}
        </Button>
      </Section>
      <Section title={t('log.checkpoint')}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard */}
        <pre className="raw" tabIndex={0}>
          {log.checkpoint}
        </pre>
      </Section>
    </>
  )
}

function Copied({ text }: { text: string }) {
  return (
    <Typography.Text copyable code style={{ overflowWrap: 'anywhere' }}>
      {text}
    </Typography.Text>
  )
}

/** A text as a file. */
function Saved({ text, name, label }: { text: string; name: string; label: string }) {
  return (
    <a href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`} download={name.replaceAll('/', '-')}>
      {label}
    </a>
  )
}

/** What the name of the year before has signed last: text of a signed note, whose first lines are name, size and root. */
function ClosedYear({ by: { cites, opened_at } }: { by: Schemas['OriginView'] }) {
  const { t } = useTranslation('records')
  const [name = '', size = '', root = ''] = cites?.split('\n') ?? []
  return (
    <>
      <At at={opened_at} /> · {t('log.closed', { name, count: Number(size) })} · <Copied text={root} />{' '}
      <Saved text={cites ?? ''} name={`${name}.checkpoint`} label={t('log.save_closed')} />
    </>
  )
}

function Witnesses({ of }: { of: Schemas['LogView'] }) {
  const { t } = useTranslation('records')
  return (
    <ul className="plain">
      {of.witnesses.map((witness) => (
        <li key={witness.key}>
          {witness.size === null || witness.seen_at === null ? (
            <Dot colour="orange" text={t('log.not_yet', { name: witness.name })} />
          ) : (
            <>
              <Dot colour="green" text={t('log.seen', { name: witness.name, size: witness.size })} /> <At at={witness.seen_at} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

/** Whom the log is forwarded to, and how far. */
function Receivers() {
  const { t } = useTranslation('records')
  const found = useQuery({ queryKey: ['log', 'receivers'], queryFn: () => take(api.GET('/api/v1/log/receivers')), refetchInterval: 5_000 })
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={1} />
  if (found.data.items.length === 0) return <p className="faint">{t('log.no_receiver')}</p>
  return (
    <ul className="plain long">
      {found.data.items.map((one) => (
        <li key={one.name}>
          <Receiver of={one} />
        </li>
      ))}
    </ul>
  )
}

function Receiver({ of: { name, address, confirmed: count, waiting, failing_since, failure } }: { of: Schemas['ReceiverView'] }) {
  const { t } = useTranslation('records')
  if (address === null) return <Dot colour="grey" text={t('log.ended', { name, count })} />
  if (failing_since !== null) {
    return (
      <>
        <Dot colour="red" text={t('log.failing', { name, waiting, reason: failure })} /> <At at={failing_since} />
      </>
    )
  }
  return (
    <Dot colour={waiting === 0 ? 'green' : 'orange'} text={t(waiting === 0 ? 'log.forwarded' : 'log.behind', { name, count, waiting })} />
  )
}
