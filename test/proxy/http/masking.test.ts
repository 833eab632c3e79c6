// Answers under masks and limits: decoded in bounds, streamed, or not shown.
import assert from 'node:assert/strict'
import {
  createServer,
  get,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib'
import { results } from '../../support/gate.ts'
import { type HttpGateway, sendRaw, startHttpGateway } from '../../support/http-gateway.ts'

let api: Server
let gateway: HttpGateway
/** What the API does; each test says. */
let serve: RequestListener = () => undefined
before(async () => {
  api = createServer((request, response) => serve(request, response))
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port })
})
after(async () => {
  await gateway.close()
  api.close()
  api.closeAllConnections()
  assert.deepEqual(gateway.errors, [])
})

const head = (more = ''): string =>
  `GET /x HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n${more}Connection: close\r\n\r\n`
function under(mask: readonly object[], limit: readonly object[] = []): void {
  gateway.answer = () => ({ ...results.allow, mask, limit })
}
const card = [{ json: '$.card', with: 'last4' }]
const secret = '{"card":"4111111111111111","other":1}'
const json = { 'content-type': 'application/json' }

for (const [encoding, encode] of [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)
  test(`a ${encoding} answer is decoded and masked`, async () => {
    under(card)
    serve = (_request, response) =>
      response.writeHead(200, { ...json, 'content-encoding': encoding, etag: '"x"' }).end(encode(secret))
    const out = await sendRaw(gateway.port, head())
    assert.match(out, /"\*{12}1111"/)
    assert.doesNotMatch(out, /content-encoding|etag|4111111/i)
  })

test('a compressed answer that is cut, false or a bomb is not shown', async () => {
  under(card)
  const bomb = gzipSync(
    Buffer.concat([
      Buffer.from('{"card":"4111111111111111","x":"'),
      Buffer.alloc(80 * 1024 * 1024, 'x'),
      Buffer.from('"}'),
    ]),
  )
  assert.ok(bomb.length < 100_000)
  const bodies = [gzipSync(secret).subarray(0, 20), Buffer.from('no gzip at all'), bomb]
  for (const body of bodies) {
    serve = (_request, response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(body)
    const out = await sendRaw(gateway.port, head())
    assert.ok(out.length < 20 * 1024 * 1024)
    assert.doesNotMatch(out, /0\r\n\r\n$/)
    assert.doesNotMatch(out, /4111111/)
  }
  for (const encoding of ['gzip, br', ['identity', 'gzip'], ['gzip', 'identity'], 'compress', 'zstd', 'aes128gcm']) {
    serve = (_request, response) =>
      response.setHeader('content-encoding', encoding).writeHead(200, json).end(gzipSync(secret))
    assert.match(await sendRaw(gateway.port, head()), /403 [\s\S]*cannot be masked/)
  }
})

test('without a mask a compressed answer passes as it is', async () => {
  under([])
  const body = gzipSync(secret)
  const length = String(body.length)
  serve = (_request, response) =>
    response.writeHead(200, { ...json, 'content-encoding': 'gzip', 'content-length': length }).end(body)
  const out = await sendRaw(gateway.port, head('Accept-Encoding: gzip\r\n'))
  assert.equal(gunzipSync(Buffer.from(out.slice(-body.length), 'latin1')).toString(), secret)
})

const unmaskable: readonly (readonly [what: string, headers: Record<string, string>, status: number, body: string])[] =
  [
    ['a kind that has no structure', { 'content-type': 'text/html' }, 200, secret],
    ['no kind', {}, 200, secret],
    ['an image', { 'content-type': 'image/png' }, 200, secret],
    ['another character set', { 'content-type': 'application/json; charset=utf-16' }, 200, secret],
    ['a part', { ...json, 'content-range': 'bytes 0-9/100' }, 206, secret.slice(0, 10)],
    ['JSON that is cut', json, 200, secret.slice(0, -5)],
    ['JSON and more', json, 200, `${secret}}`],
    ['JSON of a lenient kind', json, 200, "{card:'4111111111111111'}"],
    ['an error page in HTML', { 'content-type': 'text/html' }, 500, `<p>${secret}</p>`],
  ]
for (const [what, headers, status, body] of unmaskable)
  test(`under a path, ${what} is not shown`, async () => {
    under(card)
    serve = (_request, response) => response.writeHead(status, headers).end(body)
    const out = await sendRaw(gateway.port, head())
    assert.match(out, /^HTTP\/1\.1 403 /)
    assert.doesNotMatch(out, /4111111/)
  })

/** Digits of EBCDIC. */
const otherDigits = Buffer.from([...'4111111111111111'].map((digit) => 0xf0 + Number(digit)))
const masquerades: readonly (readonly [what: string, type: string | string[], body: Buffer])[] = [
  ['JSON in UTF-16', 'application/json', Buffer.from(secret, 'utf16le')],
  ['text in UTF-16 that its mark tells', 'text/html; charset=utf-8', Buffer.from(`\ufeff${secret}`, 'utf16le')],
  ['compressed JSON that is not said to be', 'application/json', gzipSync(secret)],
  ['compressed text that is not said to be', 'text/plain', deflateSync(`${secret}${'\x01'.repeat(9)}`)],
  ['JSON that is compressed twice', 'application/json', gzipSync(gzipSync(secret))],
  ['text of a character set behind a blank', 'text/plain; charset =ibm037', otherDigits],
  ['text of a second character set', 'text/plain; charset=utf-8; charset=ibm037', otherDigits],
  ['text of a character set in pieces', "text/plain; charset*=''ibm037", otherDigits],
  ['text of a second type', ['text/plain', 'text/plain; charset=ibm037'], otherDigits],
]
for (const [what, type, body] of masquerades)
  test(`under a detector, ${what} is not shown`, async () => {
    under([{ detect: 'credit_card', with: 'redact' }])
    const isTwice = what.endsWith('twice')
    serve = (_request, response) =>
      response.writeHead(200, { 'content-type': type, ...(isTwice ? { 'content-encoding': 'gzip' } : {}) }).end(body)
    assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 403 [\s\S]*cannot be masked/)
  })

test('an empty answer, and the answer to HEAD, pass under a path without what tells of the bytes', async () => {
  under(card)
  serve = (_request, response) => response.writeHead(200, { 'content-length': '0', etag: '"x"' }).end()
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 200 [\s\S]*content-length: 0/)
  serve = (_request, response) => response.writeHead(200, { ...json, 'content-length': '37', etag: '"x"' }).end()
  const out = await sendRaw(gateway.port, head().replace('GET', 'HEAD'))
  assert.match(out, /^HTTP\/1\.1 200 /)
  assert.doesNotMatch(out, /etag|content-length/i)
})

