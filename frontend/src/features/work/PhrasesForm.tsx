import { Button, Input } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { savePhrases, usePhrases } from './api'

/** One phrase a line. */
export function PhrasesForm() {
  const { t } = useTranslation('work')
  const phrases = usePhrases()
  const [text, setText] = useState('')
  useEffect(() => setText(phrases.data?.phrases.join('\n') ?? ''), [phrases.data])
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const save = useAct(() => savePhrases(lines), { said: t('common:said.saved') })
  return (
    <>
      <p className="faint">{t('phrases.help')}</p>
      <Input.TextArea aria-label={t('phrases.title')} rows={8} value={text} onChange={(event) => setText(event.target.value)} />
      <Button type="primary" style={{ marginTop: 12 }} loading={save.isPending} onClick={() => save.mutate(undefined)}>
        {t('common:action.save')}
      </Button>
    </>
  )
}
