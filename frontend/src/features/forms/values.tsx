import { useTranslation } from 'react-i18next'
import { exact } from '@/shared/ui/time'
import { choicesOf, isEmpty, widgetOf } from './fields'
import { DatasetName, EquipmentName, FileNames, PersonName, UnitName } from './names'
import { RowsView } from './RowsView'
import type { Field } from './types'

const money = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const plain = new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 10 })

/** A number as people read it: money with two decimals. */
export const numberText = (value: unknown, field: Field) => {
  const number = Number(value)
  if (Number.isNaN(number)) return String(value)
  return widgetOf(field) === 'money' ? `¥ ${money.format(number)}` : plain.format(number)
}

/** The value of a field, to be read. */
export function FieldValue({ field, value }: { field: Field; value: unknown }) {
  const { t, i18n } = useTranslation('forms')
  if (isEmpty(value)) return <span className="faint">—</span>
  const many = Array.isArray(value) ? (value as string[]) : [String(value)]
  switch (widgetOf(field)) {
    case 'number':
    case 'money':
      return <>{numberText(value, field)}</>
    case 'switch':
      return <>{value === true ? t('common:yes') : t('common:no')}</>
    case 'datetime':
      return <>{exact(String(value))}</>
    case 'select':
    case 'radio':
    case 'choices': {
      const choices = choicesOf(field, i18n.language === 'en')
      return <>{many.map((one) => choices.find((choice) => choice.value === one)?.label ?? one).join(t('common:comma'))}</>
    }
    case 'person':
    case 'people':
      return <Several of={many} each={(id) => <PersonName id={id} />} />
    case 'unit':
    case 'units':
      return <Several of={many} each={(id) => <UnitName id={id} />} />
    case 'equipment':
      return <Several of={many} each={(id) => <EquipmentName id={id} />} />
    case 'dataset':
      return <Several of={many} each={(id) => <DatasetName id={id} link />} />
    case 'files':
      return <FileNames ids={many} />
    case 'rows':
      return <RowsView field={field} rows={value as Record<string, unknown>[]} />
    default:
      return <span style={{ whiteSpace: 'pre-wrap' }}>{many.join(t('common:comma'))}</span>
  }
}

function Several({ of, each }: { of: string[]; each: (id: string) => React.ReactNode }) {
  const { t } = useTranslation('forms')
  return (
    <>
      {of.map((id, at) => (
        <span key={id}>
          {at > 0 && t('common:comma')}
          {each(id)}
        </span>
      ))}
    </>
  )
}
