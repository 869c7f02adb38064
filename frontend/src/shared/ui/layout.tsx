import { Empty, Skeleton } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

/** The head of a page: its one h1, and what can be done here. */
export function PageHeader({ title, extra, under }: { title: ReactNode; extra?: ReactNode; under?: ReactNode }) {
  return (
    <header className="page-header">
      <div className="page-header-row">
        <h1>{title}</h1>
        {extra && <div className="page-header-extra">{extra}</div>}
      </div>
      {under && <div className="page-header-under">{under}</div>}
    </header>
  )
}

/** A part of a page. */
export function Section({ title, extra, children }: { title?: ReactNode; extra?: ReactNode; children: ReactNode }) {
  return (
    <section className="section">
      {(title || extra) && (
        <div className="section-head">
          {title && <h2>{title}</h2>}
          {extra}
        </div>
      )}
      {children}
    </section>
  )
}

/** Shown after 200 ms, so that what is fast does not flicker. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status" aria-label={t('loading')} className="loading">
      {late && <Skeleton active title={false} paragraph={{ rows }} />}
    </div>
  )
}

/** Nothing here: what would be here, and the next step. */
export function Nothing({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text}>
      {children}
    </Empty>
  )
}

/** A label with its value. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value === null || value === undefined || value === '' ? <span className="faint">—</span> : value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Whether the window is as narrow as a phone. */
export function usePhone() {
  const query = '(max-width: 767px)'
  const [phone, setPhone] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const change = () => setPhone(media.matches)
    media.addEventListener('change', change)
    return () => media.removeEventListener('change', change)
  }, [])
  return phone
}
