import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading, Nothing, Section } from './layout'
import { ProblemAlert } from './problem'

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

type Found = Pages & {
  isError: boolean
  error: unknown
  refetch: () => unknown
  isLoading: boolean
  data: { pages: { items: unknown[] }[] } | undefined
}

/** A list: what went wrong, that it is on its way, that there is nothing (and `clear`, if filters may be why), or what there is. */
export function Listed({ pages, nothing, clear, children }: { pages: Found; nothing: string; clear?: ReactNode; children: ReactNode }) {
  if (pages.isError) return <ProblemAlert error={pages.error} retry={pages.refetch} />
  if (pages.isLoading) return <Loading rows={10} />
  if (!pages.data?.pages.some((page) => page.items.length > 0))
    return (
      <Section>
        <Nothing text={nothing}>{clear}</Nothing>
      </Section>
    )
  return (
    <>
      {children}
      <More pages={pages} />
    </>
  )
}
