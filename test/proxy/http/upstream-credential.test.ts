// How the gateway proves itself upstream. The signatures were made by botocore's signers of the same requests.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { createServer as createTls, type Server as TlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { after, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { type Outgoing, prove, type UpstreamCredential } from '../../../proxy/http/upstream-credential.ts'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'

const keys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const nowMs = (): number => Date.UTC(2026, 0, 2, 3, 4, 5)
const aws = (service: string, more: object = {}): UpstreamCredential => ({
  kind: 'aws',
  service,
  keys: { ...keys, ...more },
  nowMs,
})

function outgoing(more: Partial<Outgoing>): Outgoing {
  return { method: 'GET', origin: 'https://api.example', target: '/', fields: [], body: [], ...more }
}

function signatureOf(credential: UpstreamCredential, more: Partial<Outgoing>): string | undefined {
  const { fields } = prove(credential, outgoing(more))
  const all = fields.filter(([name]) => name === 'authorization').map(([, value]) => value)
  assert.equal(all.length, 1)
  return /Signature=([0-9a-f]{64})$/.exec(all[0] ?? '')?.[1]
}

test('requests are signed as botocore signs them', () => {
  assert.equal(
    signatureOf(aws('dynamodb'), {
      method: 'POST',
      origin: 'https://dynamodb.example',
      fields: [
        ['content-type', 'application/x-amz-json-1.0'],
        ['x-amz-target', 'DynamoDB_20120810.GetItem'],
        ['user-agent', 'not signed'],
      ],
      body: [Buffer.from('{"TableName":'), Buffer.from('"orders"}')],
    }),
    'de6a9b58cab54f1b5002018ee5f9ba3fd815639c95d0a67ca1ecfdcde73831f4',
  )
  assert.equal(
    signatureOf(aws('execute-api', { sessionToken: 'the-token' }), { target: '/prod/a%20b/c?x=1&x=0&a-b=2&a=1' }),
    '392374a98797151a471a64cb49043b51013e9ea30d6d90cb973023014e1a1899',
  )
  assert.equal(
    signatureOf(aws('s3'), {
      method: 'PUT',
      origin: 'https://s3.example',
      target: '/bucket/a%2Bb/%C3%BC?acl',
      fields: [['content-type', 'text/plain']],
      body: [Buffer.from('hello')],
    }),
    '221de3fde1ff50e2235da5171d4e2cf23a8cd23d2af621463ed59c6641010fdd',
  )
})

test("what the client signed itself, and for whom, is replaced by the gateway's own", () => {
  const { fields } = prove(
    aws('s3'),
    outgoing({
      fields: [
        ['authorization', 'AWS4-HMAC-SHA256 Credential=CLIENT'],
        ['x-amz-security-token', 'of-the-client'],
        ['x-amz-date', '20200101T000000Z'],
        ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
        ['x-amz-meta-kept', 'yes'],
        ['accept', '*/*'],
      ],
    }),
  )
  const names = fields.map(([name]) => name)
  assert.deepEqual([...new Set(names)].sort(), [...names].sort())
  assert.doesNotMatch(JSON.stringify(fields), /CLIENT|of-the-client|20200101|STREAMING/)
  assert.match(JSON.stringify(fields), /SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-kept/)
  assert.ok(names.includes('accept'))
})

test('what cannot be signed is not sent', () => {
  const refused = (credential: UpstreamCredential, more: Partial<Outgoing>, message: RegExp): void =>
    void assert.throws(() => prove(credential, outgoing(more)), { code: 'credential', message })
  refused(aws('dynamodb'), { body: undefined }, /this length/)
  refused(aws('s3'), { body: undefined, origin: 'http://s3.example' }, /this length/)
  refused(aws('s3'), { fields: [['content-encoding', 'gzip,aws-chunked']] }, /in chunks/)
  refused(aws('s3'), { target: '/a?X-Amz-Signature=1' }, /signed in its query/)
  refused(aws('s3'), { target: '/a?Signature=1' }, /signed in its query/)
  refused(
    aws('s3'),
    {
      fields: [
        ['x-amz-acl', 'private'],
        ['x-amz-acl', 'public-read'],
      ],
    },
    /twice/,
  )
  const { fields } = prove(aws('s3'), outgoing({ body: undefined }))
  assert.ok(fields.some(([name, value]) => name === 'x-amz-content-sha256' && value === 'UNSIGNED-PAYLOAD'))
})

