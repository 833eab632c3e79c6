// The first ten minutes of a newcomer: a copied tree, an empty home, `npm ci` and `npm start`, then every line that was
// printed, with the real psql, ssh and curl; killed and started again, nothing is lost.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const outer = mkdtempSync(join(tmpdir(), 'ten-minutes-'))
const tree = join(outer, 'sallyport')
const home = join(outer, 'home')
const env = { PATH: process.env['PATH'], HOME: home, NO_COLOR: '1', npm_config_update_notifier: 'false' }
const startMsMax = 10_000

const missing = ['psql', 'ssh', 'curl'].find((client) => spawnSync('which', [client]).status !== 0)
const skip = missing === undefined ? false : `${missing} is not installed`

const running = new Set<ChildProcess>()
after(() => {
  for (const child of running) {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL')
  }
})

/** Copies what the repository holds, as a clone would. */
function copyTree(): void {
  mkdirSync(home)
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  for (const file of files.filter((one) => one !== '')) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    cpSync(join(root, file), join(tree, file))
  }
}

/** Starts the demo with `npm start` and gives what it printed. */
async function start(): Promise<{ readonly child: ChildProcess; readonly guide: string; readonly tookMs: number }> {
  const startedMs = Date.now()
  const child = spawn('npm', ['start'], { cwd: tree, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  let guide = ''
  for await (const chunk of child.stdout ?? []) {
    guide += String(chunk)
    if (guide.includes('Ctrl-C ends it.')) break
  }
  assert.ok(guide.includes('Ctrl-C ends it.'), guide)
  return { child, guide, tookMs: Date.now() - startedMs }
}

interface Ran {
  readonly status: number | null
  readonly out: string
}

/** Runs one line of the guide, as a person would paste it. */
function paste(line: string, more: NodeJS.ProcessEnv = {}): Ran {
  const path = `${join(tree, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], {
    cwd: tree,
    env: { ...env, PATH: path, ...more },
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, out: stdout + stderr }
}

/** The line of the guide that begins with a word. */
function lineOf(guide: string, begin: string, nth = 0): string {
  const found = guide.split('\n').filter((line) => line.trim().startsWith(begin))[nth]
  assert.ok(found !== undefined, `the guide has no line ${begin}`)
  return found.trim()
}

test('two commands, and the whole tour', { skip }, async (t) => {
  copyTree()
  const installMs = Date.now()
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: tree, env, encoding: 'utf8' })
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(install.stderr)) {
    t.skip('the npm registry cannot be reached')
    return
  }
  assert.equal(install.status, 0, install.stderr)
  const installed = Date.now() - installMs
  const built = await start()
  process.kill(-(built.child.pid ?? 0), 'SIGINT')
  await once(built.child, 'exit')
  const { child, guide, tookMs } = await start()
  t.diagnostic(`npm ci ${installed} ms; npm start ${built.tookMs} ms with the build, ${tookMs} ms after it`)
  assert.ok(tookMs < startMsMax, `npm start took ${tookMs} ms`)

  const psql = lineOf(guide, 'PGPASSWORD=')
  const sql = (statement: string): Ran => paste(`${psql} -v ON_ERROR_STOP=1 -Atc "${statement.replaceAll('$', '\\$')}"`)
  const statements: readonly (readonly [string, number, RegExp])[] = [
    ['SELECT * FROM customers LIMIT 3', 0, /1\|customer 1\|c\*{8}@example\.org/],
    ['SELECT number FROM cards LIMIT 3', 0, /^\*{12}\d{4}$/m],
    ["SELECT id FROM cards WHERE number LIKE '4%'", 1, /the masked column number decides/],
    ['DELETE FROM orders', 1, /DELETE without WHERE/],
    ['DELETE FROM orders WHERE id = 7', 0, /DELETE 1/],
    ["DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$", 1, /complete_only/],
  ]
  for (const [statement, status, wanted] of statements) {
    assert.ok(guide.includes(statement), `the guide does not name ${statement}`)
    const ran = sql(statement)
    assert.match(ran.out, wanted, statement)
    assert.equal(ran.status, status, statement)
  }

  const [, askpass = ''] = /SSH_ASKPASS=(\S+)/.exec(guide) ?? []
  const ssh = (nth: number): Ran => {
    const line = lineOf(guide, 'ssh -F', nth).replace(/' {2,}.*$/, "'")
    return paste(line, { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' })
  }
  assert.match(ssh(0).out, /app\.log/)
  assert.match(ssh(1).out, /placed by c\*{9}@example\.org\n.*paid with \*{15}1111/)
  assert.deepEqual([ssh(2).status, ssh(3).status], [126, 126])
  assert.match(ssh(2).out, /the command "rm" is not on the list/)
  assert.match(ssh(3).out, /cannot be fully understood/)

  const curl = (nth: number): Ran => paste(lineOf(guide, 'curl', nth).replace(/ {2,}(?:e-mail|refused).*$/, ''))
  assert.match(curl(0).out, /"email":"c\*{8}@example\.org"/)
  assert.match(curl(1).out, /"rule":"demo\.delete"/)

  const cli = (line: string): Ran => paste(line.replace(/^sallyport/, 'npm run -s sallyport --'))
  const dropping = spawn('/bin/sh', ['-c', `${psql} -Atc 'DROP TABLE orders'`], { cwd: tree, env, stdio: 'pipe' })
  const approver = lineOf(guide, 'export SALLYPORT_ADMIN_URL')
  const approvals = (words: string): Ran => paste(`${approver}; npm run -s sallyport -- approvals ${words}`)
  let id: string | undefined
  for (let look = 0; id === undefined && look < 40; look++) id = /^([0-9a-f-]{36}) /m.exec(approvals('list').out)?.[1]
  assert.ok(id !== undefined, 'nothing is held')
  assert.match(approvals(`approve ${id}`).out, /approved/)
  assert.deepEqual(await once(dropping, 'exit'), [0, null])

  const pid = child.pid ?? 0
  process.kill(-pid, 'SIGKILL')
  await once(child, 'exit')
  const again = await start()
  assert.match(cli(lineOf(again.guide, 'sallyport sessions verify')).out, /sessions, \d+ entries/)
  assert.match(cli(lineOf(again.guide, 'sallyport sessions list')).out, /agent-1 on shop/)
  assert.match(paste(`${lineOf(again.guide, 'PGPASSWORD=')} -Atc 'SELECT count(*) FROM customers'`).out, /^50$/m)
  process.kill(-(again.child.pid ?? 0), 'SIGINT')
  await once(again.child, 'exit')
})
