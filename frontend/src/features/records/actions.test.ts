import { expect, test } from 'vitest'
import en from './i18n/en.json'
import zh from './i18n/zh-CN.json'

const catalogue = import.meta.glob<string>('../../../../backend/compliance/src/events.toml', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const sources = import.meta.glob<string>('../../../../backend/*/src/**/*.rs', { query: '?raw', import: 'default', eager: true })

const found = (texts: Record<string, string>, name: RegExp) =>
  Object.values(texts).flatMap((text) => [...text.matchAll(name)].map(([, action = '']) => action))

/** What the server says that it can record, and what it records without any control being able to look at it. */
const said = found(catalogue, /^name = "(\w+\.\w+)"/gm)
const recorded = found(sources, /\bEvent::(?:new|about)(?:::<\w+>)?\(\s*"(\w+\.\w+)"/g)

test('every action that the server records has a word in both languages', () => {
  expect(said.length).toBeGreaterThan(90)
  expect(recorded.length).toBeGreaterThan(90)
  for (const [language, words] of Object.entries({ en, zh })) {
    const known = new Set(Object.entries(words.action).flatMap(([kind, done]) => Object.keys(done).map((name) => `${kind}.${name}`)))
    expect(
      [...new Set([...said, ...recorded])].filter((action) => !known.has(action)),
      language,
    ).toEqual([])
  }
})
