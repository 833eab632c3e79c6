// What the analyzer says of writes against what the server wrote, read from its own log: every statement of the server's
// regression tests is judged by a gateway on its way, and no statement that was called complete may have written a relation
// that it did not name. SALLYPORT_PG_SOURCE names the unpacked source of the server's version.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { databaseTarget } from '../../cli/serve/databases.ts'
import type { ActionDocument, SqlStatement } from '../../engine/action/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenPostgres, type RunningListener } from '../../proxy/postgres/index.ts'
import { encodeStartup, FrameReader } from '../../proxy/postgres/wire/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { type DebianPostgres, debianPostgresMissing, startDebianPostgres } from '../support/debian-postgres.ts'
import { gateParts, results } from '../support/gate.ts'

const source = process.env['SALLYPORT_PG_SOURCE']
const regress = join(source ?? '', 'src/test/regress')
const skip =
  source === undefined
    ? 'SALLYPORT_PG_SOURCE does not name the source of PostgreSQL'
    : (debianPostgresMissing() ?? false)

/** Tests whose statements cannot be played again one by one. */
const leftOut: ReadonlySet<string> = new Set(['largeobject'])

const servers: DebianPostgres[] = []
let listener: RunningListener | undefined
/** What was judged since the last look. */
let judged: SqlStatement[] = []

before(async () => {
  if (skip !== false) return
  for (let count = 0; count < 2; count++) {
    const one = await startDebianPostgres({ wal_level: 'logical', max_prepared_transactions: '2' })
    servers.push(one)
    const made = spawnSync(
      'psql',
      ['-Xqc', "CREATE DATABASE regression TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"],
      {
        env: one.env,
        encoding: 'utf8',
      },
    )
    assert.equal(made.status, 0, made.stderr)
  }
  const [, behind] = servers
  assert.ok(behind !== undefined)
  const { host, port, user, password } = behind
  process.env['SALLYPORT_TEST_PG_PASSWORD'] = password
  const target = databaseTarget(
    {
      name: 'regression',
      protocol: 'postgres',
      labels: {},
      recording: { wire: false },
      masking: {},
      upstream: {
        host,
        port,
        user,
        database: 'regression',
        credential: 'env:SALLYPORT_TEST_PG_PASSWORD',
        connectMs: 5000,
        catalogRefreshMs: 0,
        tls: { mode: 'disable' },
      },
    } as never,
    // A catalog that is read while a table goes away fails, and is read again.
    (error) => process.stderr.write(`${String(error)}\n`),
  )
  const parts = gateParts({ clock: systemClock })
  parts.live.answer = (input) => {
    const { action } = input as ActionDocument
    judged.push(...(action.sql?.statements ?? []))
    return results.allow
  }
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  const { identity } = sampleDocument()
  listener = await listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    cleartext: true,
    gate: createGate(parts),
    authenticator: {
      authenticate: () =>
        Promise.resolve({ ok: true, identity: { ...identity, token: { ...identity.token, expires_at } } }),
    },
    target: () => target,
    hashKey: Buffer.from('key'),
    connectionsMax: 10,
    handshakeMs: 5000,
    messageBytesMax: 64 * 1024 * 1024,
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  })
})

after(async () => {
  await listener?.close()
  for (const one of servers) await one.stop()
})

/** One message, with bytes of its own. */
interface Message {
  readonly type: number
  readonly frame: Buffer
  readonly body: Buffer
}

function messagesIn(reader: FrameReader, chunk: Buffer): readonly Message[] {
  return reader
    .push(Buffer.from(chunk))
    .map(({ type, frame, body }) => ({ type, frame: Buffer.from(frame), body: Buffer.from(body) }))
}

/** The messages of each connection that a test opens, noted between psql and the server. */
async function messagesOf(name: string, server: DebianPostgres): Promise<readonly (readonly Message[])[]> {
  const connections: Message[][] = []
  const between: Server = createServer((client) => {
    const frames: Message[] = []
    connections.push(frames)
    const upstream = connect(server.port, server.host)
    let greeted = false
    const reader = new FrameReader(1 << 28)
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk)
      // The first message has no type; the rest of what comes with it never does here.
      if (greeted) frames.push(...messagesIn(reader, chunk))
      greeted = true
    })
    upstream.pipe(client)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
  })
  between.listen(0, '127.0.0.1')
  await once(between, 'listening')
  const address = between.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const scratch = mkdtempSync(join(tmpdir(), 'differential-'))
  const child = spawn('psql', ['-X', '-q', '-v', 'HIDE_TABLEAM=on', '-f', join(regress, 'sql', `${name}.sql`)], {
    env: {
      ...server.env,
      PGPORT: String(port),
      PGDATABASE: 'regression',
      PG_ABS_SRCDIR: regress,
      PG_ABS_BUILDDIR: scratch,
      PG_LIBDIR: regress,
      PG_DLSUFFIX: '.so',
    },
    stdio: 'ignore',
  })
  await once(child, 'exit')
  between.close()
  return connections
}

