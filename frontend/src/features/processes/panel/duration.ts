export type Span = { count: number | null; unit: 'M' | 'H' | 'D' }

/** `PT16H` as sixteen hours; null for what is not one number of one unit. */
export function durationOf(text: string): Span | null {
  const match = /^P(?:(\d+)D|T(\d+)([HM]))$/.exec(text)
  if (!match) return null
  return match[1] ? { count: Number(match[1]), unit: 'D' } : { count: Number(match[2]), unit: match[3] as 'H' | 'M' }
}

export const isoOf = ({ count, unit }: Span) => (!count ? '' : unit === 'D' ? `P${count}D` : `PT${count}${unit}`)
