import { Button } from 'antd'
import { useTranslation } from 'react-i18next'

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }

/** The next page of a list. */
export function More({ pages }: { pages: Pages }) {
  const { t } = useTranslation()
  if (!pages.hasNextPage) return null
  return (
    <div className="more">
      <Button onClick={() => pages.fetchNextPage()} loading={pages.isFetchingNextPage}>
        {t('action.more')}
      </Button>
    </div>
  )
}