test('digests of what was masked do not pass, under whatever name a store gives them', async () => {
  under([{ detect: 'credit_card', with: 'last4' }])
  const digests = ['content-digest', 'x-goog-hash', 'x-amz-checksum-sha256', 'x-checksum-md5', 'docker-content-digest']
  const headers = Object.fromEntries(digests.map((name) => [name, 'told']))
  serve = (_request, response) => response.writeHead(200, { ...json, ...headers, 'x-kept': 'kept' }).end(secret)
  const out = await sendRaw(gateway.port, head())
  assert.match(out, /x-kept: kept[\s\S]*\*{12}1111/i)
  assert.doesNotMatch(out, /told/)
})

const post = (body: string): string =>
  `POST /x HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`

test('answers in a list are masked like one alone', async () => {
  under([{ json: '$.result.card', with: 'last4' }])
  const answer = '{"jsonrpc":"2.0","id":1,"result":{"card":"4111111111111111"}}'
  const call = '{"jsonrpc":"2.0","id":1,"method":"card"}'
  for (const [asked, answered] of [
    [call, answer],
    [`[${call}]`, `[${answer}]`],
    // Whatever was asked: what an API makes of a call is its own.
    [call, `[${answer}]`],
  ] as const) {
    serve = (_request, response) => response.writeHead(200, json).end(answered)
    assert.match(await sendRaw(gateway.port, post(asked)), /"card":"\*{12}1111"/)
  }
})

