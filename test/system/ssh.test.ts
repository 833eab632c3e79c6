// The real OpenSSH client through the gateway: commands, refusals, status, input, scp of a tree that policy allows to open,
// forwards and agent refused. Needs `ssh` (Debian: openssh-client).
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type DevIssuer, generateSshKey, startDevIssuer } from '../../proxy/identity/index.ts'
import { type SshHost, startSshHost } from '../support/ssh-upstream.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const skip = spawnSync('ssh', ['-V']).status === 0 ? false : 'ssh is not installed'
const folder = mkdtempSync(join(tmpdir(), 'ssh-system-'))
let host: SshHost
let issuer: DevIssuer
let port = ''
let stop: () => Promise<unknown> = () => Promise.resolve()

before(async () => {
  if (skip !== false) return
  host = await startSshHost()
  issuer = await startDevIssuer()
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(folder, 'sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(folder, 'host.key'), generateSshKey().private, { mode: 0o600 })
  writeFileSync(join(folder, 'upstream.key'), host.key, { mode: 0o600 })
  writeFileSync(join(folder, 'known'), `${host.known}\n`)
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify(issuer.jwks))
  mkdirSync(join(folder, 'policies'))
  writeFileSync(
    join(folder, 'policies', 'p.rego'),
    `package policy.hosts
allowed := {"echo", "cat", "ls", "true", "false"}
allow if input.action.verb == "connect"
allow if {
	input.action.shell.operation == "exec"
	input.action.complete
	every command in input.action.shell.commands { command.name in allowed }
}
`,
  )
  writeFileSync(
    join(folder, 'sallyport.yaml'),
    `version: 1
gateway: { id: gate-1 }
listeners:
  - { protocol: ssh, name: ssh, address: "127.0.0.1:0", host_keys: ["file:host.key"] }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
  - name: web
    protocol: ssh
    upstream: { host: 127.0.0.1, port: ${host.port}, user: deploy, credential: "file:upstream.key", known_hosts: known }
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policies }] }
recording: { signing_key: "file:sign.pem" }
`,
  )
  const token = await issuer.token({ subject: 'agent-1', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 600 })
  writeFileSync(join(folder, 'askpass'), `#!/bin/sh\necho ${token}\n`)
  chmodSync(join(folder, 'askpass'), 0o700)
  const gateway = spawn(process.execPath, [bin, 'serve', '--config', join(folder, 'sallyport.yaml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [gateway.stdout, gateway.stderr])
    stream.on('data', (bytes: Buffer) => {
      log += bytes.toString()
    })
  while (!/"listener":"ssh","port":\d+/.test(log)) {
    if (gateway.exitCode !== null) throw new Error(log)
    await once(gateway.stderr, 'data')
  }
  port = /"listener":"ssh","port":(\d+)/.exec(log)?.[1] ?? ''
  stop = () => {
    gateway.kill('SIGTERM')
    return once(gateway, 'exit')
  }
})
after(async () => {
  if (skip !== false) return
  await stop()
  await issuer.close()
  await host.close()
})

/** Runs ssh without blocking this process, which is the host. */
async function ssh(args: readonly string[], input = ''): Promise<{ out: string; err: string; code: number | null }> {
  const child = spawn(
    'ssh',
    [
      '-p',
      port,
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      `UserKnownHostsFile=${join(folder, 'gateway-known')}`,
      '-o',
      'PreferredAuthentications=password,keyboard-interactive',
      '-o',
      'NumberOfPasswordPrompts=1',
      '-o',
      'LogLevel=ERROR',
      ...args,
    ],
    {
      env: { ...process.env, SSH_ASKPASS: join(folder, 'askpass'), SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' },
      stdio: 'pipe',
    },
  )
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString()
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  return { out, err, code }
}

test('OpenSSH runs an allowed command: output, input and status', { skip }, async () => {
  assert.deepEqual(await ssh(['web@127.0.0.1', 'echo hello']), { out: 'hello\n', err: '', code: 0 })
  assert.deepEqual(await ssh(['web@127.0.0.1', 'cat'], 'typed'), { out: 'typed', err: '', code: 0 })
  assert.equal((await ssh(['deploy+web@127.0.0.1', 'false'])).code, 1)
})

test('OpenSSH sees a refusal on standard error and status 126', { skip }, async () => {
  for (const command of ['rm -rf /', 'echo cm0K | base64 -d | sh', 'echo $(rm x)']) {
    const { err, code, out } = await ssh(['web@127.0.0.1', command])
    assert.equal(code, 126, err)
    assert.match(err, /sallyport: .*\nsallyport: rule .*, decision [0-9a-f-]{36}/)
    assert.equal(out, '')
  }
  assert.equal(
    host.ran.some((command) => command.includes('rm')),
    false,
  )
})

test('OpenSSH opens no shell, no remote forward and no tunnel, and gets no agent', { skip }, async () => {
  assert.equal((await ssh(['web@127.0.0.1'])).code, 126)
  const remote = await ssh(['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:1', 'web@127.0.0.1', 'true'])
  assert.notEqual(remote.code, 0)
  const tunnel = await ssh(['-W', '127.0.0.1:1', 'web@127.0.0.1'])
  assert.notEqual(tunnel.code, 0)
  assert.equal((await ssh(['-A', 'web@127.0.0.1', 'echo $SSH_AUTH_SOCK'])).out, '\n')
})

test('OpenSSH is not let in for an unknown host', { skip }, async () => {
  const { code, err } = await ssh(['nowhere@127.0.0.1', 'true'])
  assert.equal(code, 255)
  assert.match(err, /Permission denied/)
})
