// `sallyport ssh-cert` against a running identity listener: a key, its certificate, and when another is asked for.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { LoginError, type LoginPorts } from '../../../cli/identity/oidc-client.ts'
import { type CertAsked, certify } from '../../../cli/identity/ssh-cert.ts'
import {
  decodeSshCertificate,
  exchangeKeys,
  parseSshLine,
  SshCertificateAuthenticator,
  startDevIssuer,
  startTokenServer,
  TokenAuthenticator,
  userAuthority,
} from '../../../proxy/identity/index.ts'

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const authority = userAuthority(pem, 600_000)
const home = mkdtempSync(join(tmpdir(), 'sallyport-cert-'))
const issuer = await startDevIssuer()
const server = await startTokenServer({
  host: '127.0.0.1',
  port: 0,
  connectionsMax: 10,
  issuer: 'https://gate.example',
  keys: await exchangeKeys(pem, []),
  limits: { lifetimeMaxMs: 900_000, depthMax: 3 },
  userAuthority: () => authority,
  authenticator: new TokenAuthenticator(
    [
      {
        name: 'dev',
        issuer: issuer.url,
        audiences: [issuer.audience],
        algorithms: ['ES256'],
        kind: 'agent',
        claims: { subject: 'sub', groups: 'groups' },
        lifetimeMaxMs: 3_600_000,
        required: {},
      },
    ],
    { clockSkewMs: 5000, nowMs: Date.now },
  ),
  bars: () => undefined,
  nowMs: Date.now,
  newId: () => 'id',
  revoke: () => Promise.resolve(),
  onError: (error) => assert.fail(String(error)),
})
after(async () => {
  await server.close()
  await issuer.close()
  rmSync(home, { recursive: true })
})
let now = Date.now()
const ports: LoginPorts = { fetch, nowMs: () => now, wait: () => assert.fail('no waiting'), say: () => undefined }
const token = await issuer.token({
  subject: 'agent-7',
  kind: 'agent',
  groups: ['g'],
  scopes: [],
  lifetimeSeconds: 3600,
})
const environment = { SALLYPORT_HOME: home, SALLYPORT_TOKEN: token }
const asked: CertAsked = { resource: 'files', gateway: `http://127.0.0.1:${server.port}/`, force: false }

test('a key is made for its owner alone, certified, kept, and certified again when little is left', async (t) => {
  const made = await certify(ports, environment, asked)
  assert.equal(made.file, join(home, 'ssh', 'files-cert.pub'))
  assert.equal(statSync(join(home, 'ssh', 'files')).mode & 0o777, 0o600)
  const text = readFileSync(made.file, 'utf8')
  const trust = new SshCertificateAuthenticator({ own: authority, others: [], clockSkewMs: 5000, nowMs: Date.now })
  const { blob: certificate } = parseSshLine(text)
  const answer = await trust.authenticate({ kind: 'ssh_certificate', certificate, resource: 'files' })
  assert.deepEqual(answer.ok && [answer.identity.subject, answer.identity.issuer], ['agent-7', issuer.url])
  assert.equal((await certify(ports, environment, asked)).isNew, false)
  assert.equal(readFileSync(made.file, 'utf8'), text)
  now += 575_000
  assert.equal((await certify(ports, environment, asked)).isNew, true)
  assert.notEqual(readFileSync(made.file, 'utf8'), text)
  const short = await certify(ports, environment, { ...asked, force: true, lifetime: '60' })
  const { validAfter, validBefore } = decodeSshCertificate(parseSshLine(readFileSync(short.file, 'utf8')).blob)
  assert.equal(validBefore - validAfter, 60n)
  const shown = spawnSync('ssh-keygen', ['-L', '-f', made.file], { encoding: 'utf8' })
  if (shown.error !== undefined) return t.diagnostic('ssh-keygen is not here: only our own reading was checked')
  assert.match(shown.stdout, /Key ID: "agent-7"/)
  assert.equal(spawnSync('ssh-keygen', ['-y', '-P', '', '-f', join(home, 'ssh', 'files')]).status, 0)
})

const refusals: readonly [string, Partial<CertAsked>, object, RegExp][] = [
  ['a token that is not believed', {}, { SALLYPORT_TOKEN: 'canary.a.b' }, /invalid_token/],
  ['too long a life', { lifetime: '100000' }, {}, /at most 600 s/],
  ['a resource that is a path', { resource: '../x' }, {}, /named by/],
  ['a gateway in clear beyond this machine', { gateway: 'http://gate.example' }, {}, /TLS/],
  ['a key that is not there', { key: join(home, 'none') }, {}, /cannot be read/],
]
for (const [name, more, env, why] of refusals) {
  test(`no certificate for ${name}`, async () => {
    await assert.rejects(
      certify(ports, { ...environment, ...env }, { ...asked, force: true, ...more }),
      (error: unknown) => {
        assert.ok(error instanceof LoginError)
        assert.match(error.message, why)
        assert.doesNotMatch(error.message, /canary/)
        return true
      },
    )
  })
}

test('an answer that certifies another key is not kept', async () => {
  const foreign = readFileSync(join(home, 'ssh', 'files-cert.pub'), 'utf8').trim()
  const away: LoginPorts = { ...ports, fetch: async () => new Response(JSON.stringify({ certificate: foreign })) }
  await assert.rejects(certify(away, environment, { ...asked, resource: 'other' }), /no certificate of this key/)
})
