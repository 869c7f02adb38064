/** A signed note's key (C2SP): `name+id+base64(1, 32 bytes)`. */
type Key = { name: string; id: string; bytes: Uint8Array<ArrayBuffer> }
export type Verified = { origin: string; index: number; size: number }

function fromBase64(text: string, otherwise = 'format') {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    return refuse(otherwise)
  }
}
const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const utf8 = (text: string) => new TextEncoder().encode(text)
const sha256 = async (...parts: Uint8Array[]) => {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all))
}
const node = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right)

function refuse(what: string): never {
  throw new Error(what)
}

function keyOf(text: string): Key {
  const [, name = '', id = '', key = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? refuse('key')
  const bytes = fromBase64(key, 'key')
  return bytes[0] === 1 && bytes.length === 33 ? { name, id, bytes: bytes.slice(1) } : refuse('key')
}

/** The root to which a leaf and its siblings lead (RFC 9162, section 2.1.3.2). */
async function rootOf(leaf: Uint8Array, index: number, size: number, siblings: Uint8Array[]) {
  let [first, last, hash] = [index, size - 1, leaf]
  const half = (one: number) => Math.floor(one / 2)
  for (const sibling of siblings) {
    if (last === 0) refuse('proof')
    if (first % 2 === 1 || first === last) {
      hash = await node(sibling, hash)
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)]
    } else hash = await node(hash, sibling)
    ;[first, last] = [half(first), half(last)]
  }
  return last === 0 ? hash : refuse('proof')
}

/**
 * Whether a record with these canonical bytes is in the log whose key this is: computed here, by what is in the file (C2SP tlog-proof),
 * and by nothing that the server says. Throws with what does not hold: key, format, signature, proof.
 */
export async function verify(proof: string, canonical: string, key: string): Promise<Verified> {
  // Browsers have it only where the connection is safe.
  if (!globalThis.crypto?.subtle) refuse('browser')
  const log = keyOf(key)
  const [head = '', text = '', signatures = ''] = /^([\s\S]*?)\n\n([\s\S]*?\n)\n([\s\S]*)$/.exec(proof)?.slice(1) ?? refuse('format')
  const lines = head.split('\n')
  if (lines.shift() !== 'c2sp.org/tlog-proof@v1') refuse('format')
  if (lines[0]?.startsWith('extra ')) lines.shift()
  const index = Number(/^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1] ?? refuse('format'))
  const [origin = '', count = '', root = ''] = text.split('\n')
  const size = Number(/^(0|[1-9]\d*)$/.exec(count)?.[1] ?? refuse('format'))
  if (origin !== log.name || !Number.isSafeInteger(size) || index >= size) refuse('format')

  const own = signatures.split('\n').flatMap((line) => {
    const bytes = line.startsWith(`\u2014 ${log.name} `) ? fromBase64(line.slice(log.name.length + 3)) : null
    return bytes && hexOf(bytes.slice(0, 4)) === log.id ? [bytes.slice(4)] : []
  })
  // Older browsers know no Ed25519.
  const known = await crypto.subtle.importKey('raw', log.bytes, 'Ed25519', false, ['verify']).catch(() => refuse('browser'))
  const [signature] = own
  if (!signature || !(await crypto.subtle.verify('Ed25519', known, signature, utf8(text)))) refuse('signature')

  const leaf = await sha256(Uint8Array.of(0), utf8(canonical))
  const reached = await rootOf(
    leaf,
    index,
    size,
    lines.map((line) => fromBase64(line)),
  )
  if (hexOf(reached) !== hexOf(fromBase64(root))) refuse('proof')
  return { origin, index, size }
}
