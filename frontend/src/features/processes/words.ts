import { useTranslation } from 'react-i18next'

/** Working time as people say it: minutes, hours, days of eight hours. */
export function useMinutes() {
  const { t } = useTranslation('processes')
  return (minutes: number | null | undefined) => {
    if (minutes === null || minutes === undefined) return '—'
    if (minutes < 60) return t('time.minutes', { count: Math.round(minutes) })
    if (minutes < 480) return t('time.hours', { count: Math.round(minutes / 6) / 10 })
    return t('time.days', { count: Math.round(minutes / 48) / 10 })
  }
}