test('a credential in the query stands alone', () => {
  const credential: UpstreamCredential = { kind: 'query', name: 'api_key', value: 'a b&c' }
  assert.equal(prove(credential, outgoing({ target: '/x' })).target, '/x?api_key=a%20b%26c')
  assert.equal(prove(credential, outgoing({ target: '/x?a=1' })).target, '/x?a=1&api_key=a%20b%26c')
  for (const target of ['/x?api_key=mine', '/x?a=1&api%5Fkey=mine', '/x?api_key'])
    assert.throws(() => prove(credential, outgoing({ target })), { code: 'credential' })
})

test('a credential in a header replaces what the client sent by that name; without one nothing of the client goes on', () => {
  const fields = [
    ['authorization', 'Bearer client'],
    ['x-key', 'client'],
    ['accept', '*/*'],
  ] as const
  assert.deepEqual(prove({ kind: 'header', name: 'X-Key', value: 'own' }, outgoing({ fields })).fields, [
    ['accept', '*/*'],
    ['X-Key', 'own'],
  ])
  assert.deepEqual(prove(undefined, outgoing({ fields })).fields, fields.slice(1))
})

const open: { close(): unknown }[] = []
after(async () => {
  for (const one of open.reverse()) await one.close()
})

async function gatewayBefore(server: Server | TlsServer, target: object): Promise<HttpGateway> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const gateway = await startHttpGateway({ upstreamPort: (server.address() as AddressInfo).port, target })
  open.push({ close: () => server.close() }, gateway)
  gateway.answer = () => results.allow
  return gateway
}

async function told(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  let got = ''
  for await (const chunk of socket) got += String(chunk)
  return got
}

const request = (line: string, ...more: readonly string[]): string =>
  [line, 'Host: api.example', 'Authorization: Bearer good', 'Connection: close', ...more, '', ''].join('\r\n')

