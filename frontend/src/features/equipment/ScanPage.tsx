import { ToolOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Alert, Button, Input } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import { holds, useMe } from '@/shared/me'
import { Loading, PageHeader, Section } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { EquipmentStateDot } from '@/shared/ui/states'

/** The code of a label, from what was scanned or typed. */
export const codeOf = (text: string) => /(?:\/e\/)?([2-9A-HJ-NP-Z]{10})\/?$/i.exec(text.trim())?.[1]?.toUpperCase()

/** The camera reads a label; where there is none, the code is typed. */
export function ScanPage() {
  const { t } = useTranslation('equipment')
  const go = useNavigate()
  const video = useRef<HTMLVideoElement>(null)
  const [problem, setProblem] = useState<'insecure' | 'camera' | null>(null)
  const [typed, setTyped] = useState('')
  useEffect(() => {
    let stream: MediaStream | undefined
    let stopped = false
    const open = (text: string) => {
      const code = codeOf(text)
      if (code) void go({ to: '/e/$code', params: { code } })
      return Boolean(code)
    }
    const start = async () => {
      if (!navigator.mediaDevices) return setProblem('insecure')
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      } catch {
        return setProblem('camera')
      }
      if (stopped || !video.current) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      video.current.srcObject = stream
      await video.current.play()
      const { detector } = await import('./detector')
      const read = await detector()
      while (!stopped && video.current) {
        const found = await read.detect(video.current).catch(() => [])
        if (found.some((code) => open(code.rawValue))) return
        await new Promise((next) => setTimeout(next, 150))
      }
    }
    void start()
    return () => {
      stopped = true
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
  }, [go])
  const code = codeOf(typed)
  return (
    <>
      <PageHeader title={t('scan.title')} under={t('scan.text')} />
      <Section>
        {problem ? (
          <Alert type="info" showIcon title={t(`scan.${problem}`)} />
        ) : (
          <video ref={video} className="video" muted playsInline aria-label={t('scan.picture')} />
        )}
        <form
          className="row"
          style={{ marginTop: 16, flexWrap: 'nowrap' }}
          onSubmit={(event) => {
            event.preventDefault()
            if (code) void go({ to: '/e/$code', params: { code } })
          }}
        >
          <Input
            aria-label={t('scan.code')}
            placeholder={t('scan.code')}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoCapitalize="characters"
          />
          <Button type="primary" htmlType="submit" disabled={!code}>
            {t('scan.open')}
          </Button>
        </form>
      </Section>
    </>
  )
}

/** Where a label leads: what it is, and one tap to report it. */
export function ScannedPage() {
  const { t } = useTranslation('equipment')
  const me = useMe()
  const { code = '' } = useParams({ strict: false })
  const found = useQuery({
    queryKey: ['equipment', 'scan', code],
    queryFn: () => take(api.GET('/api/v1/equipment/scan/{label_code}', { params: { path: { label_code: code } } })),
  })
  const detail = useQuery({
    queryKey: ['equipment', 'one', found.data?.id],
    enabled: Boolean(found.data),
    queryFn: () => take(api.GET('/api/v1/equipment/{id}', { params: { path: { id: found.data?.id ?? '' } } })),
  })
  if (found.isError) {
    return (
      <>
        <PageHeader title={t('scan.title')} />
        <ProblemAlert error={found.error} retry={found.refetch} />
      </>
    )
  }
  if (!found.data) return <Loading rows={4} />
  const item = found.data
  return (
    <>
      <PageHeader
        title={item.name}
        under={
          <span className="row" style={{ gap: 14 }}>
            <EquipmentStateDot state={item.state} /> {item.number}
          </span>
        }
      />
      <Section>
        <div className="row">
          {holds(me, 'tickets.report') && (
            <Link to="/tickets/new" search={{ label: code, name: `${item.name} ${item.number}` } as never}>
              <Button type="primary" size="large" icon={<ToolOutlined />}>
                {t('report')}
              </Button>
            </Link>
          )}
          {detail.data && (
            <Link to="/equipment/$id" params={{ id: item.id }}>
              <Button size="large">{t('scan.details')}</Button>
            </Link>
          )}
        </div>
      </Section>
    </>
  )
}
