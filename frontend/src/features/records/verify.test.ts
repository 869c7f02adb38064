import { expect, test } from 'vitest'
import { verify } from './verify'

/** A record of a test company, its proof and the key of its log, as the server gave them. */
const key = 'zhidu/0b7675c5ca202c34+36655c47+AWD9sc/o1HMuOOlaQvPh4/QyLAUAi3b/OndxMSqTGq9K'
const canonical =
  '{"action":"role.assigned","actor":{"id":"01a2196a-e150-77b5-a8dc-6b620d3325de","kind":"person"},"actor_unit":"01a2196a-dde0-7136-944d-d5a1c3d25691","detail_hash":"2f921b6863e296ee6d0e50ee90c0df1d11347d0dea1d2b1d35c8416c3750e20c","facts":{"role":"auditor","scope":"all"},"id":"01a2196b-0620-7209-af3d-a9ed7f6fb711","outcome":"success","related":[{"id":"01a2196a-da0b-7149-aea1-75a46a962969","kind":"role","role":"role"}],"request_id":"01a2196b-061f-7002-aadb-249fdae0dbfb","session":"01a2196a-e781-736f-ab6b-da35ac3ca7ad","subject":{"id":"01a2196b-0066-75de-bfeb-a78aa1bcfc00","kind":"person","version_after":2,"version_before":1},"time":1795722774048,"unit":"01a2196a-dde0-7136-944d-d5a1c3d25691","v":1}'
const proof =
  'c2sp.org/tlog-proof@v1\nindex 53\nYbcrnP1hsdABlZgjLSV+wUdyNnppf0rf3xX3ih0BGF8=\nYmzWq25+7Jx8XzrrRlo2GSBTRgSY/OAOYoMUllfEGR0=\n6i4UGVeHsBsUomofKNTPbyHFa0k2MkDft/csdbZtGl4=\nU2vOs7Ist7kkWNPoFyUgyeAGua43hr9ZffTQg1X0eEE=\nXK00KwKXZ1uXvKUGj6T7vLv6tSUovectTW0MHwpQ6W8=\n7Ox5CByiPYH4fbm/qaenZb4pIxzupSYHGfxkhgV25l4=\n\nzhidu/0b7675c5ca202c34\n57\nSnAskL/mLOBlp/XDddm3NgX45LEMHrFv8UQhY9dAIRs=\n\n— zhidu/0b7675c5ca202c34 NmVcR2MzdrvVLn3shWHQuo5iNMO15AzoE97NnywrUM0asv1x9cTnVZBQ5o827xe1gbYgrZTv6bVEfTiwCY9Q93C7tQg=\n'

test('a record is proven by what is in the file', async () => {
  const { origin, index, size } = await verify(proof, canonical, key)
  expect(key.startsWith(origin)).toBe(true)
  expect(index).toBeLessThan(size)
})

const refused: [string, string, string, string][] = [
  ['a changed record', proof, `${canonical} `, 'proof'],
  ['another place', proof.replace(/index (\d+)/, (_, n) => `index ${Number(n) - 1}`), canonical, 'proof'],
  ['a changed root', proof.replace(/\n(\d+)\n(.)/, (_, n, first) => `\n${n}\n${first === 'A' ? 'B' : 'A'}`), canonical, 'signature'],
  ['another size', proof.replace(/\n(\d+)\n/, (_, n) => `\n${Number(n) + 1}\n`), canonical, 'signature'],
  ['another format', proof.replace('@v1', '@v2'), canonical, 'format'],
  ['a broken hash', proof.replace('Ybcrn', '?bcrn'), canonical, 'format'],
]
for (const [what, file, record, why] of refused) {
  test(`${what} is refused`, async () => {
    await expect(verify(file, record, key)).rejects.toThrow(why)
  })
}

test('the key of another log proves nothing', async () => {
  await expect(verify(proof, canonical, key.replace('zhidu/', 'other/'))).rejects.toThrow('format')
  await expect(verify(proof, canonical, 'x')).rejects.toThrow('key')
  await expect(verify(proof, canonical, key.replace('+AWD9', '+?WD9'))).rejects.toThrow('key')
})
