// Fails when what the browser loads before any feature, or for the heaviest pages beyond it, is larger than its budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const KB = 1024
const ENTRY = { js: 300 * KB, css: 20 * KB }
/** Pages that may bring more than the entry has, with how much. */
const LAZY = {
  'src/features/processes/designer/DesignPage.tsx': 300 * KB,
  'src/features/work/pages.tsx': 220 * KB,
  'src/features/processes/pages.tsx': 220 * KB,
  'src/shared/bpmn/Viewer.tsx': 220 * KB,
}
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const entry = Object.keys(manifest).find((name) => manifest[name].isEntry)

const loads = (name, js = new Set(), css = new Set()) => {
  const chunk = manifest[name]
  if (!chunk || js.has(chunk.file)) return { js, css }
  js.add(chunk.file)
  for (const file of chunk.css ?? []) css.add(file)
  for (const other of chunk.imports ?? []) loads(other, js, css)
  return { js, css }
}
const size = (files) => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0)
const kb = (bytes) => (bytes / KB).toFixed(1)
const over = []

const first = loads(entry)
const [js, css] = [size(first.js), size(first.css)]
console.log(`entry: ${kb(js)} KB JS (limit ${ENTRY.js / KB}), ${kb(css)} KB CSS (limit ${ENTRY.css / KB}), gzip`)
if (js > ENTRY.js || css > ENTRY.css) over.push('entry')

for (const [name, limit] of Object.entries(LAZY)) {
  if (!manifest[name]) {
    over.push(`${name} is not in the build`)
    continue
  }
  const page = loads(name)
  const more = size([...page.js].filter((file) => !first.js.has(file))) + size([...page.css].filter((file) => !first.css.has(file)))
  console.log(`${name}: ${kb(more)} KB more (limit ${limit / KB}), gzip`)
  if (more > limit) over.push(name)
}
if (over.length > 0) {
  console.error(`over budget: ${over.join(', ')}`)
  process.exit(1)
}
