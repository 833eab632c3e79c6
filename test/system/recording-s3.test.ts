// A real gateway that keeps its recordings in an object store: through errors, a kill and a lost spool; what the store
// holds at the end is fetched and verified by the command line.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type pg from 'pg'
import { readEntries } from '../../proxy/recording/index.ts'
import { postgresMissing } from '../support/postgres-server.ts'
import { type GatewayProcess, isEndOfRecord, RecordedGateways } from '../support/recorded-gateway.ts'
import { S3Server } from '../support/s3-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const run = promisify(execFile)
const missing = postgresMissing()
const made = missing === undefined ? await RecordedGateways.make() : undefined
const server = new S3Server()
after(async () => {
  server.close()
  await made?.close()
})

/** Statements that a client was told have ended, and those whose session ended while they waited for their answer. */
const ended = new Set<string>()
const cutShort = new Set<string>()

/** Writes one row after the other, as far as that goes, and tells how many. */
async function write(gateways: RecordedGateways, { port }: GatewayProcess, ids: readonly string[]): Promise<number> {
  const client = gateways.client(port)
  let done = 0
  try {
    await client.connect()
    for (const id of ids) {
      await writeOne(client, 'acted', id)
      done++
    }
  } catch {
    // refused: told by the number
  }
  await client.end().catch(() => undefined)
  return done
}

async function writeOne(client: pg.Client, table: string, id: string): Promise<void> {
  try {
    await client.query(`INSERT INTO ${table} VALUES ('${id}')`)
    ended.add(id)
  } catch (error) {
    // An error that is not the end of the session says that the statement was not forwarded.
    if (isEndOfRecord(error)) cutShort.add(id)
    throw error
  }
}

/** Waits until a statement waits for a lock. */
async function waitsForLock(direct: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await direct.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    if (rows.length > 0) return
    await pause(20)
  }
}

/** Waits until the spool holds no segment of a session that is over. */
async function shipped(spool: string): Promise<void> {
  while (existsSync(join(spool, 'sessions')) && readdirSync(join(spool, 'sessions')).length > 0) await pause(50)
}

const options = missing === undefined ? {} : { skip: missing }
test(
  'recordings go to the object store, wait while it is away, refuse when too much waits, and are whole',
  options,
  async () => {
    assert.ok(made !== undefined)
    const endpoint = await server.start()
    const direct = await made.direct()
    await direct.query('CREATE TABLE acted (text text)')
    for (const [name, value] of [
      ['access', server.credentials.accessKeyId],
      ['secret', server.credentials.secretAccessKey],
    ])
      writeFileSync(join(made.folder, name ?? ''), value ?? '', { mode: 0o600 })
    const store = `{ kind: s3, endpoint: "${endpoint}", bucket: kept, access_key: "file:access", secret_key: "file:secret", spool: spool, backlog: 60KiB, upload: 1s }`
    const recording = `  segment: 10KiB\n  store: ${store}`
    const spool = join(made.folder, 'spool')
    const ids = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}-${at}`)

    let gateway = await made.start(recording)
    assert.equal(await write(made, gateway, ids('a', 20)), 20)
    await shipped(spool)
    server.trouble = () => 'error'
    // A statement that runs while the store falls too far behind.
    await direct.query('CREATE TABLE late (text text)')
    const locking = await made.direct()
    await locking.query('BEGIN; LOCK TABLE late')
    const caught = made.client(gateway.port)
    await caught.connect()
    const answer = writeOne(caught, 'late', 'late-0')
    answer.catch(() => undefined)
    await waitsForLock(direct)
    const before = await write(made, gateway, ids('b', 2000))
    assert.ok(before > 5 && before < 2000, `${before} before it was refused`)
    assert.equal(await write(made, gateway, ids('refused', 1)), 0)
    await locking.query('COMMIT')
    await locking.end()
    await assert.rejects(answer, isEndOfRecord)
    await caught.end().catch(() => undefined)
    assert.equal(gateway.child.exitCode, null)
    server.trouble = () => undefined
    await shipped(spool)
    assert.equal(await write(made, gateway, ids('c', 5)), 5)

    gateway.child.kill('SIGKILL')
    await once(gateway.child, 'exit')
    gateway = await made.start(recording)
    assert.equal(await write(made, gateway, ids('d', 5)), 5)
    await shipped(spool)
    gateway.child.kill('SIGTERM')
    await once(gateway.child, 'exit')
    rmSync(spool, { recursive: true })
    gateway = await made.start(recording)
    assert.equal(await write(made, gateway, ids('e', 5)), 5)
    gateway.child.kill('SIGTERM')
    await once(gateway.child, 'exit')

    const config = join(made.folder, 'fetch.yaml')
    writeFileSync(config, made.configuration(recording))
    const folder = join(made.folder, 'fetched')
    await run(process.execPath, [bin, 'sessions', 'fetch', '--config', config, '--dir', folder])
    const key = join(made.folder, 'verify.pem')
    const { stdout } = await run(process.execPath, [bin, 'sessions', 'verify', '--dir', folder, '--key', key])
    assert.match(stdout, /: whole\n$/)
    const recorded = new Set<string>()
    for (const session of readdirSync(join(folder, 'sessions'))) {
      for (const { entry } of readEntries(folder, session, made.unwrapper))
        if (entry.kind === 'action') recorded.add(/'([a-z]+-\d+)'/.exec(entry.action.text)?.[1] ?? '')
    }
    const { rows } = await direct.query<{ text: string }>('SELECT text FROM acted UNION ALL SELECT text FROM late')
    await direct.end()
    const ran = new Set(rows.map(({ text }) => text))
    assert.equal(ended.size, 20 + before + 15)
    assert.deepEqual(
      [...ended].filter((id) => !ran.has(id)),
      [],
    )
    // What else ran is a statement whose answer could no more be recorded, and so was not shown: its session was ended.
    assert.ok(ran.has('late-0'))
    assert.deepEqual(
      [...ran].filter((id) => !ended.has(id) && !cutShort.has(id)),
      [],
    )
    assert.deepEqual(
      [...ran].filter((id) => !recorded.has(id)),
      [],
    )
  },
)
