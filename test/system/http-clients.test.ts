// Clients that people use, through the gateway: curl, wget, fetch, Python's requests and httpx, a browser.
import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { WebSocketServer } from 'ws'
import { results } from '../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../support/http-gateway.ts'
import { testKey } from '../support/keys.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'sallyport-http-clients-'))
const large = Buffer.alloc(5 * 1024 * 1024, 'l')
let api: Server
let plain: HttpGateway
let tls: HttpGateway
let proxy: HttpGateway
before(async () => {
  api = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      switch (request.url) {
        case '/large':
          response.end(large)
          break
        case '/gzip':
          response
            .writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
            .end(gzipSync('unpacked'))
          break
        case '/moved':
          response.writeHead(302, { location: '/after' }).end()
          break
        case '/card':
          response.writeHead(200, { 'content-type': 'application/json' }).end('{"card":"4111111111111111"}')
          break
        case '/events':
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write('data: {"card":"4111111111111111"}\n\n')
          setImmediate(() => response.end('data: {"card":"5500005555555559"}\n\n'))
          break
        default:
          response.setHeader('x-bytes', body.length)
          response.end(`${request.method} ${request.url} ${body.length < 200 ? body.toString() : body.length}`)
      }
    })
  })
  new WebSocketServer({ server: api }).on('connection', (socket) =>
    socket.on('message', (bytes) => socket.send(`echo ${bytes}`)),
  )
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  const upstreamPort = (api.address() as AddressInfo).port
  plain = await startHttpGateway({ upstreamPort })
  tls = await startHttpGateway({
    upstreamPort,
    listener: { tls: { cert: testKey('server.pem'), key: testKey('server.key') } },
  })
  proxy = await startHttpGateway({
    upstreamPort,
    listener: {
      proxying: {
        secure: { cert: testKey('server.pem'), key: testKey('server.key') },
        reaches: ({ host }) => host === 'api.example',
        handshakeMs: 60_000,
      },
    },
  })
})
beforeEach(() => {
  for (const gateway of [plain, tls, proxy])
    gateway.answer = ({ action }) =>
      action.operation === 'DELETE'
        ? results.deny
        : { ...results.allow, mask: /card|events/.test(action.text) ? [{ json: '$.card', with: 'last4' }] : [] }
})
after(async () => {
  await plain.close()
  await tls.close()
  await proxy.close()
  api.close()
  api.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
  assert.deepEqual([...plain.errors, ...tls.errors, ...proxy.errors], [])
})

function missing(program: string, ...args: string[]): string | false {
  return spawnSync(program, args).status === 0 ? false : `${[program, ...args].join(' ')} does not run here`
}

