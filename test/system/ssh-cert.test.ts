// `sallyport connect` and `sallyport ssh-cert` with a real `ssh`: the printed command logs in by a certificate that the
// gateway signed, renews it by itself, and the policy sees who the token's holder is. Needs `ssh` and `sshd`.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ssh2 from 'ssh2'
import { type RunningGateway, startGateway } from '../../cli/serve/gateway.ts'
import { loadConfig } from '../../proxy/config/index.ts'
import {
  type DevIssuer,
  decodeSshCertificate,
  generateSshKey,
  parseSshLine,
  startDevIssuer,
} from '../../proxy/identity/index.ts'
import { createLog } from '../../proxy/telemetry/index.ts'
import { programMissing, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing || programMissing('ssh', ['-V'])
const folder = mkdtempSync(join(tmpdir(), 'sallyport-ssh-cert-'))
const at = (name: string): string => join(folder, name)
const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const policy = `package policy.own
allow if {
	input.identity.subject == "agent-7"
	"deployers" in input.identity.groups
	input.action.operation == "connect"
}
allow if {
	input.identity.subject == "agent-7"
	input.action.shell.operation == "exec"
}
`
let sshd: Sshd
let issuer: DevIssuer
let gateway: RunningGateway
let env: NodeJS.ProcessEnv
before(async () => {
  if (skip !== false) return
  sshd = await startSshd()
  issuer = await startDevIssuer()
  const pem = (): string =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const name of ['sign.pem', 'exchange.pem', 'authority.pem']) writeFileSync(at(name), pem(), { mode: 0o600 })
  writeFileSync(at('host.key'), generateSshKey().private, { mode: 0o600 })
  writeFileSync(at('upstream.key'), sshd.key, { mode: 0o600 })
  writeFileSync(at('known'), `${sshd.known}\n`)
  writeFileSync(at('jwks.json'), JSON.stringify(issuer.jwks))
  mkdirSync(at('policies'))
  writeFileSync(at('policies/p.rego'), policy)
  writeFileSync(
    at('sallyport.yaml'),
    `version: 1
gateway: { id: gate-1 }
listeners:
  - { protocol: ssh, name: ssh, address: "127.0.0.1:0", host_keys: ["file:host.key"] }
  - { protocol: identity, name: identity, address: "127.0.0.1:0" }
identity:
  issuers:
    - { name: dev, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], claims: { subject: sub, groups: groups } }
  exchange: { issuer: "https://gate.example", key: "file:exchange.pem" }
  user_authority: { key: "file:authority.pem", lifetime_max: 5m }
resources:
  - name: web
    protocol: ssh
    upstream: { host: 127.0.0.1, port: ${sshd.port}, user: ${sshd.user}, credential: "file:upstream.key", known_hosts: known }
  - name: other
    protocol: ssh
    upstream: { host: 127.0.0.1, port: ${sshd.port}, user: ${sshd.user}, credential: "file:upstream.key", known_hosts: known }
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policies }], cache: kept }
storage: { kind: embedded, path: state.db }
recording: { store: { kind: folder, path: recordings }, signing_key: "file:sign.pem" }
`,
  )
  const loaded = loadConfig(at('sallyport.yaml'))
  assert.ok(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.problems))
  const { config } = loaded
  gateway = await startGateway(config, () => config, createLog({ level: 'error', file: at('gateway.log') }))
  mkdirSync(at('bin'))
  writeFileSync(at('bin/sallyport'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, { mode: 0o755 })
  env = {
    PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    SALLYPORT_HOME: at('home'),
    SALLYPORT_TOKEN: await issuer.token({
      subject: 'agent-7',
      kind: 'agent',
      groups: ['deployers'],
      scopes: [],
      lifetimeSeconds: 600,
    }),
  }
})
after(async () => {
  if (skip === false) {
    await gateway.close()
    await issuer.close()
    await sshd.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a line of a shell beside the gateway, which lives in this process. */
async function shell(line: string, more: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> {
  const child = spawn('sh', ['-c', line], { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString()
  })
  const [code] = await once(child, 'close')
  return { code: Number(code), out, err }
}
const connect = (resource: string) => {
  const [ssh, identity] = ['ssh', 'identity'].map((name) => gateway.ports.get(name) ?? 0)
  const parsed = ssh2.utils.parseKey(readFileSync(at('host.key')))
  assert.ok(!(parsed instanceof Error) && !Array.isArray(parsed))
  const known = `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`
  return shell(
    `sallyport connect ${resource} --protocol ssh --gateway 127.0.0.1:${ssh} --identity http://127.0.0.1:${identity} --known-key '${known}' --save`,
  )
}

test('the printed command logs in by a certificate, which is made and renewed on the way', { skip }, async () => {
  const printed = await connect('web')
  assert.equal(printed.code, 0, printed.err)
  const [command = ''] = printed.out.split('\n')
  assert.match(command, /^ssh -F \S+ web$/)
  const first = await shell(`${command} 'echo from the host'`)
  assert.deepEqual([first.code, first.out], [0, 'from the host\n'], first.err + readFileSync(at('gateway.log'), 'utf8'))
  const file = at('home/ssh/web-cert.pub')
  const certificate = decodeSshCertificate(parseSshLine(readFileSync(file, 'utf8')).blob)
  assert.deepEqual([certificate.keyId, certificate.principals], ['agent-7', ['web']])
  assert.equal(certificate.validBefore - certificate.validAfter, 300n)
  const kept = readFileSync(file, 'utf8')
  assert.equal((await shell(`${command} 'echo again'`)).out, 'again\n')
  assert.equal(readFileSync(file, 'utf8'), kept, 'a certificate that counts is not asked for again')
  rmSync(file)
  assert.equal((await shell(`${command} 'echo anew'`)).out, 'anew\n')
  assert.ok(existsSync(file))
})

test('a certificate for one resource is none for another, and without a token there is none', { skip }, async () => {
  const [command = ''] = (await connect('other')).out.split('\n')
  const withoutToken = await shell(`${command} 'echo it-is-in'`, { SALLYPORT_TOKEN: 'nonsense' })
  assert.notEqual(withoutToken.code, 0)
  assert.doesNotMatch(withoutToken.out, /it-is-in/)
  const key = at('home/ssh/web')
  const ssh = gateway.ports.get('ssh') ?? 0
  const foreign = await shell(
    `ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -i ${key} -p ${ssh} other@127.0.0.1 'echo in'`,
  )
  assert.notEqual(foreign.code, 0)
  assert.match(foreign.err, /Permission denied/)
})

test('a token of another subject has a certificate, and the policy does not let it in', { skip }, async () => {
  const token = await issuer.token({ subject: 'agent-8', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 600 })
  const [command = ''] = (await connect('web')).out.split('\n')
  const refused = await shell(
    `sallyport ssh-cert web --gateway http://127.0.0.1:${gateway.ports.get('identity')} --force && ${command} 'echo it-is-in'`,
    {
      SALLYPORT_TOKEN: token,
    },
  )
  assert.notEqual(refused.code, 0)
  assert.doesNotMatch(refused.out, /it-is-in\n/)
  assert.match(spawnSync('ssh-keygen', ['-L', '-f', at('home/ssh/web-cert.pub')]).stdout.toString(), /agent-8/)
})
