import { BellOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Badge, Button, Popover } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import type { Schemas } from '@/shared/api/problem'
import { useAct } from '@/shared/ui/problem'
import { Ago } from '@/shared/ui/time'

type Notification = Schemas['NotificationView']

/** What I am told: what is new is counted; opening one goes where it is about. */
export default function Bell() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const found = useQuery({
    queryKey: ['notifications'],
    queryFn: () => take(api.GET('/api/v1/notifications', { params: { query: { limit: 30 } } })),
    refetchInterval: 60_000,
    retry: false,
  })
  const items = found.data?.items ?? []
  const fresh = items.filter((one) => !one.read_at).length
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      arrow={false}
      content={<Told items={items} fresh={fresh} close={() => setOpen(false)} />}
    >
      <Button
        type="text"
        aria-label={fresh > 0 ? t('bell.fresh', { count: fresh }) : t('bell.title')}
        icon={
          <Badge count={fresh} size="small" offset={[2, -2]}>
            <BellOutlined style={{ fontSize: 16 }} />
          </Badge>
        }
      />
    </Popover>
  )
}

function Told({ items, fresh, close }: { items: Notification[]; fresh: number; close: () => void }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const read = useAct((ids: string[] | undefined) => take(api.POST('/api/v1/notifications/read', { body: ids ? { ids } : {} })))
  const show = (one: Notification) => {
    if (!one.read_at) read.mutate([one.id])
    close()
    if (one.work_item_id) void go({ to: '/work/$id', params: { id: one.work_item_id } })
    else if (one.case_id) void go({ to: '/cases/$id', params: { id: one.case_id } })
    else if (one.link) void go({ href: one.link })
  }
  return (
    <section aria-label={t('bell.title')} className="told">
      <div className="section-head">
        <strong>{t('bell.title')}</strong>
        {fresh > 0 && (
          <Button type="link" size="small" className="inline" onClick={() => read.mutate(undefined)}>
            {t('bell.all')}
          </Button>
        )}
      </div>
      {items.length === 0 && <p className="faint">{t('bell.none')}</p>}
      <ul className="plain">
        {items.slice(0, 30).map((one) => (
          <li key={one.id}>
            <button type="button" className="card" onClick={() => show(one)}>
              <span style={{ fontWeight: one.read_at ? 400 : 600 }}>{one.text}</span>
              <span className="faint" style={{ display: 'block' }}>
                {t(`bell.kind.${one.kind}`)} · <Ago at={one.at} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