test('curl in HTTP/1.1 and HTTP/2', { skip: missing('curl', '--version') }, async () => {
  const file = join(folder, 'upload')
  writeFileSync(file, large)
  for (const [version, gateway, scheme] of [
    ['--http1.1', plain, 'http'],
    ['--http1.1', tls, 'https'],
    ['--http2', tls, 'https'],
  ] as const) {
    const curl = async (...args: string[]): Promise<string> => {
      const to = [
        '--resolve',
        `api.example:${gateway.port}:127.0.0.1`,
        '-sk',
        version,
        '-H',
        'Authorization: Bearer good',
      ]
      return (await run('curl', [...to, ...args], { maxBuffer: 2 * large.length })).stdout
    }
    const url = `${scheme}://api.example:${gateway.port}`
    assert.equal(await curl(`${url}/a?b=c`), 'GET /a?b=c ')
    assert.equal(await curl('-d', 'x=1', `${url}/form`), 'POST /form x=1')
    assert.equal(await curl('--json', '{"a":1}', `${url}/json`), 'POST /json {"a":1}')
    assert.equal(await curl('-T', file, `${url}/upload`), `PUT /upload ${large.length}`)
    assert.equal(await curl('-F', 'a=1', '-F', 'b=2', '-w', '%{http_code}', '-o', '/dev/null', `${url}/parts`), '200')
    assert.equal((await curl(`${url}/large`)).length, large.length)
    assert.equal(await curl('--compressed', `${url}/gzip`), 'unpacked')
    assert.equal(await curl('-L', `${url}/moved`), 'GET /after ')
    assert.equal(await curl('-I', '-o', '/dev/null', '-w', '%{http_code}', `${url}/head`), '200')
    assert.equal(await curl(`${url}/card`), '{"card":"************1111"}')
    assert.match(await curl('-N', `${url}/events`), /1111"\}\n\ndata: \{"card":"\*{12}5559"\}/)
    assert.match(await curl('-X', 'DELETE', `${url}/a`), /"rule":"p\.no"/)
    assert.match(await curl('--path-as-is', `${url}/a/../b`), /"code":"dot_segment"/)
    assert.equal(
      await curl(`${url}/1`, '-o', '/dev/null', '-w', '%{http_version}'),
      version === '--http2' ? '2' : '1.1',
    )
  }
})

test('wget', { skip: missing('wget', '--version') }, async () => {
  const { stdout } = await run('wget', [
    '-qO-',
    '--header',
    'Authorization: Bearer good',
    '--header',
    'Host: api.example',
    `http://127.0.0.1:${plain.port}/a`,
  ])
  assert.equal(stdout, 'GET /a ')
})

test('curl, wget and Python with the gateway as their proxy', { skip: missing('curl', '--version') }, async () => {
  const url = `http://agent:good@127.0.0.1:${proxy.port}`
  const env = { ...process.env, http_proxy: url, https_proxy: url, HTTPS_PROXY: url, no_proxy: '', NO_PROXY: '' }
  const clients: readonly (readonly string[])[] = [
    ['curl', '-sk', '--http1.1'],
    ['curl', '-sk', '--http2'],
    ...(missing('wget', '--version') === false ? [['wget', '-qO-', '--no-check-certificate']] : []),
    ...(missing('python3', '-c', 'import requests') === false
      ? [
          [
            'python3',
            '-Wignore',
            '-c',
            'import sys,requests; print(requests.get(sys.argv[1],verify=False).text,end="")',
          ],
        ]
      : []),
  ]
  for (const [program = '', ...args] of clients) {
    const get = async (place: string): Promise<string> => (await run(program, [...args, place], { env })).stdout
    assert.equal(await get('https://api.example/a?b=c'), 'GET /a?b=c ', program)
    assert.equal(await get('https://api.example/card'), '{"card":"************1111"}', program)
    assert.equal(await get('http://api.example/clear'), 'GET /clear ', program)
  }
  assert.match((await run('curl', ['-sk', '-X', 'DELETE', 'https://api.example/a'], { env })).stdout, /"rule":"p\.no"/)
  await assert.rejects(run('curl', ['-sk', '-w', '%{http_connect}', 'https://elsewhere.example/'], { env }), {
    stdout: '404',
  })
})

test('fetch of Node', async () => {
  // fetch sends the host of its URL, so the answer of the gateway is that nobody is there by this name.
  const url = `http://127.0.0.1:${plain.port}`
  const stranger = await fetch(`${url}/a`, { headers: { authorization: 'Bearer good' } })
  assert.equal(stranger.status, 404)
  const { default: http } = await import('node:http')
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 })
  const all = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const request = http.request({
        agent,
        port: plain.port,
        path: `/${index}`,
        method: 'POST',
        headers: { host: 'api.example', authorization: 'Bearer good' },
      })
      request.end('x'.repeat(index))
      return new Promise<number>((resolve, reject) => {
        request.on('response', (response) => {
          response.resume().on('end', () => resolve(Number(response.headers['x-bytes'])))
        })
        request.on('error', reject)
      })
    }),
  )
  agent.destroy()
  assert.deepEqual(
    all,
    Array.from({ length: 20 }, (_, index) => index),
  )
})

