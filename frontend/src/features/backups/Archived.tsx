import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import { Words } from '@/shared/ui/rows'
import { Ago } from '@/shared/ui/time'
import { useArchiving } from './api'

/** What PostgreSQL archives between backups; nothing where the database is a file, which has no such archive. */
export function Archived() {
  const { t } = useTranslation('backups')
  const { data } = useArchiving()
  if (data?.hidden) return <Alert type="info" showIcon style={{ marginBottom: 12 }} title={t('archiving.hidden')} />
  if (!data?.state) return null
  const wrong = data.state === 'failing' || data.state === 'silent'
  return (
    <Alert
      type={wrong ? 'error' : data.state === 'works' ? 'success' : 'warning'}
      showIcon
      style={{ marginBottom: 12 }}
      title={t(`archiving.${data.state}`, { file: data.failed })}
      description={
        data.state !== 'off' && (
          <Words
            of={[
              <span key="last">
                {t('archiving.last')} {data.archived_at ? <Ago at={data.archived_at} /> : t('archiving.never')}
              </span>,
              wrong && data.failed_at && (
                <span key="failed">
                  {t('archiving.failed')} <Ago at={data.failed_at} />
                </span>
              ),
            ]}
          />
        )
      }
    />
  )
}