test('a body is signed as it goes out, and comes whole', async () => {
  const api = createServer((incoming, response) => {
    let body = ''
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    incoming.on('end', () => response.end(JSON.stringify({ headers: incoming.headers, body })))
  })
  const gateway = await gatewayBefore(api, { credential: aws('dynamodb') })
  const answer = await told(
    gateway.port,
    `${request('POST / HTTP/1.1', 'Content-Type: application/x-amz-json-1.0', 'Content-Length: 2')}{}`,
  )
  assert.match(answer, /"body":"\{\}"/)
  assert.match(answer, /"x-amz-content-sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"/)
  assert.match(answer, /"authorization":"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/)
  assert.doesNotMatch(answer, /Bearer/)
})

test('the gateway shows its certificate upstream, and is not served without it', async () => {
  const api = createTls(
    {
      cert: testKey('server.pem'),
      key: testKey('server.key'),
      ca: testKey('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (incoming, response) => {
      const subject = incoming.socket instanceof TLSSocket ? incoming.socket.getPeerCertificate().subject : {}
      response.end(`seen as ${JSON.stringify(subject)}`)
    },
  )
  const tls = { ca: testKey('ca.pem'), servername: 'localhost' }
  const shown = { ...tls, cert: testKey('agent.pem'), key: testKey('agent.key') }
  const gateway = await gatewayBefore(api, { tls: shown })
  assert.match(await told(gateway.port, request('GET / HTTP/1.1')), /^HTTP\/1\.1 200 [\s\S]*seen as \{"CN":/)
  const without = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port, target: { tls } })
  open.push(without)
  without.answer = () => results.allow
  assert.match(await told(without.port, request('GET / HTTP/1.1')), /^HTTP\/1\.1 502 /)
})

const secret = 'k3y/with+signs='
const coded = encodeURIComponent(secret)

test('a credential in the query does not come back in redirections, links, pages or errors', async () => {
  const cases: readonly (readonly [location: string, shown: string])[] = [
    [`/v2/?api_key=${coded}`, '/v2/'],
    [`/v2/?a=1&api_key=${coded}`, '/v2/?a=1'],
    [`/v2/?api_key=${coded}&a=1&b=2#x`, '/v2/?a=1&b=2#x'],
    [`https://inner.example/?a=1&api_key=${secret}&b=2`, 'https://inner.example/?a=1&b=2'],
    [`/?api%5Fkey=${coded.toLowerCase()}`, '/'],
    [`/?other=${coded}`, '*'],
    [`/?other=${secret}&a=1`, `/?other=${'*'.repeat(secret.length)}&a=1`],
    [
      `</?page=2&api_key=${coded}>; rel="next", </?api_key=${coded}&page=9>; rel="last"`,
      '</?page=2>; rel="next", </?page=9>; rel="last"',
    ],
    ['/v2/?a=1&api_key=other', '/v2/?a=1&api_key=other'],
  ]
  const page = `<a href="/?api_key=${coded}">${secret}</a>{"next":"/?api_key=${coded.toLowerCase()}"}`
  let location = ''
  let asked: string | undefined
  const api = createServer((incoming, response) => {
    asked = incoming.headers['accept-encoding']?.toString()
    const status = incoming.url?.startsWith('/ok') === true ? 200 : 302
    response.writeHead(status, { location, 'content-length': page.length })
    // In pieces of every length.
    for (let at = 0, step = 1; at < page.length; at += step, step++) response.write(page.slice(at, at + step))
    response.end()
  })
  const gateway = await gatewayBefore(api, { credential: { kind: 'query', name: 'api_key', value: secret } })
  for (const [said, shown] of cases) {
    location = said
    for (const path of ['/ok', '/moved']) {
      const answer = await told(gateway.port, request(`GET ${path} HTTP/1.1`, 'Accept-Encoding: gzip'))
      assert.equal(/^location: (.*)\r$/im.exec(answer)?.[1], shown)
      assert.equal(asked, 'identity')
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
      assert.equal(
        body,
        page
          .replaceAll(coded, '*'.repeat(coded.length))
          .replaceAll(coded.toLowerCase(), '*'.repeat(coded.length))
          .replaceAll(secret, '*'.repeat(secret.length)),
      )
    }
  }
  assert.deepEqual(gateway.errors, [])
})

test('a body that is compressed all the same is not shown where a credential could be in it', async () => {
  const api = createServer((_incoming, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    response.end('secret')
  })
  const gateway = await gatewayBefore(api, { credential: { kind: 'query', name: 'api_key', value: secret } })
  const answer = await told(gateway.port, request('GET / HTTP/1.1'))
  assert.match(answer, /^HTTP\/1\.1 502 /)
  assert.doesNotMatch(answer, /secret/)
})

test('a credential in a header does not come back in a head', async () => {
  const api = createServer((incoming, response) => {
    const { authorization = '' } = incoming.headers
    response.writeHead(200, {
      'x-seen': authorization,
      location: `/?token=${authorization.slice('Bearer '.length)}&a=1`,
    })
    response.end('body')
  })
  const gateway = await gatewayBefore(api, {})
  const answer = await told(gateway.port, request('GET / HTTP/1.1'))
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*body/)
  assert.match(answer, /location: \/\?token=\*+&a=1/i)
  assert.doesNotMatch(answer, /upstream-secret/)
})
