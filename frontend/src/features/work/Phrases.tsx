import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { usePhrases } from './api'

/** That one agrees is said where one is asked for it, and not where something is done. */
const AGREES = /^(同意|agree)/i

/** What one usually says (常用语), by one press. */
export function Phrases({ use, approves }: { use: (words: string) => void; approves: boolean }) {
  const { t } = useTranslation('work')
  const mine = usePhrases()
  const usual = t('phrases.usual', { returnObjects: true }) as unknown as string[]
  const all = mine.data?.phrases.length ? mine.data.phrases : approves ? usual : [t('phrases.done'), ...usual]
  const phrases = approves ? all : all.filter((words) => !AGREES.test(words))
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
