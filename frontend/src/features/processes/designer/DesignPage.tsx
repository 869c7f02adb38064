import { useParams } from '@tanstack/react-router'
import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import { Loading, PageHeader } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'
import { useProcess } from '../api'
import { Designer } from './Designer'

/** Where a process is drawn. */
export function DesignPage() {
  const { t } = useTranslation('processes')
  const { id = '' } = useParams({ strict: false })
  const process = useProcess(id)
  if (process.isError) return <ProblemAlert error={process.error} retry={process.refetch} />
  if (!process.data) return <Loading rows={10} />
  if (!process.data.draft) {
    return (
      <>
        <PageHeader title={process.data.name} />
        <Alert type="info" showIcon title={t('design.no_draft')} />
      </>
    )
  }
  return <Designer key={id} process={process.data} />
}
