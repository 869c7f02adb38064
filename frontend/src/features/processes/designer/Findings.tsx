import { CheckCircleFilled, CloseCircleFilled, PlayCircleOutlined, WarningFilled } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import { Loading } from '@/shared/ui/layout'
import type { Check, Finding } from '../api'

type Props = { found: Check | null; pick: (finding: Finding) => void; names: Map<string, string> }

/** What the check found: each with its place, and where it is about behaviour with the run that shows it. */
export function Findings({ found, pick, names }: Props) {
  const { t } = useTranslation('processes')
  if (!found) return <Loading rows={1} />
  const errors = found.findings.filter((one) => one.severity === 'error').length
  return (
    <section className="findings" aria-label={t('check.title')}>
      <p role="status" className="row">
        {found.publishable ? (
          <CheckCircleFilled style={{ color: '#2f7d4a' }} aria-hidden="true" />
        ) : (
          <CloseCircleFilled style={{ color: 'var(--ant-color-error)' }} aria-hidden="true" />
        )}
        <strong>{found.publishable ? t('check.fine') : t('check.errors', { count: errors })}</strong>
        {found.findings.length > errors && <span className="faint">{t('check.warnings', { count: found.findings.length - errors })}</span>}
      </p>
      <ul className="plain">
        {found.findings.map((one) => (
          <li key={`${one.rule} ${one.element} ${one.text}`}>
            <button type="button" className="finding" onClick={() => pick(one)}>
              {one.severity === 'error' ? (
                <CloseCircleFilled style={{ color: 'var(--ant-color-error)' }} aria-label={t('check.error')} />
              ) : (
                <WarningFilled style={{ color: '#b36a00' }} aria-label={t('check.warning')} />
              )}
              <span className="grow">
                {one.element && <strong>{names.get(one.element) || one.element} </strong>}
                {one.text}
              </span>
              {one.run.length > 0 && (
                <span className="faint">
                  <PlayCircleOutlined aria-hidden="true" /> {t('check.play')}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
