// `sallyport init` and `sallyport doctor`: what is written is right and never written over; what would not work is told.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startDevIssuer } from '../../proxy/identity/index.ts'
import { postgresMissing, startPostgres } from '../support/postgres-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const skip = postgresMissing() ?? false

interface Ran {
  readonly status: number | null
  readonly out: string
}

/** Runs a command without blocking this process, which may be the issuer that is asked. */
async function sallyport(cwd: string, ...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' }, stdio: 'pipe' })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
  const [status] = await once(child, 'close')
  return { status, out }
}

async function initialized(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'init-'))
  const { status, out } = await sallyport(folder, 'init')
  assert.equal(status, 0, out)
  return folder
}

test('init writes a configuration without mistakes and a policy that passes its tests', async () => {
  const folder = await initialized()
  assert.match((await sallyport(folder, 'config', 'check')).out, /^sallyport\.yaml: no mistakes\n$/)
  assert.deepEqual(await sallyport(folder, 'policy', 'check', 'policy'), { status: 0, out: '' })
  assert.equal((await sallyport(folder, 'policy', 'fmt', '--check', 'policy')).status, 0)
  const tested = await sallyport(folder, 'policy', 'test', '--coverage', '--threshold', '90', 'policy')
  assert.match(tested.out, /^PASS: 4\/4\n/)
  assert.equal(tested.status, 0)
  for (const name of ['recording-sign.pem', 'recording-seal.key', 'orders-password'])
    assert.equal(statSync(join(folder, 'keys', name)).mode & 0o077, 0, name)
})

test('in its folder, commands that need a configuration find it', async () => {
  const folder = await initialized()
  assert.match((await sallyport(folder, 'connect', 'orders')).out, /psql .*port=6432 /)
  assert.match((await sallyport(folder, 'sessions', 'list')).out, /there is no folder .*recordings/)
  const none = await sallyport(
    mkdtempSync(join(tmpdir(), 'init-')),
    'sessions',
    'list',
    '-c',
    join(folder, 'sallyport.yaml'),
  )
  assert.match(none.out, /there is no folder .*recordings/)
})

test('init writes nothing where something is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'init-'))
  writeFileSync(join(folder, 'sallyport.yaml'), 'mine\n')
  const { status, out } = await sallyport(folder, 'init')
  assert.equal(status, 1)
  assert.match(out, /already there, nothing written: .*sallyport\.yaml/)
  assert.equal(readFileSync(join(folder, 'sallyport.yaml'), 'utf8'), 'mine\n')
  assert.throws(() => statSync(join(folder, 'keys')))
})

for (const protocol of ['ssh', 'http', 'kubernetes'])
  test(`a new policy of ${protocol} passes its own tests`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'new-'))
    await sallyport(folder, 'policy', 'new', '--protocol', protocol, 'mine')
    assert.deepEqual(await sallyport(folder, 'policy', 'check', 'mine'), { status: 0, out: '' })
    assert.match((await sallyport(folder, 'policy', 'test', 'mine')).out, /^PASS: 4\/4\n$/)
  })

test('doctor finds nothing wrong where nothing is, and names each thing that is', { skip }, async (t) => {
  const server = await startPostgres()
  t.after(() => server.stop())
  const issuer = await startDevIssuer()
  t.after(() => issuer.close())
  const folder = await initialized()
  const path = join(folder, 'sallyport.yaml')
  const good = readFileSync(path, 'utf8')
    .replace('issuer: https://issuer.example', `issuer: ${issuer.url}`)
    .replace('port: 5432', `port: ${server.port}`)
    .replace('database: orders', `database: ${server.database}`)
    .replace('user: gateway', `user: ${server.user}\n      tls: { mode: disable }`)
    .replaceAll(/127\.0\.0\.1:(?:6432|9090)/g, '127.0.0.1:0')
  writeFileSync(path, good)
  writeFileSync(join(folder, 'keys', 'orders-password'), server.password)
  const well = await sallyport(folder, 'doctor')
  assert.match(well.out, /ok {4}issuer main: answers, and its clock agrees/)
  assert.match(well.out, /warn {2}resource orders: PostgreSQL \d+\.\d+; the role is a superuser/)
  assert.match(well.out, /warn {2}policy: live: orders; bundles need no signature/)
  assert.match(well.out, /, 0 failed\n$/)
  assert.equal(well.status, 0)

  writeFileSync(join(folder, 'keys', 'orders-password'), 'wrong')
  writeFileSync(join(folder, 'policy', 'policy.rego'), 'package policy.orders\n\nallow if nope(1)\n')
  writeFileSync(path, good.replace(issuer.url, 'http://127.0.0.1:1'))
  const ill = await sallyport(folder, 'doctor', '-o', 'json')
  assert.equal(ill.status, 1)
  const { findings }: { findings: { about: string; state: string; help: string }[] } = JSON.parse(ill.out)
  const failed = findings.filter((one) => one.state === 'fail')
  assert.deepEqual(
    failed.map((one) => one.about),
    ['issuer main', 'resource orders', 'policy'],
  )
  assert.ok(failed.every((one) => one.help !== ''))
  assert.doesNotMatch(ill.out, new RegExp(server.password))
})

test('doctor shows the mistakes of a configuration that cannot be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  writeFileSync(join(folder, 'sallyport.yaml'), 'version: 1\nlisteners: 7\n')
  const { status, out } = await sallyport(folder, 'doctor')
  assert.equal(status, 1)
  assert.match(out, /sallyport\.yaml:2:\d+: /)
  assert.doesNotMatch(out, /\n\s+at /)
})
