import { PrinterOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import { Loading, Nothing, PageHeader } from '@/shared/ui/layout'
import { ProblemAlert } from '@/shared/ui/problem'

/** Labels of 60 × 40 mm: what is scanned to report a fault. */
export function LabelsPage() {
  const { t } = useTranslation('equipment')
  const search = useSearch({ strict: false }) as { id?: string | string[] }
  const id = [search.id ?? []].flat().slice(0, 100)
  const labels = useQuery({
    queryKey: ['equipment', 'labels', id],
    enabled: id.length > 0,
    queryFn: () => take(api.GET('/api/v1/equipment/labels', { params: { query: { id } } })),
  })
  return (
    <>
      <div className="no-print">
        <PageHeader
          title={t('labels.title')}
          under={t('labels.text')}
          extra={
            <Button type="primary" icon={<PrinterOutlined />} disabled={!labels.data?.items.length} onClick={() => print()}>
              {t('labels.do')}
            </Button>
          }
        />
      </div>
      {labels.isError && <ProblemAlert error={labels.error} retry={labels.refetch} />}
      {labels.isLoading && <Loading />}
      {(id.length === 0 || labels.data?.items.length === 0) && <Nothing text={t('labels.none')} />}
      <div className="labels">
        {labels.data?.items.map((label) => (
          <article key={label.id} className="label" aria-label={label.number}>
            {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the server draws the code; it holds no text of anybody's */}
            <div role="img" aria-label={label.url} dangerouslySetInnerHTML={{ __html: label.qr_svg }} />
            <div>
              <b>{label.name}</b>
              <div>{label.number}</div>
              <div>{label.type_name}</div>
              <div>{label.unit_name}</div>
              <div>{label.holder_name}</div>
              <div>{t('labels.hint')}</div>
            </div>
          </article>
        ))}
      </div>
    </>
  )
}
