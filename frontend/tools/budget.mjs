// Fails when what the browser loads before any feature is larger than its budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const JS_LIMIT = 300 * 1024
const CSS_LIMIT = 20 * 1024
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const entry = Object.keys(manifest).find((name) => manifest[name].isEntry)
const js = new Set()
const css = new Set()
const walk = (name) => {
  const chunk = manifest[name]
  if (js.has(chunk.file)) return
  js.add(chunk.file)
  for (const file of chunk.css ?? []) css.add(file)
  for (const other of chunk.imports ?? []) walk(other)
}
walk(entry)
const size = (files) => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0)
const [jsSize, cssSize] = [size(js), size(css)]
console.log(
  `entry: ${(jsSize / 1024).toFixed(1)} KB JS (limit ${JS_LIMIT / 1024}), ${(cssSize / 1024).toFixed(1)} KB CSS (limit ${CSS_LIMIT / 1024}), gzip`,
)
if (jsSize > JS_LIMIT || cssSize > CSS_LIMIT) {
  console.error('over budget')
  process.exit(1)
}
