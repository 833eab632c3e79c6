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
    ['DROP TABLE orders', 2, /42501: .*approval/],
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
  const live = printed(demo, 'policy live')
  const own = join(folder, 'policy', 'demo', 'policy.rego')
  writeFileSync(
    own,
    `${readFileSync(own, 'utf8')}\ndeny contains {"rule": "demo.edited", "message": "edited"} if input.action.verb == "read"\n`,
  )
  await live
  assert.match(sql('SELECT 1').stdout, /demo\.edited/)
  demo.kill('SIGINT')
  const [code] = await once(demo, 'exit')
  assert.equal(code, 0)
  const sessions = (...args: string[]) =>
    spawnSync(process.execPath, [bin, 'sessions', ...args, '--dir', join(folder, 'recordings')], { encoding: 'utf8' })
  const verified = sessions('verify', '--key', join(folder, 'keys', 'recording-verify.pem'))
  assert.match(verified.stdout, /^12 sessions, \d+ entries, \d+ bytes: whole\n$/)
  assert.equal(verified.status, 0)
  const listed = sessions('list', '--open-key', join(folder, 'keys', 'recording-wrap.key')).stdout
  assert.match(listed, /agent-1 on shop {2}2 actions, 1 refused/)
  const [first = ''] = listed.split(' ')
  const shown = sessions('show', first, '--open-key', join(folder, 'keys', 'recording-wrap.key')).stdout
  assert.match(shown, /opened {3}agent-1 on shop/)
  assert.equal(sessions('show', first).status, 1, 'sealed recordings need their key')
})
