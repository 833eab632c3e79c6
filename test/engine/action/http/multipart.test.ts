// Parts of a form with files: read when they have one reading, else nothing of them is believed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRequest, httpAction } from '../../../../engine/action/http/index.ts'

function action(body: string | Buffer, type = 'multipart/form-data; boundary=B') {
  const fields = [
    ['host', 'api.example'],
    ['content-type', type],
  ] as const
  const request = canonicalRequest({ method: 'POST', target: '/', fields }, 'http')
  return httpAction(request, { kind: 'whole', bytes: Buffer.from(body) })
}
const field = '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n'
const file =
  '--B\r\nContent-Disposition: form-data; name="f"; filename="x.sh"\r\nContent-Type: text/x-sh\r\n\r\nrm -rf /\r\n'
const end = '--B--\r\n'
const other = 'Content-Disposition: form-data; name="b"\r\n\r\ntwo'

test('names, files, types and short texts are facts', () => {
  const { complete, http } = action(field + file + end)
  assert.equal(complete, true)
  assert.equal(http?.body.kind, 'multipart')
  assert.deepEqual(http?.body.value, [
    { name: 'a', filename: '', type: '', bytes: 3, value: 'one' },
    { name: 'f', filename: 'x.sh', type: 'text/x-sh', bytes: 8, value: null },
  ])
})

test('a form as fetch makes it is read', async () => {
  const form = new FormData()
  form.append('a', 'ä b')
  form.append('f', new Blob([new Uint8Array([0, 255, 13, 10])], { type: 'image/png' }), 'p.png')
  const response = new Response(form)
  const { complete, http } = action(
    Buffer.from(await response.arrayBuffer()),
    response.headers.get('content-type') ?? '',
  )
  assert.equal(complete, true)
  assert.deepEqual(http?.body.value, [
    { name: 'a', filename: '', type: '', bytes: 4, value: 'ä b' },
    { name: 'f', filename: 'p.png', type: 'image/png', bytes: 4, value: null },
  ])
})

const bad: readonly (readonly [what: string, body: string, type?: string])[] = [
  ['no end', field],
  ['a preamble', `x\r\n${field}${end}`],
  ['an epilogue', `${field}${end}${field}`],
  ['no parts', end],
  ['bare line feeds', (field + end).replaceAll('\r\n', '\n')],
  ['a part behind a bare line feed', field.replace('one', `one\n--B\r\n${other}`) + end],
  ['a part behind a bare carriage return', field.replace('one', `one\r--B\r\n${other}`) + end],
  ['an end behind a bare line feed', field.replace('one', 'one\n--B--') + end],
  ['a boundary within a line', field.replace('one', 'one--B') + end],
  [
    'another name behind a bare line feed',
    `--B\r\nContent-Type: text/plain\n${other.slice(0, -7)}\r\n${field.slice(5)}${end}`,
  ],
  ['a name behind a bare line feed', field.replace('\r\n\r\n', `\r\nContent-Type: text/plain\n${other}`) + end],
  ['a head that ends in bare line feeds', (file + end).replace('text/x-sh', 'text/plain\n\nx')],
  ['a line that only Unicode ends', (field + end).replace('name="a"', 'name="a\u2028"')],
  [
    'a character set of a part',
    (field + end).replace('\r\n\r\n', '\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n'),
  ],
  ['another boundary', field + end, 'multipart/form-data; boundary=C'],
  ['two boundaries', field + end, 'multipart/form-data; boundary=B; boundary=C'],
  ['no boundary', field + end, 'multipart/form-data'],
  ['a boundary with blanks', field + end, 'multipart/form-data; boundary="B C"'],
  ['another kind', field + end, 'multipart/mixed; boundary=B'],
  ['two names', (field + end).replace('name="a"', 'name="a"; name="b"')],
  ['two dispositions', (field + end).replace('\r\n\r\n', '\r\nContent-Disposition: form-data; name="b"\r\n\r\n')],
  ['an extended file name', (file + end).replace('filename="x.sh"', 'filename="x.txt"; filename*=UTF-8\'\'x.sh')],
  ['an escaped quote', (field + end).replace('"a"', '"a\\"b"')],
  ['a name without quotes', (field + end).replace('"a"', 'a')],
  ['another transfer encoding', (field + end).replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n')],
  ['a folded head', (field + end).replace('; name', ';\r\n name')],
  ['no disposition', '--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n'],
  ['no head', '--B\r\n\r\nx\r\n--B--\r\n'],
  ['white space behind a boundary', (field + end).replace('--B\r\n', '--B \r\n')],
  ['a part that ends within its head', '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n--B--\r\n'],
  ['a text that is not UTF-8', ''],
  ['too many parts', field.repeat(300) + end],
  ['a head that is too long', field.replace('"a"', `"${'a'.repeat(5000)}"`) + end],
]
for (const [what, body, type] of bad)
  test(`${what} makes the action incomplete`, () => {
    const bytes =
      body === ''
        ? Buffer.concat([
            Buffer.from(field.replace('one\r\n', '')),
            Buffer.from([0xc0, 0xaf]),
            Buffer.from(`\r\n${end}`),
          ])
        : Buffer.from(body)
    const { complete, http } = action(bytes, type)
    assert.equal(complete, false)
    assert.equal(http?.body.value, null)
  })
