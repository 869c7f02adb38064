const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** The size of a file: `12.3 MB`. */
export function sizeOf(bytes: number) {
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), UNITS.length - 1)
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`
}
