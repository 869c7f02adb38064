import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { useProcesses } from './api'

type Props = { id?: string; value?: string[]; onChange?: (ids: string[]) => void }

/** Several processes, by name or category; what was never published has no cases. */
export function ProcessesSelect(props: Props) {
  const { t } = useTranslation('work')
  const processes = useProcesses()
  const known = (processes.data?.items ?? []).filter((one) => one.state !== 'draft')
  return (
    <Select
      {...props}
      mode="multiple"
      loading={processes.isLoading}
      placeholder={t('deputies.all')}
      showSearch={{ optionFilterProp: ['label', 'category'] }}
      options={known.map((one) => ({ value: one.id, label: one.name, category: one.category ?? '' }))}
      optionRender={(option) => (
        <span className="option">
          {option.data.label} <span className="faint">{option.data.category}</span>
        </span>
      )}
      notFoundContent={processes.isLoading ? t('common:loading') : t('deputies.no_process')}
      style={{ width: '100%' }}
    />
  )
}
