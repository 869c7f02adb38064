// Lays a .br and a .gz beside each built file that becomes smaller by it; the server sends what the browser takes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const assets = new URL('../dist/assets/', import.meta.url)
let [before, after] = [0, 0]
for (const name of readdirSync(assets)) {
  if (!/\.(js|css|svg|wasm|json)$/.test(name)) continue
  const content = readFileSync(new URL(name, assets))
  const packed = {
    gz: gzipSync(content, { level: 9 }),
    br: brotliCompressSync(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    }),
  }
  before += content.length
  after += Math.min(content.length, packed.br.length)
  for (const [extension, bytes] of Object.entries(packed)) {
    if (bytes.length < content.length) writeFileSync(new URL(`${name}.${extension}`, assets), bytes)
  }
}
console.log(`packed: ${(before / 1024).toFixed(0)} KB as ${(after / 1024).toFixed(0)} KB`)
