// Holds with the real clients: psql, ssh and curl each wait, get the real result after an approval, and their own kind of
// error after a denial; a client that goes away ends its hold.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const missing = ['psql', 'ssh', 'curl'].find((client) => spawnSync('which', [client]).status !== 0)
const skip = missing === undefined ? false : `${missing} is not installed`
const folder = mkdtempSync(join(tmpdir(), 'holds-'))
const env: NodeJS.ProcessEnv = { ...process.env, SALLYPORT_DEMO: folder, NO_COLOR: '1' }
const lookMs = 100
const looksMax = 600

let demo: ChildProcess | undefined
let ports: { readonly [name: string]: number } = {}

/** Three things that are held beside what the demo holds by itself. */
const holding = `package policy.holding

hold contains {"rule": "holding.touch", "reason": "it changes the host", "reviewers": ["dba"], "quorum": 1, "expires": "15m"} if {
	input.resource.protocol == "ssh"
	some command in input.action.shell.commands
	command.name == "touch"
}

hold contains {"rule": "holding.post", "reason": "it changes a customer", "reviewers": ["dba"], "quorum": 1, "expires": "15m"} if {
	input.resource.protocol == "http"
	input.action.operation == "POST"
}
`

before(async () => {
  if (skip !== false) return
  demo = spawn(process.execPath, [bin, 'demo'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  const said = (text: string): Promise<void> =>
    new Promise((done) => {
      demo?.stdout?.on('data', (chunk: Buffer) => {
        out += chunk.toString()
        if (out.includes(text)) done()
      })
    })
  await said('Ctrl-C ends it.')
  ports = JSON.parse(readFileSync(join(folder, 'ports.json'), 'utf8'))
  env['SALLYPORT_ADMIN_URL'] = `http://127.0.0.1:${ports['admin']}`
  env['SALLYPORT_APPROVER'] = join(folder, 'approver', 'approver.json')
  out = ''
  const live = said('policy live')
  mkdirSync(join(folder, 'policy', 'holding'))
  const list = join(folder, 'policy', 'ssh_command_allow_list', 'policy.rego')
  writeFileSync(list, readFileSync(list, 'utf8').replace('"ls", ', '"ls", "touch", '))
  writeFileSync(join(folder, 'policy', 'holding', 'policy.rego'), holding)
  await live
})
after(async () => {
  if (demo === undefined) return
  demo.kill('SIGINT')
  await once(demo, 'exit')
})

interface Ended {
  readonly code: number | null
  readonly out: string
}

const token = (): string => readFileSync(join(folder, 'token'), 'utf8')
const clients: {
  readonly [name: string]: { readonly start: () => ChildProcess; readonly done: RegExp; readonly refused: RegExp }
} = {
  psql: {
    start: () =>
      spawn(
        'psql',
        [
          '-h',
          '127.0.0.1',
          '-p',
          String(ports['postgres']),
          '-U',
          'agent',
          '-Atc',
          `CREATE TABLE held_${Date.now()} (id int)`,
          'shop',
        ],
        { env: { ...env, PGPASSWORD: token() }, stdio: 'pipe' },
      ),
    done: /CREATE TABLE/,
    refused: /ERROR: .*not today/,
  },
  ssh: {
    start: () =>
      spawn('ssh', ['-F', join(folder, 'ssh_config'), 'files', 'touch made; ls made'], {
        env: { ...env, SSH_ASKPASS: join(folder, 'askpass'), SSH_ASKPASS_REQUIRE: 'force' },
        stdio: 'pipe',
      }),
    done: /^made$/m,
    refused: /sallyport: .*not today/,
  },
  curl: {
    start: () =>
      spawn(
        'curl',
        ['-s', '-X', 'POST', '-H', `Authorization: Bearer ${token()}`, `http://127.0.0.1:${ports['http']}/customers/2`],
        { env, stdio: 'pipe' },
      ),
    done: /"id":2,"name":"customer 2"/,
    refused: /"status":403.*|.*not today/,
  },
}

function ended(child: ChildProcess): Promise<Ended> {
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
  child.stdin?.end()
  return once(child, 'close').then(([code]) => ({ code, out }))
}

function approvals(...args: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [bin, 'approvals', ...args], { env, encoding: 'utf8' })
  return stdout + stderr
}

const holds = (): readonly string[] => [...approvals('list').matchAll(/^([0-9a-f-]{36}) /gm)].map(([, id = '']) => id)

/** The id of the hold that appears. */
async function nextHold(): Promise<string> {
  for (let look = 0; look < looksMax; look++) {
    const [id] = holds()
    if (id !== undefined) return id
    await wait(lookMs)
  }
  return assert.fail('nothing is held')
}

for (const [name, { start, done, refused }] of Object.entries(clients)) {
  test(`${name} waits, and gets the real result after an approval`, { skip }, async () => {
    const over = ended(start())
    const id = await nextHold()
    assert.match(approvals('approve', id), /approved/)
    const { code, out } = await over
    assert.match(out, done)
    assert.equal(code, 0, out)
  })

  test(`${name} is refused in its own way after a denial`, { skip }, async () => {
    const over = ended(start())
    const id = await nextHold()
    assert.match(approvals('deny', id, '--reason', 'not today'), /denied/)
    const { code, out } = await over
    assert.match(out, refused)
    if (name !== 'curl') assert.notEqual(code, 0)
    assert.doesNotMatch(out, done)
  })

  test(`${name} goes away, and nothing is held any more`, { skip }, async () => {
    const child = start()
    const over = ended(child)
    const id = await nextHold()
    child.kill('SIGKILL')
    await over
    for (let look = 0; holds().includes(id); look++) {
      assert.ok(look < looksMax, 'the hold outlives its client')
      await wait(lookMs)
    }
    assert.match(approvals('approve', id), /not open any more/)
  })
}

test('a grant lets the like go without asking, as often as it says, until it is taken back', { skip }, async () => {
  const { start, done } = clients['curl'] ?? assert.fail('no curl')
  const first = ended(start())
  const answered = approvals('approve', await nextHold(), '--grant', '--minutes', '5', '--actions', '2')
  const [, id = ''] = /^grant ([0-9a-f-]{36}): .*2 actions/.exec(answered) ?? []
  assert.match(answered, /^ {2}http: POST /m)
  assert.match((await first).out, done)
  assert.match(approvals('grants'), new RegExp(`^${id} .*1 of 2 left`, 'm'))
  assert.match((await ended(start())).out, done)
  assert.match(approvals('grants'), /0 of 2 left/)
  const third = ended(start())
  approvals('deny', await nextHold(), '--reason', 'not today')
  assert.match((await third).out, /not today/)
  assert.match(approvals('revoke', id), /revoked/)
  assert.match(approvals('grants'), /nothing is granted/)
  assert.match(approvals('revoke', id), /not found/)
})

test('every answer that was recorded is proved offline, by the public keys alone', { skip }, () => {
  const out = approvals('verify', '--config', join(folder, 'sallyport.yaml'))
  assert.doesNotMatch(out, /NOT PROVED/)
  assert.ok([...out.matchAll(/ approved by person-1 /g)].length >= 4, out)
  assert.ok([...out.matchAll(/ denied by person-1 /g)].length >= 3, out)
})
