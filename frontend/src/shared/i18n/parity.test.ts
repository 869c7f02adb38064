import { expect, test } from 'vitest'

const bundles = import.meta.glob<Record<string, unknown>>(['./*/*.json', '../../features/*/i18n/*.json'], {
  import: 'default',
  eager: true,
})
const sources = import.meta.glob<string>(['../../**/*.tsx'], { query: '?raw', import: 'default', eager: true })

const keys = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? [...(path ? [path] : []), ...Object.entries(value).flatMap(([name, inner]) => keys(inner, path ? `${path}.${name}` : name))]
    : [path]

const folders = [...new Set(Object.keys(bundles).map((path) => path.replace(/[^/]+\.json$/, '')))]

test('both languages have the same words', () => {
  expect(folders.length).toBeGreaterThan(8)
  for (const folder of folders) expect(keys(bundles[`${folder}en.json`]), folder).toEqual(keys(bundles[`${folder}zh-CN.json`]))
})

test('every word that a page asks for is there', () => {
  const words = (folder: string) => new Set(keys(bundles[`${folder}zh-CN.json`]))
  const common = words('./common/')
  const missing: string[] = []
  for (const [path, text] of Object.entries(sources)) {
    const feature = /features\/(\w+)\//.exec(path)?.[1]
    for (const [, asked = ''] of text.matchAll(/\bt\('([^'`$]+)'/g)) {
      const known = asked.startsWith('common:')
        ? common.has(asked.slice(7))
        : feature
          ? words(`../../features/${feature}/i18n/`).has(asked)
          : common.has(asked)
      if (!known) missing.push(`${path}: ${asked}`)
    }
  }
  expect(missing).toEqual([])
})
