// Fails when a built file could make the browser contact another host. Name spaces, licence notes and links to
// documentation inside messages load nothing.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const harmless = [
  'http://www.w3.org/',
  'https://react.dev/',
  'https://reactjs.org/',
  'https://ant.design',
  'https://github.com/',
  'https://u.ant.design',
  'https://tanstack.com/',
  'https://www.i18next.com',
  'https://locize.com',
  'https://react.i18next.com',
  'https://day.js.org',
  'https://developer.mozilla.org/',
  'http://localhost',
  'https://emscripten.org',
  'http://www.omg.org/spec/',
  'http://bpmn.io',
  'https://bpmn.io',
]
const files = (folder) =>
  readdirSync(folder).flatMap((name) => (statSync(join(folder, name)).isDirectory() ? files(join(folder, name)) : [join(folder, name)]))
const found = files(dist).flatMap((file) => {
  if (!/\.(js|css|html|svg)$/.test(file)) return []
  const text = readFileSync(file, 'utf8')
  const hosts = text.match(/(?:https?:)?\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s"'`)\\]*/gi) ?? []
  return hosts.filter((url) => /^https?:/.test(url) && !harmless.some((start) => url.startsWith(start))).map((url) => `${file}: ${url}`)
})
if (found.length > 0) {
  console.error(`outside hosts in the build:\n${[...new Set(found)].join('\n')}`)
  process.exit(1)
}
console.log('no outside hosts')
