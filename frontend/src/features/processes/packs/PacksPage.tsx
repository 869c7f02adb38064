import { UploadOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { importPack, usePacks } from '../api'
import { useTellInstalled } from './Installed'
import '../processes.css'

/** The regulations that came with the product or were brought in, with what they hold. */
export function PacksPage() {
  const { t } = useTranslation('processes')
  const me = useMe()
  const input = useRef<HTMLInputElement>(null)
  const packs = usePacks()
  const tell = useTellInstalled()
  const bring = useAct(importPack, { done: (outcome) => tell({ outcome, packs: packs.data?.items ?? [], imported: true }) })
  return (
    <>
      <PageHeader
        title={t('packs.title')}
        extra={
          holds(me, 'processes.publish') && (
            <Button icon={<UploadOutlined />} loading={bring.isPending} onClick={() => input.current?.click()}>
              {t('packs.import')}
            </Button>
          )
        }
      />
      <input
        ref={input}
        type="file"
        accept=".zip"
        hidden
        aria-label={t('packs.import')}
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) bring.mutate(file)
        }}
      />
      {packs.isError && <ProblemAlert error={packs.error} retry={packs.refetch} />}
      {packs.isLoading && <Loading />}
      {packs.data?.items.length === 0 && (
        <Section>
          <Nothing text={t('packs.none')} />
        </Section>
      )}
      <ul className="catalogue-list">
        {packs.data?.items.map((pack) => {
          const fresh = pack.processes.filter((one) => one.state === 'new').length
          const updates = pack.processes.filter((one) => one.state === 'update').length
          return (
            <li key={pack.key}>
              <Link to="/packs/$key" params={{ key: pack.key }} className="card">
                <span className="title">{pack.title}</span>
                <span className="row">
                  <span className="faint">
                    {pack.version} · {t('packs.clauses', { count: pack.clauses.length })} ·{' '}
                    {t('packs.processes', { count: pack.processes.length })}
                  </span>
                </span>
                <span className="row">
                  {fresh > 0 && <span>{t('packs.new', { count: fresh })}</span>}
                  {updates > 0 && <strong>{t('packs.updates', { count: updates })}</strong>}
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
    </>
  )
}
