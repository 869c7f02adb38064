import { StarFilled, StarOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { favour, type ProcessItem, useProcesses } from '../api'
import { recent } from './recent'
import '../processes.css'

/** What can be started, by kind; what I like and what I used lately first. */
export function StartPage() {
  const { t, i18n } = useTranslation('processes')
  const [words, setWords] = useState('')
  const processes = useProcesses({ startable: true })
  const all = processes.data?.items ?? []
  const q = words.trim().toLowerCase()
  const found = all.filter((one) => [one.name, one.name_en, one.about, one.category].some((text) => text?.toLowerCase().includes(q)))
  const used = recent().flatMap((id) => all.find((one) => one.id === id) ?? [])
  const liked = all.filter((one) => one.favourite)
  const first = [...liked, ...used.filter((one) => !one.favourite)].slice(0, 8)
  const groups = new Map<string, ProcessItem[]>()
  for (const one of found) {
    const title = one.category || t('start.other')
    groups.set(title, [...(groups.get(title) ?? []), one])
  }
  return (
    <>
      <PageHeader title={t('start.title')} />
      <Input.Search
        allowClear
        style={{ maxWidth: 360, marginBottom: 16 }}
        aria-label={t('start.search')}
        placeholder={t('start.search')}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {processes.isError && <ProblemAlert error={processes.error} retry={processes.refetch} />}
      {processes.isLoading && <Loading rows={6} />}
      {processes.data && found.length === 0 && (
        <Section>
          <Nothing text={q ? t('start.nothing') : t('start.empty')} />
        </Section>
      )}
      {!q && first.length > 0 && <Group title={t('start.first')} items={first} />}
      {[...groups]
        .sort(([a], [b]) => a.localeCompare(b, i18n.language))
        .map(([title, items]) => (
          <Group key={title} title={title} items={items} />
        ))}
    </>
  )
}

function Group({ title, items }: { title: string; items: ProcessItem[] }) {
  return (
    <section className="catalogue" aria-label={title}>
      <h2>{title}</h2>
      <ul className="catalogue-list">
        {items.map((one) => (
          <Entry key={one.id} one={one} />
        ))}
      </ul>
    </section>
  )
}

function Entry({ one }: { one: ProcessItem }) {
  const { t, i18n } = useTranslation('processes')
  const like = useAct(() => favour(one.id, !one.favourite))
  const name = (i18n.language === 'en' && one.name_en) || one.name
  return (
    <li>
      <Link to="/start/$id" params={{ id: one.id }} className="card">
        <span className="title">{name}</span>
        {one.about && <span className="about">{one.about}</span>}
      </Link>
      <Button
        type="text"
        className="like"
        aria-pressed={one.favourite === true}
        aria-label={t('start.like', { name })}
        icon={one.favourite ? <StarFilled /> : <StarOutlined />}
        onClick={() => like.mutate(undefined)}
      />
    </li>
  )
}
