// A real gateway and psql on a file system that fills, and on a folder that vanishes: nothing reaches the database
// unrecorded, the process lives, and service returns with the disk.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listSessions, readEntries, verifyRecordings } from '../../proxy/recording/index.ts'
import { postgresMissing } from '../support/postgres-server.ts'
import { type GatewayProcess, isEndOfRecord, RecordedGateways } from '../support/recorded-gateway.ts'

const missing = spawnSync('psql', ['--version']).status === 0 ? postgresMissing() : 'psql is not installed'
const gateways = missing === undefined ? await RecordedGateways.make() : undefined
const small = join(gateways?.folder ?? '/nonexistent', 'small')
const mounted = gateways !== undefined && mount()
after(async () => {
  if (mounted) spawnSync('umount', ['-l', small])
  await gateways?.close()
})

function mount(): boolean {
  mkdirSync(small)
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', small]).status === 0
}

/** What psql says to a statement in a connection of its own. */
function psql(made: RecordedGateways, { port }: GatewayProcess, statement: string): { ok: boolean; said: string } {
  const { status, stdout, stderr } = spawnSync(
    'psql',
    [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'agent',
      '-d',
      'db',
      '-X',
      '-v',
      'ON_ERROR_STOP=1',
      '-Atc',
      statement,
    ],
    { env: { ...process.env, PGPASSWORD: made.password }, encoding: 'utf8', timeout: 60_000 },
  )
  return { ok: status === 0, said: stdout + stderr }
}

function recordedTexts(made: RecordedGateways, folder: string): ReadonlySet<string> {
  const texts = new Set<string>()
  for (const session of listSessions(folder)) {
    for (const { entry } of readEntries(folder, session, made.unwrapper))
      if (entry.kind === 'action') texts.add(/'(i-\d+)'/.exec(entry.action.text)?.[1] ?? '')
  }
  return texts
}

async function rowsOf(made: RecordedGateways): Promise<readonly string[]> {
  const direct = await made.direct()
  const { rows } = await direct.query<{ text: string }>('SELECT text FROM acted ORDER BY text')
  await direct.end()
  return rows.map(({ text }) => text)
}

async function emptyTable(made: RecordedGateways): Promise<void> {
  const direct = await made.direct()
  await direct.query('DROP TABLE IF EXISTS acted; CREATE TABLE acted (text text)')
  await direct.end()
}

async function isLive({ child, admin }: GatewayProcess): Promise<boolean> {
  const { status } = await fetch(`http://127.0.0.1:${admin}/healthz`)
  return child.exitCode === null && status === 200
}

/** Bytes that the small file system has left. */
function freeBytes(): number {
  const { bavail, bsize } = statfsSync(small)
  return bavail * bsize
}

/** Writes until there is no room left. */
function fill(path: string): void {
  const fd = openSync(path, 'w')
  try {
    for (let size = 64 * 1024; size > 0; ) {
      try {
        writeSync(fd, Buffer.alloc(size))
      } catch {
        size = Math.floor(size / 2)
      }
    }
  } finally {
    closeSync(fd)
  }
}

