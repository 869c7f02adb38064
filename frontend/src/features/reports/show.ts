import { exact } from '@/shared/ui/time'
import type { Column } from './api'

/** A value as people read it; the same rules by which files of reports are written. */
export function shown(column: Column, value: unknown, english: boolean): string {
  if (value === null || value === undefined) return ''
  switch (column.type) {
    case 'word': {
      const word = column.words?.find((one) => one.value === value)
      return word ? (english ? word.en : word.zh) : String(value)
    }
    case 'time':
      return exact(String(value))
    case 'share':
      return `${(Number(value) / 100).toFixed(2)}%`
    case 'cents':
      return (Number(value) / 100).toFixed(2)
    case 'seconds':
      return length(Number(value), english)
    default:
      return String(value)
  }
}

/** A length of time: two units are enough. */
function length(seconds: number, english: boolean): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60]
  if (days > 0) return english ? `${days} d ${hours} h` : `${days} 天 ${hours} 小时`
  if (hours > 0) return english ? `${hours} h ${minutes} min` : `${hours} 小时 ${minutes} 分`
  return english ? `${minutes} min` : `${minutes} 分钟`
}

/** Whether the values of a column stand on the right. */
export const isNumber = (column: Column) => ['integer', 'share', 'seconds', 'cents'].includes(column.type)
