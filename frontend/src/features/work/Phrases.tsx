import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { usePhrases } from './api'

/** What one usually says (常用语), by one press. */
export function Phrases({ use }: { use: (words: string) => void }) {
  const { t } = useTranslation('work')
  const mine = usePhrases()
  const phrases = mine.data?.phrases.length ? mine.data.phrases : (t('phrases.usual', { returnObjects: true }) as unknown as string[])
  return (
    <div className="row phrases">
      {phrases.slice(0, 6).map((words) => (
        <Button key={words} size="small" onClick={() => use(words)}>
          {words}
        </Button>
      ))}
    </div>
  )
}