for (const sync of ['each', 'group'] as const) {
  const why = missing ?? (mounted ? undefined : 'a file system cannot be mounted here')
  const options = why === undefined ? {} : { skip: why }
  test(
    `at ${sync}, a file system that fills refuses, harms nothing, and serves when there is room`,
    options,
    async () => {
      assert.ok(gateways !== undefined)
      await emptyTable(gateways)
      const folder = join(small, sync)
      const gateway = await gateways.start(`  sync: ${sync}\n  store: { kind: folder, path: small/${sync} }`)
      const insert = (id: number): boolean => psql(gateways, gateway, `INSERT INTO acted VALUES ('i-${id}')`).ok
      const open = gateways.client(gateway.port)
      await open.connect()
      assert.equal(insert(1), true)
      await open.query(`INSERT INTO acted VALUES ('i-2')`)
      const filler = join(small, 'filler')
      fill(filler)
      // What is left of the last pages may take a few more; then it must refuse.
      const accepted = ['i-1', 'i-2']
      const cutShort: string[] = []
      let refused = 0
      for (let id = 3; id < 200 && refused < 3; id++) {
        try {
          await open.query(`INSERT INTO acted VALUES ('i-${id}')`)
          accepted.push(`i-${id}`)
        } catch (error) {
          refused++
          if (isEndOfRecord(error)) cutShort.push(`i-${id}`)
        }
      }
      assert.equal(refused, 3)
      assert.equal(insert(500), false)
      assert.equal(await isLive(gateway), true)
      // What could be recorded itself, but not what it was answered, has run, and its client was told that this is the end.
      const ran = await rowsOf(gateways)
      assert.ok(cutShort.length <= 1)
      assert.deepEqual(
        ran.filter((text) => !cutShort.includes(text)),
        accepted.sort(),
      )
      unlinkSync(filler)
      assert.equal(insert(600), true)
      await open.end().catch(() => undefined)
      const recorded = recordedTexts(gateways, folder)
      assert.deepEqual(
        (await rowsOf(gateways)).filter((text) => !recorded.has(text)),
        [],
      )
      gateway.child.kill('SIGTERM')
      await new Promise((done) => gateway.child.once('exit', done))
      const { findings } = verifyRecordings(folder, gateways.checker)
      assert.deepEqual(findings, [])
    },
  )
}

test(
  'at group, sessions side by side leave a small disk to their records',
  missing === undefined && mounted ? {} : { skip: missing ?? 'a file system cannot be mounted here' },
  async () => {
    assert.ok(gateways !== undefined)
    await emptyTable(gateways)
    const gateway = await gateways.start('  sync: group\n  store: { kind: folder, path: small/beside }')
    const clients = await Promise.all(
      [1, 2, 3, 4].map(async (number) => {
        const client = gateways.client(gateway.port)
        await client.connect()
        return { client, number }
      }),
    )
    const before = freeBytes()
    for (let round = 0; round < 100; round++)
      await Promise.all(
        clients.map(({ client, number }) => client.query(`INSERT INTO acted VALUES ('i-${number}${round}')`)),
      )
    assert.equal((await rowsOf(gateways)).length, 400)
    assert.ok(before - freeBytes() < 1024 * 1024, `${before - freeBytes()} bytes`)
    for (const { client } of clients) await client.end()
    gateway.child.kill('SIGTERM')
    await new Promise((done) => gateway.child.once('exit', done))
  },
)

const vanishing = missing === undefined ? {} : { skip: missing }
test(
  'a folder that vanishes: no statement passes unrecorded, and service returns with the folder',
  vanishing,
  async () => {
    assert.ok(gateways !== undefined)
    await emptyTable(gateways)
    const folder = join(gateways.folder, 'gone')
    const gateway = await gateways.start('  sync: group\n  store: { kind: folder, path: gone }')
    const insert = (id: number): boolean => psql(gateways, gateway, `INSERT INTO acted VALUES ('i-${id}')`).ok
    assert.equal(insert(1), true)
    renameSync(folder, `${folder}-kept`)
    writeFileSync(folder, 'something else has its place')
    assert.equal(insert(2), false)
    assert.equal(await isLive(gateway), true)
    rmSync(folder)
    renameSync(`${folder}-kept`, folder)
    assert.equal(insert(3), true)
    // It goes at once: of what is emptied file by file the gateway, which ends the session before, makes anew what is gone.
    renameSync(folder, `${folder}-removed`)
    rmSync(`${folder}-removed`, { recursive: true })
    assert.equal(insert(4), true)
    assert.deepEqual(await rowsOf(gateways), ['i-1', 'i-3', 'i-4'])
    assert.equal(recordedTexts(gateways, folder).has('i-4'), true)
    assert.equal(await isLive(gateway), true)
  },
)
