import { Link } from '@tanstack/react-router'
import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '../api/problem'

/** A case takes some or all steps of a record: that is where to go. */
export function DrivenBy({ by }: { by: Schemas['DrivenBy'] | null }) {
  const { t } = useTranslation()
  if (!by) return null
  return (
    <Alert
      type="info"
      showIcon
      style={{ marginBottom: 12 }}
      title={t('driven')}
      action={
        <Link to="/cases/$id" params={{ id: by.case_id }}>
          {by.case_number}
        </Link>
      }
    />
  )
}
