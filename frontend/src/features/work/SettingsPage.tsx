import { useTranslation } from 'react-i18next'
import { PageHeader, Section } from '@/shared/ui/layout'
import { Deputies } from './Deputies'
import { PhrasesForm } from './PhrasesForm'

/** Who acts for me while I am away, and what I usually say. */
export function WorkSettingsPage() {
  const { t } = useTranslation('work')
  return (
    <>
      <PageHeader title={t('settings.title')} />
      <div className="two">
        <Section title={t('deputies.title')}>
          <Deputies />
        </Section>
        <Section title={t('phrases.title')}>
          <PhrasesForm />
        </Section>
      </div>
    </>
  )
}
