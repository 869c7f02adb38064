import type { TFunction } from 'i18next'

type Words = TFunction<'compliance'>
/** What people call events. */
type Names = Record<string, string>
type Pattern = { event: string; where?: string; correlate?: string }

/** The parts of a control, in the order in which they are read. */
export const PARTS = [
  'clause',
  'title',
  'en',
  'template',
  'when',
  'then',
  'unless',
  'within',
  'fresh',
  'every',
  'window',
  'max',
  'for_each',
  'calendar',
  'correlate',
  'match',
  'severity',
]

const CHOICES = ['template', 'calendar', 'correlate', 'match', 'severity']
const LIMITS = ['within', 'fresh', 'every', 'window']

const duration = (iso: string, t: Words) => {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(iso)
  const said = ['weeks', 'days', 'hours', 'minutes'].flatMap((unit, place) => {
    const count = found?.[place + 1]
    return count ? [t(`duration.${unit}`, { count: Number(count) })] : []
  })
  return said.join(' ') || iso
}

const pattern = ({ event, where, correlate }: Pattern, names: Names, t: Words) =>
  [names[event] || event, where && t('pattern.where', { where }), correlate && t('pattern.correlate', { correlate })]
    .filter(Boolean)
    .join(' ')

/** What a part of a control says, for people; what is written in the language of controls stays as it is written. */
export function written(part: string, value: unknown, names: Names, t: Words): string {
  if (Array.isArray(value)) return value.map((one) => written(part, one, names, t)).join('\n')
  if (typeof value === 'object' && value !== null) {
    if ('event' in value) return pattern(value as Pattern, names, t)
    return Object.entries(value)
      .map(([name, inner]) => `${t(`pattern.${name}`)} ${written(part, inner, names, t)}`)
      .join('\n')
  }
  const text = String(value)
  if (CHOICES.includes(part)) return t(`${part}.${text}`, { defaultValue: text })
  return LIMITS.includes(part) ? duration(text, t) : text
}
