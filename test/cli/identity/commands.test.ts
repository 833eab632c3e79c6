// The commands as a person starts them: the development issuer, a login at it, and the token that it gives.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'sallyport-home-'))
const env = { PATH: process.env['PATH'], SALLYPORT_HOME: home }
const running: ChildProcess[] = []
after(() => {
  for (const one of running) one.kill()
  rmSync(home, { recursive: true })
})
const sallyport = (args: readonly string[], more: { readonly [name: string]: string } = {}, input = '') =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: { ...env, ...more }, input })

test('what is inside a token acts on no terminal, and is the same JSON', () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { sub: 'a\u009b31m\u202eb\u007f\u001b[2J \u00e9 \ud83d\ude00', list: ['x\ny'] }
  const { stdout } = sallyport(['token', 'inspect', '-'], {}, `${part({ alg: 'ES256' })}.${part(claims)}.AAAA`)
  const shown: { claims: object } = JSON.parse(stdout)
  assert.deepEqual(shown.claims, claims)
  assert.ok([...stdout].every((one) => one === '\n' || one >= ' '))
  for (const one of ['\u009b', '\u202e', '\u007f']) assert.ok(!stdout.includes(one), JSON.stringify(one))
})

test('the development issuer is refused in production and on an address that others reach', () => {
  const production = sallyport(['dev-issuer', '--listen', '127.0.0.1:0'], { NODE_ENV: 'production' })
  assert.equal(production.status, 1)
  assert.match(production.stderr, /does not run in production/)
  for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'gateway.example:0']) {
    const open = sallyport(['dev-issuer', '--listen', listen])
    assert.equal(open.status, 1)
    assert.match(open.stderr, /loopback/)
  }
})

test('dev-issuer, login, token: from nothing to a token in three commands', async () => {
  const issuer = spawn(process.execPath, [bin, 'dev-issuer', '--listen', '127.0.0.1:0', '--client', 'job,kind=ci'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(issuer)
  let text = ''
  for await (const chunk of issuer.stdout) {
    text += String(chunk)
    if (text.includes('log in:')) break
  }
  assert.match(text, /^FOR DEVELOPMENT ONLY/)
  const [, url = ''] = /issuer {4}(\S+)/.exec(text) ?? []
  const [, secret = ''] = /secret (\S+)/.exec(text) ?? []
  const login = ['login', '--issuer', url, '--client-id', 'job', '--client-secret', 'env:JOB_SECRET', '--name', 'job']
  const logged = sallyport(login, { JOB_SECRET: secret })
  assert.equal(logged.status, 0, logged.stderr)
  assert.equal(logged.stdout, '')
  const token = sallyport(['token', '--token', 'login:job'])
  assert.match(token.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  const shown: { claims: { sub: string; kind: string } } = JSON.parse(
    sallyport(['token', 'inspect', '-'], {}, token.stdout).stdout,
  )
  assert.deepEqual([shown.claims.sub, shown.claims.kind], ['job', 'ci'])
  assert.equal(sallyport(['token', 'list']).stdout, 'job\n')
  assert.match(sallyport(['kube-credential', '--token', 'login:job']).stdout, /"kind":"ExecCredential"/)
  assert.equal(sallyport(['token', 'forget', 'job']).status, 0)
  assert.equal(sallyport(['token', 'forget', 'job']).status, 1)
  const none = sallyport(['token'])
  assert.deepEqual([none.status, none.stdout], [1, ''])
  assert.match(none.stderr, /sallyport login/)
  issuer.kill('SIGTERM')
  const [code] = await once(issuer, 'exit')
  assert.equal(code, 0)
})