const python = (port: number, tlsPort: number): { readonly [name: string]: string } => ({
  requests: `
import requests
s = requests.Session()
s.headers.update({"Host": "api.example", "Authorization": "Bearer good"})
u = "http://127.0.0.1:${port}"
assert s.get(u + "/a", params={"b": "c d"}).text.strip() == "GET /a?b=c+d"
assert s.post(u + "/j", json={"a": 1}).text == 'POST /j {"a": 1}'
assert s.post(u + "/f", files={"f": ("n", b"x" * 100000)}).status_code == 200
assert s.post(u + "/g", data=(b"ab" for _ in range(3))).text == "POST /g ababab"
assert s.get(u + "/gzip").text == "unpacked"
assert s.get(u + "/card").json() == {"card": "************1111"}
assert s.delete(u + "/a").json()["rule"] == "p.no"
assert len(s.get(u + "/large").content) == ${large.length}
print("ok")
`,
  httpx: `
import httpx
for u, h2 in (("http://127.0.0.1:${port}", False), ("https://127.0.0.1:${tlsPort}", True)):
    with httpx.Client(verify=False, http2=h2, headers={"Host": "api.example", "Authorization": "Bearer good"}) as c:
        r = c.get(u + "/a")
        assert r.text == "GET /a ", r.text
        assert r.http_version == ("HTTP/2" if h2 else "HTTP/1.1")
        assert c.post(u + "/j", json={"a": 1}).status_code == 200
        assert c.get(u + "/card").json() == {"card": "************1111"}
        with c.stream("GET", u + "/events") as s:
            assert [l for l in s.iter_lines() if l][0] == 'data: {"card":"************1111"}'
        assert c.delete(u + "/a").status_code == 403
        assert len(c.get(u + "/large").content) == ${large.length}
print("ok")
`,
})
for (const library of ['requests', 'httpx'] as const)
  test(`Python's ${library}`, {
    skip: missing('python3', '-c', library === 'httpx' ? 'import httpx, h2' : 'import requests'),
  }, async () => {
    const { stdout } = await run('python3', ['-c', python(plain.port, tls.port)[library] ?? ''])
    assert.equal(stdout, 'ok\n')
  })

const page = (port: number): string => `<script>
const base = 'http://api.example:${port}', headers = { authorization: 'Bearer good' }
const told = {}
async function all() {
  told.text = await (await fetch(base + '/a?b=%20', { headers })).text()
  told.posted = await (await fetch(base + '/p', { method: 'POST', headers, body: JSON.stringify({ a: 1 }) })).text()
  told.card = await (await fetch(base + '/card', { headers })).json()
  told.refused = (await fetch(base + '/a', { method: 'DELETE', headers })).status
  told.events = ''
  const reader = (await fetch(base + '/events', { headers })).body.getReader()
  for (;;) { const { done, value } = await reader.read(); if (done) break; told.events += new TextDecoder().decode(value) }
  told.socket = await new Promise((resolve, reject) => {
    const socket = new WebSocket('ws://api.example:${port}/ws', ['sallyport.bearer.good', 'chat'])
    socket.onopen = () => socket.send('hello')
    socket.onmessage = ({ data }) => resolve(socket.protocol + ' ' + data)
    socket.onerror = () => reject(new Error('socket'))
  })
}
all().catch((error) => { told.error = String(error) }).then(() => fetch('/done', { method: 'POST', body: JSON.stringify(told) }))
</script>`

test('a browser: fetch, WebSocket, server-sent events', { skip: missing('chromium', '--version') }, async () => {
  let tell: (text: string) => void = () => undefined
  const done = new Promise<string>((resolve) => {
    tell = resolve
  })
  const pages = createServer((request, response) => {
    if (request.url !== '/done') return void response.setHeader('content-type', 'text/html').end(page(plain.port))
    let text = ''
    request.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    request.on('end', () => {
      response.end()
      tell(text)
    })
  })
  await new Promise<void>((listening) => pages.listen(0, '127.0.0.1', listening))
  // The page is of another origin than the API, which answers no preflight here.
  const browser = spawn(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-web-security',
      '--disable-dev-shm-usage',
      `--user-data-dir=${join(folder, 'browser')}`,
      '--host-resolver-rules=MAP api.example 127.0.0.1',
      `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`,
    ],
    { stdio: 'ignore' },
  )
  try {
    const got: Record<string, unknown> = JSON.parse(await done)
    assert.deepEqual(got, {
      text: 'GET /a?b=%20 ',
      posted: 'POST /p {"a":1}',
      card: { card: '************1111' },
      refused: 403,
      events: 'data: {"card":"************1111"}\n\ndata: {"card":"************5559"}\n\n',
      socket: 'chat echo hello',
    })
  } finally {
    browser.kill('SIGKILL')
    await new Promise((resolve) => browser.once('exit', resolve))
    pages.close()
    pages.closeAllConnections()
  }
})
