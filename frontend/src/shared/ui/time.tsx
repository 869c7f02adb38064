import { Tooltip } from 'antd'
import dayjs from 'dayjs'
import relative from 'dayjs/plugin/relativeTime'
import 'dayjs/locale/zh-cn'
import { useTranslation } from 'react-i18next'

dayjs.extend(relative)

/** `2026-11-23 14:05`, in the browser's zone. */
export const exact = (at: string) => dayjs(at).format('YYYY-MM-DD HH:mm')

/** How long ago, or when; the exact time on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const { i18n } = useTranslation()
  if (!at) return <span className="faint">—</span>
  const time = dayjs(at).locale(i18n.language === 'en' ? 'en' : 'zh-cn')
  return (
    <Tooltip title={exact(at)}>
      <time dateTime={at}>{Math.abs(time.diff(dayjs(), 'day')) > 6 ? exact(at) : time.fromNow()}</time>
    </Tooltip>
  )
}

/** The exact time. */
export function At({ at }: { at: string | null | undefined }) {
  return at ? <time dateTime={at}>{exact(at)}</time> : <span className="faint">—</span>
}
