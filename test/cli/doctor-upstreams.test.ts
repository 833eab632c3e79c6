// What the doctor says of upstreams: logged in to with the gateway's credential, and why not where not.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run } from '../../cli/doctor/doctor.ts'
import type { Finding } from '../../cli/doctor/finding.ts'
import { upstreamFindings } from '../../cli/doctor/upstreams.ts'
import { checkConfigText } from '../../proxy/config/index.ts'
import { generateSshKey } from '../../proxy/identity/index.ts'
import { testKey } from '../support/keys.ts'
import { json, startKubeUpstream } from '../support/kube-upstream.ts'
import { startSshHost } from '../support/ssh-upstream.ts'

const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
file('ca.pem', testKey('ca.pem'))
file('secret', 'a-token-of-the-gateway')

function configurationOf(upstream: string, protocol = 'postgres'): string {
  return `version: 1
gateway: { id: gate-1 }
listeners: [{ protocol: admin, name: admin, address: "127.0.0.1:0" }]
identity: { issuers: [{ name: main, preset: oidc, issuer: "https://issuer.example", audiences: [a], kind: agent }] }
resources: [{ name: one, protocol: ${protocol}, upstream: { connect: 2s, ${upstream} } }]
bundles: { signed: false, sources: [{ kind: folder, name: one, path: policy }] }
storage: { kind: embedded, path: state.db }
recording: { store: { kind: folder, path: recordings }, signing_key: "file:key" }
`
}

async function told(upstream: string, protocol: string): Promise<Finding> {
  const text = configurationOf(upstream, protocol)
  const loaded = checkConfigText(text, folder, process.env)
  if (!loaded.ok) assert.fail(JSON.stringify(loaded.problems))
  const [found] = await upstreamFindings(loaded.config)
  if (found === undefined) assert.fail('nothing was found')
  return found
}

test('a host: logged in, another key than the known one, a key that it does not let in, and nobody there', async (t) => {
  const host = await startSshHost()
  t.after(() => host.close())
  file('known', `${host.known}\n`)
  file('key', host.key)
  const at = (port: number): string =>
    `host: 127.0.0.1, port: ${port}, user: deploy, credential: "file:key", known_hosts: known`
  assert.deepEqual(await told(at(host.port), 'ssh'), {
    about: 'resource one',
    state: 'ok',
    detail: `127.0.0.1:${host.port}, logged in as deploy`,
    help: '',
  })
  file('key', generateSshKey().private)
  assert.match((await told(at(host.port), 'ssh')).detail, /does not let the gateway in: the login was refused/)
  const other = generateSshKey().public.split(' ').slice(0, 2).join(' ')
  file('known', `[127.0.0.1]:${host.port} ${other}\n`)
  const unknown = await told(at(host.port), 'ssh')
  assert.match(unknown.detail, /not the one known for it: .*known hosts/)
  assert.match(unknown.help, /ssh-keyscan/)
  await host.close()
  assert.match((await told(at(host.port), 'ssh')).detail, /nothing listens there \(ECONNREFUSED\)/)
})

test('a cluster: its certificate, the credential, and the right to impersonate', async (t) => {
  const cluster = await startKubeUpstream(true)
  t.after(() => cluster.close())
  const place = `server: "${cluster.url}", cluster: c, credential: "file:secret"`
  const strange = await told(place, 'kubernetes')
  assert.match(strange.detail, /of an authority that is not known here \([A-Z_]+\)/)
  assert.match(strange.help, /upstream\.tls: \{ ca: FILE \}/)
  const known = `${place}, tls: { ca: ca.pem }`
  const review = (allowed: boolean): ReturnType<typeof json> => json({ status: { allowed } }, 201)
  cluster.answer = review(true)
  assert.equal((await told(known, 'kubernetes')).state, 'ok')
  const [asked] = cluster.seen
  assert.equal(asked?.url, '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')
  assert.ok(
    asked.headers.some(([name, value]) => name === 'Authorization' && value === 'Bearer a-token-of-the-gateway'),
  )
  cluster.answer = review(false)
  assert.match((await told(known, 'kubernetes')).detail, /may not impersonate/)
  assert.equal((await told(`${known}, impersonate: { on: false }`, 'kubernetes')).state, 'ok')
  cluster.answer = json({}, 401)
  assert.match((await told(known, 'kubernetes')).detail, /does not know the credential/)
  cluster.answer = json({}, 404)
  assert.match((await told(known, 'kubernetes')).detail, /answers 404/)
})

test('an API: its certificate, and TLS where none is spoken', async (t) => {
  const api = await startKubeUpstream(true)
  t.after(() => api.close())
  assert.match((await told(`url: "${api.url}"`, 'http')).detail, /authority that is not known here/)
  assert.equal((await told(`url: "${api.url}", tls: { ca: ca.pem }`, 'http')).state, 'ok')
  const wrong = await told(`url: "${api.url}", tls: { ca: ca.pem, server_name: other.example }`, 'http')
  assert.match(wrong.detail, /certificate is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)/)
  const clear = await startKubeUpstream()
  t.after(() => clear.close())
  assert.match(
    (await told(`url: "${clear.url.replace('http:', 'https:')}"`, 'http')).detail,
    /speaks no TLS at this port/,
  )
  assert.equal((await told(`url: "${clear.url}"`, 'http')).state, 'ok')
})

test('a database that refuses TLS', async (t) => {
  const server = createServer((socket) => socket.once('data', () => socket.write('N')))
  t.after(() => server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const found = await told(`host: 127.0.0.1, port: ${port}, database: d, user: u`, 'postgres')
  assert.equal(found.state, 'fail')
  assert.match(found.detail, /refuses TLS: TLS is off there/)
  assert.match(found.help, /mode: disable/)
})

test('what a server answers does not act on the terminal that shows it', async (t) => {
  const hostile = '\u001b]0;owned\u0007\u009b31m\u202e'
  const server = createServer((socket) =>
    socket.once('data', () => {
      const fields = Buffer.from(`SFATAL\0VFATAL\0C${hostile}\0M${hostile}\0\0`)
      const head = Buffer.from([0x45, 0, 0, 0, 0])
      head.writeUInt32BE(fields.length + 4, 1)
      socket.end(Buffer.concat([head, fields]))
    }),
  )
  t.after(() => server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  file(
    'sallyport.yaml',
    configurationOf(`host: 127.0.0.1, port: ${port}, database: d, user: u, tls: { mode: disable }`),
  )
  for (const form of ['pretty', 'json']) {
    const out: string[] = []
    // The runner writes bytes there meanwhile.
    const write = t.mock.method(
      process.stdout,
      'write',
      (text: unknown) => typeof text !== 'string' || out.push(text) > 0,
    )
    await run(['--config', join(folder, 'sallyport.yaml'), '-o', form])
    write.mock.restore()
    const text = out.join('')
    assert.match(text, form === 'json' ? /\\u001b]0;owned\\u0007/ : /\\u\{1b\}]0;owned\\u\{7\}/)
    for (const steering of ['\u001b]', '\u0007', '\u009b', '\u202e']) assert.ok(!text.includes(steering), form)
  }
})