test('what is sent in a list may be answered in one, whatever it is', async () => {
  under([{ json: '$.result.card', with: 'last4' }])
  serve = (_request, response) =>
    response.writeHead(200, json).end('[{"result":{"card":"4111111111111111"}},{"result":{"card":null}}]')
  for (const asked of ['[{"get":"card"}]', '[{"method":"card","id":1}]', '[', '[{"a":1,"a":2}]'])
    assert.match(await sendRaw(gateway.port, post(asked)), /\[\{"result":\{"card":"\*{12}1111"\}\}/, asked)
})

test('a GraphQL alias does not carry a value past the path by which it is masked', async () => {
  under([{ json: '$.data.user.card', with: 'last4' }])
  let asked = 0
  serve = (_request, response) => {
    asked++
    response.writeHead(200, json).end('{"data":{"user":{"card":"4111111111111111"}}}')
  }
  assert.match(await sendRaw(gateway.port, post('{"query":"{user{card}}"}')), /"card":"\*{12}1111"/)
  assert.match(await sendRaw(gateway.port, post('[{"query":"{user{card}}"}]')), /"card":"\*{12}1111"/)
  assert.match(await sendRaw(gateway.port, post('{"query":"{user{x:card}}"}')), /^HTTP\/1\.1 403 [\s\S]*aliases/)
  for (const query of [
    '{user{...@defer{card}}}',
    '{user{...f @defer(if:true)}} fragment f on U{card}',
    '{users @stream{card}}',
  ])
    assert.match(await sendRaw(gateway.port, post(JSON.stringify({ query }))), /^HTTP\/1\.1 403 [\s\S]*later/)
  assert.equal(asked, 2)
  // Detectors look at values, whatever they are called.
  under([{ detect: 'credit_card', with: 'last4' }])
  assert.match(await sendRaw(gateway.port, post('{"query":"{user{x:card}}"}')), /"card":"\*{12}1111"/)
})

test('an answer of no kind is looked through as text, and is not shown where it could be anything else', async () => {
  under([{ detect: 'credit_card', with: 'last4' }])
  const answer = (body: string | Buffer): Promise<string> => {
    serve = (_request, response) => response.writeHead(202).end(body)
    return sendRaw(gateway.port, head())
  }
  assert.match(await answer('Accepted'), /^HTTP\/1\.1 202 [\s\S]*Accepted/)
  assert.match(await answer(secret), /^HTTP\/1\.1 202 [\s\S]*\*{12}1111/)
  assert.match(await answer(Buffer.from(secret, 'utf16le')), /^HTTP\/1\.1 403 /)
  assert.match(await answer(Buffer.from([0xff, 0xfe, 0x41])), /^HTTP\/1\.1 403 /)
})

test('where nothing may be shown, nothing is', async () => {
  under(card)
  for (const headers of [{}, { 'content-type': 'image/png' }]) {
    serve = (_request, response) => {
      response.writeHead(202, headers)
      response.flushHeaders()
      response.end()
    }
    assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 202 [\s\S]*content-length: 0/)
  }
})

test('an error in JSON is masked as any other answer', async () => {
  under(card)
  serve = (_request, response) => response.writeHead(500, json).end(secret)
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 500 [\s\S]*\*{12}1111/)
})

test('a document that stops being JSON after its head is out is cut, and says so', async () => {
  under(card)
  const long = `{"a":"${'x'.repeat(200_000)}","card":"4111111111111111" oops`
  serve = (_request, response) => response.writeHead(200, json).end(long)
  const out = await sendRaw(gateway.port, head())
  assert.doesNotMatch(out, /0\r\n\r\n$/)
  assert.doesNotMatch(out, /4111111/)
})

test('elements of arrays count against a limit of rows, masked or not', async () => {
  under([], [{ rows: 3 }])
  const send = (value: unknown): void => {
    serve = (_request, response) => response.writeHead(200, json).end(JSON.stringify(value))
  }
  send([1, 2, 3])
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 200 [\s\S]*\[1,2,3\]$/)
  send([1, 2, 3, 4])
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 403 [\s\S]*"code":"limit"/)
  send({ items: [1, 2, 3, 4] })
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 403 /)
  serve = (_request, response) => response.writeHead(200, { 'content-type': 'text/csv' }).end('1\n2\n')
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 403 /)
})

test('bytes count against a limit of bytes', async () => {
  under([], [{ bytes: 1000 }])
  serve = (_request, response) => response.writeHead(200, json).end(JSON.stringify('x'.repeat(900)))
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 200 /)
  serve = (_request, response) => response.writeHead(200, json).end(JSON.stringify('x'.repeat(90_000)))
  assert.ok((await sendRaw(gateway.port, head())).length < 2000)
})

