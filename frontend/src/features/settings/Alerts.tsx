import { useTranslation } from 'react-i18next'

/** How Prometheus Alertmanager is told to report here. */
export function Alerts() {
  const { t } = useTranslation('settings')
  const receiver = `receivers:
  - name: zhidu
    webhook_configs:
      - url: ${location.origin}/api/v1/alerts/alertmanager
        send_resolved: true
        max_alerts: 100
        http_config:
          authorization:
            credentials_file: /etc/prometheus/zhidu-token`
  return (
    <>
      <p className="faint">{t('alerts.text')}</p>
      <p className="faint">{t('alerts.token')}</p>
      <pre className="raw">{receiver}</pre>
    </>
  )
}
