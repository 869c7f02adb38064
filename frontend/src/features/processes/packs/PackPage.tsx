import { DownloadOutlined } from '@ant-design/icons'
import { Link, useParams } from '@tanstack/react-router'
import { Button, Checkbox, Tabs } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { download } from '@/shared/api/client'
import { holds, useMe } from '@/shared/me'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { installPack, type PackView, usePack } from '../api'
import { ComparePack } from './ComparePack'
import { useTellInstalled } from './Installed'
import '../processes.css'

const COLOUR = { new: 'grey', installed: 'green', changed: 'orange', update: 'blue', both: 'purple' } as const

/** A pack: its processes and how they stand here, the clauses they follow, the roles they need. */
export function PackPage() {
  const { t, i18n } = useTranslation('processes')
  const { key = '' } = useParams({ strict: false }) as { key?: string }
  const pack = usePack(key)
  const save = useAct(() => download(`/api/v1/packs/${key}/export`, `${key}.zip`))
  if (pack.isError) return <ProblemAlert error={pack.error} retry={pack.refetch} />
  if (!pack.data) return <Loading rows={8} />
  const english = i18n.language === 'en'
  return (
    <>
      <PageHeader
        title={pack.data.title}
        under={pack.data.version}
        extra={
          <Button icon={<DownloadOutlined />} loading={save.isPending} onClick={() => save.mutate(undefined)}>
            {t('common:export.title')}
          </Button>
        }
      />
      <Section>
        <Tabs
          items={[
            { key: 'processes', label: t('title'), children: <Processes pack={pack.data} /> },
            { key: 'clauses', label: t('packs.clause'), children: <Clauses pack={pack.data} english={english} /> },
            { key: 'roles', label: t('packs.roles'), children: <Roles pack={pack.data} /> },
          ]}
        />
      </Section>
    </>
  )
}

function Processes({ pack }: { pack: PackView }) {
  const { t } = useTranslation('processes')
  const me = useMe()
  const tell = useTellInstalled()
  const [compared, setCompared] = useState<PackView['processes'][number]>()
  const open = pack.processes.filter((one) => one.state === 'new' || one.state === 'update').map((one) => one.key)
  const [picked, setPicked] = useState<string[]>(open)
  const [publish, setPublish] = useState(true)
  const run = useAct(() => installPack(pack.key, { process_keys: picked, publish }), {
    done: (outcome) => {
      setPicked([])
      tell({ outcome, packs: [pack] })
    },
  })
  const installs = holds(me, 'processes.publish')
  return (
    <>
      <ul className="plain releases">
        {pack.processes.map((one) => (
          <li key={one.key}>
            {installs && (
              <Checkbox
                aria-label={one.name}
                checked={picked.includes(one.key)}
                onChange={() => setPicked((now) => (now.includes(one.key) ? now.filter((key) => key !== one.key) : [...now, one.key]))}
              />
            )}
            <span className="grow">
              {one.process_id ? (
                <Link to="/processes/$id" params={{ id: one.process_id }}>
                  {one.name}
                </Link>
              ) : (
                one.name
              )}
              {one.about && <div className="faint">{one.about}</div>}
            </span>
            <span className="row">
              <Dot colour={COLOUR[one.state]} text={t(`packs.state.${one.state}`)} />
              {['changed', 'update', 'both'].includes(one.state) && (
                <Button size="small" aria-label={t('compare.open_of', { name: one.name })} onClick={() => setCompared(one)}>
                  {t('compare.open')}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {installs && (
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="primary" disabled={picked.length === 0} loading={run.isPending} onClick={() => run.mutate(undefined)}>
            {t('packs.install', { count: picked.length })}
          </Button>
          <Checkbox checked={publish} onChange={(event) => setPublish(event.target.checked)}>
            {t('packs.publish')}
          </Checkbox>
        </div>
      )}
      {compared && <ComparePack pack={pack} process={compared} close={() => setCompared(undefined)} />}
    </>
  )
}

function Clauses({ pack, english }: { pack: PackView; english: boolean }) {
  return (
    <dl className="clauses">
      {pack.clauses.map((one) => (
        <div key={one.id}>
          <dt>{one.number || one.id}</dt>
          <dd>{(english && one.en) || one.text}</dd>
        </div>
      ))}
    </dl>
  )
}

function Roles({ pack }: { pack: PackView }) {
  const { t } = useTranslation('processes')
  return (
    <ul className="plain releases">
      {pack.roles.map((one) => (
        <li key={one.code}>
          <strong>{one.name}</strong>
          <span className="grow faint">{one.about}</span>
          {one.holders > 0 ? (
            <span className="faint">{t('packs.assigned', { count: one.holders })}</span>
          ) : (
            <span className="row">
              <Dot colour="orange" text={t('packs.nobody')} />
              <Link to="/org">{t('packs.assign')}</Link>
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