test('server-sent events arrive one by one, each masked', async () => {
  under(card)
  let next: (() => void) | undefined
  serve = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${secret}\n\n`)
    next = () => response.end(`data: ${secret}\n\n`)
  }
  const response = await new Promise<IncomingMessage>((resolve) =>
    get({ port: gateway.port, path: '/x', headers: { host: 'api.example', authorization: 'Bearer good' } }, resolve),
  )
  let out = ''
  for await (const bytes of response) {
    out += String(bytes)
    // The second event is only sent once the first one was seen here.
    next?.()
    next = undefined
  }
  assert.equal(out, 'data: {"card":"************1111","other":1}\n\n'.repeat(2))
})

test('a large array is masked as it flows, whatever the client is slow at', async () => {
  under([{ json: '$[*].card', with: 'redact' }])
  const element = JSON.stringify({ card: '4111111111111111', text: 'x'.repeat(1000) })
  const count = 5000
  serve = (_request, response) => {
    response.writeHead(200, json)
    response.write('[')
    let sent = 0
    const more = (): void => {
      while (sent < count)
        if (!response.write(`${sent++ === 0 ? '' : ','}${element}`)) return void response.once('drain', more)
      response.end(']')
    }
    more()
  }
  const response = await new Promise<IncomingMessage>((resolve) =>
    get({ port: gateway.port, path: '/x', headers: { host: 'api.example', authorization: 'Bearer good' } }, resolve),
  )
  const chunks: Buffer[] = []
  for await (const bytes of response) chunks.push(bytes as Buffer)
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString())
  assert.ok(Array.isArray(value))
  assert.equal(value.length, count)
  assert.ok(value.every((one: { card: string }) => one.card === '[redacted]'))
})

test('what detectors find in the head of an answer is masked too: redirects, cookies, reasons; without them it stands', async () => {
  serve = (_request, response) => {
    response.writeHead(302, 'for ann@example.org', {
      location: 'https://other.example/?card=4111111111111111&x=1',
      'set-cookie': ['who=ann@example.org', 'plain=1'],
      'x-total': '2',
    })
    response.end()
  }
  under([
    { detect: 'email', with: 'redact' },
    { detect: 'credit_card', with: 'last4' },
  ])
  const out = await sendRaw(gateway.port, head())
  assert.doesNotMatch(out, /ann@|4111111/)
  assert.match(out, /^HTTP\/1\.1 302 /)
  assert.match(out, /location: https:\/\/other\.example\/\?card=\*{12}1111&x=1\r\n/)
  assert.match(out, /set-cookie: plain=1\r\n/)
  assert.match(out, /x-total: 2\r\n/)
  under([])
  assert.match(await sendRaw(gateway.port, head()), /card=4111111111111111[\s\S]*who=ann@example\.org/)
})

const coded: readonly (readonly [name: string, value: string, shown: string | undefined])[] = [
  ['location', '/next?who=ann%40example.org&x=1', '/next?who=%5Bredacted%5D&x=1'],
  ['location', '/next?card=%34111%31111%31111%31111&x=%2F', '/next?card=************1111&x=%2F'],
  ['content-location', '/cards/4111%201111%201111%201111', undefined],
  ['location', '/cards?n=4111%2D1111%2D1111%2D1111#a', undefined],
  ['location', '/cards?n=4111+1111+1111+1111&b=%20', undefined],
  [
    'link',
    '<https://api.example/u/ann%40example.org>; rel="next"',
    '<https://api.example/u/%5Bredacted%5D>; rel="next"',
  ],
  ['refresh', '0; url=/u?m=ann%40example%2Eorg', '0; url=/u?m=%5Bredacted%5D'],
  ['content-disposition', `attachment; filename*=UTF-8''ann%40example.org.txt`, undefined],
  ['set-cookie', 'who=ann%40example.org; Path=/', 'who=%5Bredacted%5D; Path=/'],
  // A link within a link, and what lies across delimiters.
  ['location', '/go?to=%2Fu%3Fm%3Dann%2540example.org', '/go?to=%2Fu%3Fm%3D%5Bredacted%5D'],
  ['location', '/go?to=%2Fn%3D4111%252D1111%252D1111%252D1111', undefined],
  ['location', '/n/4111%201111/1111%201111', undefined],
  ['location', 'https://ann%40example.org/', 'https://%5Bredacted%5D/'],
]
test('what is percent-coded in the head of an answer is looked at decoded; what cannot be masked there is left out', async () => {
  under([
    { detect: 'email', with: 'redact' },
    { detect: 'credit_card', with: 'last4' },
  ])
  for (const [name, value, shown] of coded) {
    serve = (_request, response) => response.writeHead(302, { [name]: value }).end()
    const out = await sendRaw(gateway.port, head())
    assert.match(out, /^HTTP\/1\.1 302 /)
    const got = out.split('\r\n').find((line) => line.toLowerCase().startsWith(`${name}: `))
    const decoded = decodeURIComponent(decodeURIComponent(got ?? '').replaceAll('+', ' '))
    assert.doesNotMatch(decoded, /ann@|4111[ -]?1111[ -]?1111/, value)
    if (shown !== undefined) assert.equal(got?.slice(name.length + 2), shown)
  }
  for (const value of ['/a%20b?c=%2F', '/100%', '/%zz?ann', '/%C3%A9']) {
    serve = (_request, response) => response.writeHead(302, { location: value }).end()
    assert.ok((await sendRaw(gateway.port, head())).includes(`location: ${value}\r\n`), value)
  }
})

test('what was masked is counted by rule: each path by its name, each detector by its own', async () => {
  under([
    { json: '$.card', with: 'last4' },
    { json: '$.items[*].n', with: 'redact' },
    { detect: 'email', with: 'redact' },
  ])
  const counted = async (status: number, headers: OutgoingHttpHeaders, body: string): Promise<object> => {
    const before = gateway.parts.recorder.entries().length
    serve = (_request, response) => response.writeHead(status, headers).end(body)
    await sendRaw(gateway.port, head())
    const entries = gateway.parts.recorder.entries().slice(before)
    const counts: Record<string, number> = {}
    for (const entry of entries)
      if (entry.kind === 'masked') counts[entry.rule] = (counts[entry.rule] ?? 0) + entry.count
    return counts
  }
  const body = '{"card":"4111111111111111","items":[{"n":"a"},{"n":7},{"n":"c"}],"to":"a@b.example c@d.example"}'
  const byRule = { '$.card': 1, '$.items[*].n': 3, email: 2 }
  assert.deepEqual(await counted(200, json, body), byRule)
  const events = { 'content-type': 'text/event-stream' }
  assert.deepEqual(await counted(200, events, `data: ${body}\n\nevent: a@b.example\ndata: ${body}\n\n`), {
    '$.card': 2,
    '$.items[*].n': 6,
    email: 5,
  })
  assert.deepEqual(await counted(302, { ...json, location: '/x?to=a%40b.example' }, '{}'), { email: 1 })
  assert.deepEqual(await counted(200, json, '{}'), {})
})

test('whether a guessed entity tag is the one of what is masked is not told', async () => {
  const seen: (readonly (string | undefined)[])[] = []
  serve = (request, response) => {
    const said = ['if-none-match', 'if-match', 'if-range', 'range', 'if'].map((name) =>
      request.headers[name]?.toString(),
    )
    const [none, match] = said
    seen.push(said)
    if (none === '"guessed"') response.writeHead(304).end()
    else if (match === '"wrong"') response.writeHead(412).end()
    else response.writeHead(200, { ...json, etag: '"guessed"' }).end(secret)
  }
  const asked = (line: string, more: string): Promise<string> =>
    sendRaw(gateway.port, head(more).replace('GET /x', `${line} /x`))
  const nothing = [undefined, undefined, undefined, undefined, undefined]
  for (const mask of [card, [{ detect: 'credit_card', with: 'last4' }]]) {
    under(mask)
    for (const field of [
      'If-None-Match: "guessed"',
      'If-None-Match: W/"guessed", "b"',
      'If-Match: "wrong"',
      'If: (["a"])',
    ]) {
      const out = await asked('GET', `${field}\r\n`)
      assert.match(out, /^HTTP\/1\.1 200 [\s\S]*"\*{12}1111"/)
      assert.deepEqual(seen.splice(0), [nothing])
      assert.match(await asked('PUT', `${field}\r\nContent-Length: 0\r\n`), /^HTTP\/1\.1 403 [\s\S]*entity tag/)
      assert.deepEqual(seen.splice(0), [])
    }
    // Whether anything is there may be asked.
    await asked('PUT', 'If-None-Match: *\r\nContent-Length: 0\r\n')
    await asked('PUT', 'If-Match: *\r\nContent-Length: 0\r\n')
    assert.deepEqual(seen.splice(0), [
      ['*', undefined, undefined, undefined, undefined],
      [undefined, '*', undefined, undefined, undefined],
    ])
  }
  // Where nothing is hidden, caches work.
  under([], [{ rows: 100 }])
  assert.match(await asked('GET', 'If-None-Match: "guessed"\r\n'), /^HTTP\/1\.1 304 /)
  under([])
  assert.match(await asked('GET', 'If-None-Match: "guessed"\r\n'), /^HTTP\/1\.1 304 /)
  assert.match(await asked('PUT', 'If-Match: "wrong"\r\nContent-Length: 0\r\n'), /^HTTP\/1\.1 412 /)
  await asked('GET', 'Range: bytes=0-1\r\nIf-Range: "guessed"\r\n')
  assert.deepEqual(seen.at(-1), [undefined, undefined, '"guessed"', 'bytes=0-1', undefined])
})
