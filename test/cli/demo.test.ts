// The first ten minutes: the demo starts from the command line, does what it prints, and leaves recordings that verify.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { postgresMissing } from '../support/postgres-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const skip = postgresMissing() ?? false

/** Waits until the demo has printed a text. */
function printed(demo: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = ''
    demo.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes(text)) resolve(out)
    })
    demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${out}`)))
  })
}

/** A held statement waits, is shown, and gets its result or its refusal; nobody approves twice. */
async function approvals(env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  const cli = (...args: string[]) =>
    spawnSync('/bin/sh', ['-c', '. "$0"; exec sallyport approvals "$@"', join(folder, 'env'), ...args], {
      env,
      encoding: 'utf8',
    })
  const held = async (statement: string) => {
    const client = spawn(process.execPath, [bin, 'demo', 'sql', statement], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    client.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    const over = once(client, 'close').then(([code]) => ({ code, out }))
    let id = ''
    for (let look = 0; id === '' && look < 200; look++) id = /^([0-9a-f-]{36}) /m.exec(cli('list').stdout)?.[1] ?? ''
    assert.notEqual(id, '', 'nothing is held')
    return { id, over }
  }
  const first = await held('CREATE TABLE notes (id int)')
  const shown = cli('show', first.id).stdout
  assert.match(shown, /who +agent-1 \(agent/)
  assert.match(shown, /define public\.notes/)
  assert.match(shown, /needs +1 of dba/)
  assert.equal(cli('approve', first.id).stdout, 'approved\n')
  const made = await first.over
  assert.match(made.out, /CREATE/)
  assert.equal(made.code, 0)
  const again = cli('approve', first.id)
  assert.match(again.stderr, /not open any more/)
  assert.equal(again.status, 2)
  const second = await held('DROP TABLE orders')
  assert.equal(cli('deny', second.id, '--reason', 'keep it').stdout, 'denied\n')
  const kept = await second.over
  assert.match(kept.out, /42501: .*keep it/)
  assert.equal(kept.code, 2)
}

test('the demo does what it says', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-'))
  const env = { ...process.env, SALLYPORT_DEMO: folder, NODE_ENV: 'test', NO_COLOR: '1' }
  const demo = spawn(process.execPath, [bin, 'demo'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const started = await printed(demo, 'Ctrl-C ends it.')
  assert.match(started, /policy live/)
  assert.match(started, /The gateway is up after \d/)
  const sql = (statement: string) => {
    const { status, stdout } = spawnSync(process.execPath, [bin, 'demo', 'sql', statement], { env, encoding: 'utf8' })
    return { status, stdout }
  }
  const tour: readonly [string, number, RegExp][] = [
    ['SELECT name, email FROM customers WHERE id = 1', 0, /"email":"c\*{8}@example\.org"/],
    ['SELECT number FROM cards LIMIT 1', 0, /"number":"\*{12}\d{4}"/],
    ["SELECT id FROM cards WHERE number LIKE '4%'", 2, /42501: refused by policy: the masked column number decides/],
    ['SELECT lower(number) FROM cards LIMIT 1', 0, /"lower":"\*{12}\d{4}"/],
    ['DELETE FROM orders', 2, /42501: DELETE without WHERE[\s\S]*rule no_unbounded_write\.where, decision /],
    ['DELETE FROM orders WHERE id = 7', 0, /DELETE 1/],
    ["DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$", 2, /complete_only\.incomplete/],
    ["SELECT pg_read_file('/etc/passwd')", 2, /no_host_reaching_sql\.function/],
    ['SELECT count(*)::int AS n FROM orders', 0, /"n":499/],
    ['SELEC 1', 2, /42601/],
  ]
  for (const [statement, status, wanted] of tour) {
    const got = sql(statement)
    assert.match(got.stdout, wanted, statement)
    assert.equal(got.status, status, statement)
  }
  const other = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'demo', ...args], { env, encoding: 'utf8' })
    return { status, out: stdout + stderr }
  }
  assert.match(other('ssh', 'cat app.log').out, /placed by c\*{9}@example\.org/)
  assert.deepEqual(other('ssh', 'rm app.log').status, 126)
  assert.match(other('http', 'GET', '/customers/1').out, /^HTTP 200 OK\n.*"email":"c\*{8}@example\.org"/)
  assert.match(other('http', 'DELETE', '/customers/1').out, /^HTTP 403 [\s\S]*demo\.delete/)
  await approvals(env, folder)
  const live = printed(demo, 'policy live')
  const own = join(folder, 'policy', 'demo', 'policy.rego')
  writeFileSync(
    own,
    `${readFileSync(own, 'utf8')}\ndeny contains {"rule": "demo.edited", "message": "edited"} if input.action.verb == "read"\n`,
  )
  await live
  assert.match(sql('SELECT 1').stdout, /demo\.edited/)
  const second = other()
  assert.match(second.out, new RegExp(`a demo runs over ${folder} already, process ${demo.pid}`))
  assert.equal(second.status, 1)
  demo.kill('SIGINT')
  const [code] = await once(demo, 'exit')
  assert.equal(code, 0)
  assert.match(other('sql', 'SELECT 1').out, /no demo is running/)
  const byConfiguration = spawnSync(process.execPath, [bin, 'sessions', 'verify'], {
    env: { ...env, SALLYPORT_CONFIG: join(folder, 'sallyport.yaml') },
    encoding: 'utf8',
  })
  assert.match(byConfiguration.stdout, /: whole\n$/)
  const sessions = (...args: string[]) =>
    spawnSync(process.execPath, [bin, 'sessions', ...args, '--dir', join(folder, 'recordings')], { encoding: 'utf8' })
  const verified = sessions('verify', '--key', join(folder, 'keys', 'recording-verify.pem'))
  assert.match(verified.stdout, /^\d+ sessions, \d+ entries, \d+ bytes: whole\n$/)
  assert.equal(verified.status, 0)
  const listed = sessions('list', '--open-key', join(folder, 'keys', 'recording-wrap.key')).stdout
  assert.match(listed, /agent-1 on shop {2}2 actions, 1 refused/)
  const [, first = ''] = /^(\S+) {2}agent-1 on shop/m.exec(listed) ?? []
  const shown = sessions('show', first, '--open-key', join(folder, 'keys', 'recording-wrap.key')).stdout
  assert.match(shown, /opened {3}agent-1 on shop/)
  assert.equal(sessions('show', first).status, 1, 'sealed recordings need their key')
})
