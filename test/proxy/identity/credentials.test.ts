// Secrets by reference: each kind, leases, failures that name no secret, and values that do not show themselves.
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { CredentialError, Credentials } from '../../../proxy/identity/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'credentials-'))
let nowMs = 1_000_000
const source = (environment: { [name: string]: string } = {}) =>
  new Credentials({ environment, nowMs: () => nowMs, fetch })

test('a file is read each time, without the newline at its end', async () => {
  const path = join(folder, 'one')
  writeFileSync(path, 'first\n')
  const credentials = source()
  assert.equal((await credentials.resolve(`file:${path}`)).reveal(), 'first')
  writeFileSync(path, 'second')
  assert.equal((await credentials.resolve(`file:${path}`)).reveal(), 'second')
})

test('a file that did not change for a while is not read again; one that was replaced or taken away is', async () => {
  const path = join(folder, 'settled')
  writeFileSync(path, 'first')
  const credentials = new Credentials({ environment: {}, nowMs: () => Date.now() + 60_000, fetch })
  const first = await credentials.resolve(`file:${path}`)
  assert.equal(await credentials.resolve(`file:${path}`), first)
  writeFileSync(`${path}.next`, 'other')
  renameSync(`${path}.next`, path)
  assert.equal((await credentials.resolve(`file:${path}`)).reveal(), 'other')
  writeFileSync(path, 'longer than before')
  assert.equal((await credentials.resolve(`file:${path}`)).reveal(), 'longer than before')
  rmSync(path)
  await assert.rejects(credentials.resolve(`file:${path}`), CredentialError)
})

test('a file that changed a moment ago is read each time', async () => {
  const path = join(folder, 'fresh')
  writeFileSync(path, 'first')
  const writtenMs = Date.now()
  const credentials = new Credentials({ environment: {}, nowMs: () => writtenMs + 1000, fetch })
  const first = await credentials.resolve(`file:${path}`)
  assert.notEqual(await credentials.resolve(`file:${path}`), first)
})

test('a secret does not show itself', async () => {
  const secret = await source({ PASSWORD: 'canary-7' }).resolve('env:PASSWORD')
  assert.equal(secret.reveal(), 'canary-7')
  for (const shown of [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret, { showHidden: true }),
  ])
    assert.doesNotMatch(shown, /canary-7/)
})

test('a command with an expiry is run once until it is near', async () => {
  const script = join(folder, 'count.mjs')
  const counter = join(folder, 'count')
  writeFileSync(counter, '')
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs'
appendFileSync(${JSON.stringify(counter)}, 'x')
console.log(JSON.stringify({ secret: 's' + readFileSync(${JSON.stringify(counter)}, 'utf8').length, expires_at: process.argv[2] }))`,
  )
  const credentials = source()
  const reference = () => `exec:${process.execPath} ${script} ${new Date(2_000_000).toISOString()}`
  const [a, b] = await Promise.all([credentials.resolve(reference()), credentials.resolve(reference())])
  assert.deepEqual([a.reveal(), b.reveal()], ['s1', 's1'])
  nowMs = 1_790_000
  assert.equal((await credentials.resolve(reference())).reveal(), 's1')
  nowMs = 1_810_000
  assert.equal((await credentials.resolve(reference())).reveal(), 's2')
  nowMs = 2_100_000
  await assert.rejects(credentials.resolve(reference()), { code: 'expired' })
  nowMs = 1_000_000
})

test('failures name what was asked for and never what was said', async () => {
  const credentials = source()
  const cases: readonly [string, string, RegExp][] = [
    [`file:${join(folder, 'none')}`, 'unreadable', /cannot be read/],
    ['env:NONE', 'unreadable', /the environment has no NONE/],
    [`exec:${process.execPath} -e process.stderr.write("canary-8");process.exit(1)`, 'unreadable', /gave no secret$/],
    ['vault:secret/x#y', 'unreadable', /VAULT_ADDR/],
    ['http://x', 'unknown', /by `file:`/],
  ]
  for (const [reference, code, message] of cases) {
    await assert.rejects(credentials.resolve(reference), (error: unknown) => {
      assert.ok(error instanceof CredentialError)
      assert.equal(error.code, code, reference)
      assert.match(error.message, message)
      assert.doesNotMatch(inspect(error), /canary-8/)
      return true
    })
  }
})

test('Vault: KV version 2, KV version 1, leased credentials, and a server that refuses or redirects', async (t) => {
  let leases = 0
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['x-vault-token']} ${request.headers['x-vault-namespace'] ?? ''}`)
    const answers: { readonly [path: string]: () => object } = {
      '/v1/secret/data/orders': () => ({
        data: { data: { password: 'two' }, metadata: { version: 3 } },
        lease_duration: 0,
      }),
      '/v1/kv/orders': () => ({ data: { password: 'one' }, lease_duration: 0 }),
      '/v1/database/creds/reader': () => ({
        data: { username: 'u', password: `leased-${++leases}` },
        lease_duration: 100,
      }),
    }
    if (request.url === '/v1/elsewhere') return void response.writeHead(302, { location: '/v1/kv/orders' }).end()
    const answer = answers[request.url ?? '']
    response.writeHead(answer === undefined ? 403 : 200).end(JSON.stringify(answer?.() ?? { errors: ['canary-9'] }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const credentials = source({ VAULT_ADDR: `http://127.0.0.1:${port}`, VAULT_TOKEN: 't-1', VAULT_NAMESPACE: 'team' })
  const value = async (reference: string) => (await credentials.resolve(reference)).reveal()
  assert.equal(await value('vault:secret/data/orders#password'), 'two')
  assert.equal(await value('vault:kv/orders#password'), 'one')
  assert.equal(await value('vault:database/creds/reader#password'), 'leased-1')
  assert.equal(await value('vault:database/creds/reader#password'), 'leased-1')
  assert.equal(asked[0], '/v1/secret/data/orders t-1 team')
  nowMs += 81_000
  assert.equal(await value('vault:database/creds/reader#password'), 'leased-2')
  await assert.rejects(value('vault:kv/orders#none'), /has no `none`/)
  await assert.rejects(value('vault:kv/../sys/seal#x'), /dotted part/)
  await assert.rejects(value('vault:elsewhere#password'), /cannot be reached/)
  await assert.rejects(value('vault:denied#x'), (error: unknown) => {
    assert.doesNotMatch(inspect(error), /canary-9/)
    return error instanceof CredentialError && /answered 403/.test(error.message)
  })
})