/** A session through the gateway that plays messages and tells the state of the transaction after each. */
class Player {
  readonly #socket: Socket
  readonly #reader = new FrameReader(1 << 28)
  #frames: Message[] = []
  #wake: () => void = () => undefined
  #closed = false

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', (chunk: Buffer) => {
      this.#frames.push(...messagesIn(this.#reader, chunk))
      this.#wake()
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  async start(): Promise<void> {
    this.#socket.write(
      encodeStartup(
        new Map([
          ['user', 'agent'],
          ['database', 'regression'],
        ]),
      ),
    )
    await this.until('R')
    const password = Buffer.from('any\0')
    const head = Buffer.alloc(5)
    head.write('p')
    head.writeInt32BE(password.length + 4, 1)
    this.#socket.write(Buffer.concat([head, password]))
    await this.until('Z')
  }

  send(frame: Message): void {
    this.#socket.write(frame.frame)
  }

  /** The next message of one of the types; undefined when the session ended. */
  async until(...types: readonly string[]): Promise<Message | undefined> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame === undefined) {
        if (this.#closed) return undefined
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else if (types.includes(String.fromCharCode(frame.type))) return frame
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** The relations of a transaction's lines, as test_decoding writes them. */
function writtenBy(lines: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const line of lines) {
    const match = /^table (.+?): (?:INSERT|UPDATE|DELETE|TRUNCATE):/.exec(line)
    for (const name of match?.[1]?.split(', ') ?? []) found.add(name.replaceAll('"', ''))
  }
  return found
}

const dml: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'merge', 'values', 'table'])

test('no complete statement wrote what it did not name', { skip, timeout: 1_800_000 }, async (t) => {
  assert.ok(listener !== undefined)
  const [plain, behind] = servers
  assert.ok(plain !== undefined && behind !== undefined)
  const log = new pg.Client({
    host: behind.host,
    port: behind.port,
    user: behind.user,
    password: behind.password,
    database: 'regression',
  })
  await log.connect()
  await log.query("select pg_create_logical_replication_slot('watch', 'test_decoding')")
  const names = readFileSync(join(regress, 'parallel_schedule'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('test:'))
    .flatMap((line) => line.slice('test:'.length).trim().split(/\s+/))
    .filter((name) => !leftOut.has(name))
  const only = process.env['SALLYPORT_PG_TESTS']?.split(',')
  const misses: string[] = []
  const counted = { statements: 0, queries: 0, complete: 0, windows: 0, written: 0 }
  const reasons = new Map<string, number>()
  for (const name of names.filter((one) => only === undefined || only.includes(one))) {
    for (const frames of await messagesOf(name, plain)) {
      const player = new Player(listener.port)
      await player.start()
      let window: SqlStatement[] = []
      for (let at = 0; at < frames.length; at++) {
        const frame = frames[at]
        if (frame === undefined || String.fromCharCode(frame.type) !== 'Q') continue
        judged = []
        player.send(frame)
        let answer = await player.until('Z', 'G')
        while (answer !== undefined && answer.type === 'G'.charCodeAt(0)) {
          for (let next = frames[++at]; next !== undefined; next = frames[++at]) {
            player.send(next)
            if (next.type !== 'd'.charCodeAt(0)) break
          }
          answer = await player.until('Z', 'G')
        }
        if (answer === undefined) break
        window.push(...judged)
        for (const one of judged) {
          counted.statements++
          if (!dml.has(one.kind)) continue
          counted.queries++
          if (one.complete) counted.complete++
          for (const reason of one.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        }
        if (answer.body[0] !== 'I'.charCodeAt(0)) continue
        const { rows } = await log.query<{ data: string }>(
          "select data from pg_logical_slot_get_changes('watch', null, null, 'skip-empty-xacts', '1')",
        )
        const written = writtenBy(rows.map(({ data }) => data))
        counted.windows++
        if (written.size > 0) counted.written++
        if (window.every((one) => one.complete)) {
          const named = new Set(
            window.flatMap((one) =>
              one.relations
                .filter(({ access }) => access !== 'read')
                .map((relation) => `${relation.schema}.${relation.name}`),
            ),
          )
          const missing = [...written].filter((relation) => !named.has(relation))
          if (missing.length > 0)
            misses.push(
              `${name}: ${missing.join(', ')} by ${window
                .map(({ text }) => text)
                .join('; ')
                .slice(0, 300)}`,
            )
        }
        window = []
      }
      player.close()
    }
  }
  await log.end()
  const share = counted.complete / counted.queries
  t.diagnostic(JSON.stringify(counted))
  t.diagnostic(`complete: ${(share * 100).toFixed(2)}%`)
  for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 25))
    t.diagnostic(`${count} ${reason}`)
  assert.deepEqual(misses, [])
  assert.ok(counted.written > 0, 'nothing was written')
})
