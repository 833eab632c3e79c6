// One suite for both stores: what holds for the embedded one holds for PostgreSQL.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import Database from 'libsql'
import pg from 'pg'
import {
  type Change,
  openEmbeddedStorage,
  openPostgresStorage,
  revocationsPage,
  type Storage,
  StorageError,
  type StoredRevocation,
  usagesMax,
} from '../../../proxy/storage/index.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'

const hold = { id: 'h1', run: 'r1', sessionId: 's1', digest: 'd', createdAtMs: 10, expiresAtMs: 1000, body: '{"a":1}' }
const answer = { holdId: 'h1', approver: 'person-1', answer: 'approve', atMs: 500, body: 'jws' } as const

function contract(open: () => Promise<Storage>): void {
  let storage: Storage
  before(async () => {
    storage = await open()
  })
  after(() => storage.close())

  test('keeps sessions and gives them in order', async () => {
    await storage.putSession({ id: 's2', gateway: 'g', startedAtMs: 2, body: '{}' })
    await storage.putSession({ id: 's1', gateway: 'g', startedAtMs: 1, body: "it's ? $1 \u{1F512}" })
    assert.deepEqual(
      (await storage.sessions()).map((one) => one.id),
      ['s1', 's2'],
    )
    assert.equal((await storage.sessions())[0]?.body, "it's ? $1 \u{1F512}")
    await storage.removeSession('s1')
    assert.deepEqual(
      (await storage.sessions()).map((one) => one.id),
      ['s2'],
    )
  })

  test('a hold opens once, is moved on by one of two, and is found by where it stands', async () => {
    assert.equal(await storage.openHold(hold), true)
    assert.equal(await storage.openHold({ ...hold, body: 'other' }), false)
    assert.deepEqual(await storage.hold('h1'), { ...hold, status: 'open' })
    assert.equal(await storage.hold('nobody'), undefined)
    assert.deepEqual(
      (await storage.holds('open')).map((one) => one.id),
      ['h1'],
    )
  })

  test('a person answers once, and only while the hold is open', async () => {
    assert.equal(await storage.addAnswer(answer), true)
    assert.equal(await storage.addAnswer({ ...answer, answer: 'deny' }), false, 'nobody answers twice')
    assert.equal(
      await storage.addAnswer({ ...answer, approver: 'person-2', atMs: 1000 }),
      false,
      'not after it expired',
    )
    assert.equal(await storage.addAnswer({ ...answer, holdId: 'none', approver: 'person-2' }), false)
    assert.deepEqual(await storage.answers('h1'), [answer])
    const moves = await Promise.all([
      storage.moveHold('h1', 'open', 'approved'),
      storage.moveHold('h1', 'open', 'denied'),
    ])
    assert.deepEqual(moves.filter(Boolean).length, 1)
    assert.equal(await storage.addAnswer({ ...answer, approver: 'person-3' }), false, 'not after it was settled')
  })

  test('grants expire, are used as often as they may be, and can be taken back', async () => {
    assert.equal(await storage.putGrant({ id: 'g1', subject: 'a', expiresAtMs: 100, usesLeft: 3, body: '{}' }), true)
    assert.equal(await storage.putGrant({ id: 'g1', subject: 'a', expiresAtMs: 900, usesLeft: 9, body: '{}' }), false)
    assert.equal((await storage.grants('a', 99)).length, 1)
    assert.equal((await storage.grants(undefined, 99)).length, 1)
    assert.equal((await storage.grants('a', 100)).length, 0)
    assert.equal((await storage.grants('b', 1)).length, 0)
    assert.equal(await storage.useGrant('g1', 100), false, 'not after its end')
    const uses = await Promise.all(Array.from({ length: 20 }, () => storage.useGrant('g1', 99)))
    assert.equal(uses.filter(Boolean).length, 3)
    assert.equal((await storage.grants('a', 99))[0]?.usesLeft, 0)
    assert.equal(await storage.removeGrant('g1'), true)
    assert.equal(await storage.removeGrant('g1'), false)
    assert.equal(await storage.useGrant('g1', 1), false)
  })

  test('what a run left open ends with it, and only that', async () => {
    await storage.beat('r2')
    await storage.beat('r2')
    await storage.beat('r3')
    assert.deepEqual(await storage.beats(), [
      { run: 'r2', beat: 2 },
      { run: 'r3', beat: 1 },
    ])
    for (const [id, run] of [
      ['of-r2', 'r2'],
      ['of-r3', 'r3'],
    ] as const)
      assert.equal(await storage.openHold({ ...hold, id, run }), true)
    assert.deepEqual([...(await storage.holdingRuns())].sort(), ['r2', 'r3'])
    assert.deepEqual(await storage.answeredHolds('r2'), [])
    assert.equal(await storage.addAnswer({ ...answer, holdId: 'of-r2' }), true)
    assert.deepEqual(await storage.answeredHolds('r2'), ['of-r2'])
    assert.equal(await storage.endRun('r2'), 1)
    assert.equal(await storage.endRun('r2'), 0)
    assert.deepEqual(
      [(await storage.hold('of-r2'))?.status, (await storage.hold('of-r3'))?.status],
      ['cancelled', 'open'],
    )
    assert.deepEqual(await storage.beats(), [{ run: 'r3', beat: 1 }])
    assert.deepEqual(await storage.answeredHolds('r2'), [], 'an ended hold waits for nobody')
    await storage.endRun('r3')
  })

  test('a later revocation never shortens an earlier one', async () => {
    const revocation = { kind: 'token', value: 't1', atMs: 1, expiresAtMs: 500, reason: 'leaked' } as const
    await storage.revoke(revocation)
    await storage.revoke({ ...revocation, expiresAtMs: 200, reason: 'again' })
    assert.deepEqual(await storage.revocations(300), [revocation])
    assert.deepEqual(await storage.revocation('token', 't1'), revocation)
    assert.equal(await storage.revocation('subject', 't1'), undefined)
    // A later one ends what was issued since the first, and its end is its own where that is later.
    await storage.revoke({ ...revocation, atMs: 100, expiresAtMs: 400 })
    assert.deepEqual(await storage.revocations(300), [{ ...revocation, atMs: 100 }])
    await storage.revoke({ ...revocation, atMs: 50, expiresAtMs: 550 })
    assert.deepEqual(await storage.revocations(300), [{ ...revocation, atMs: 100, expiresAtMs: 550 }])
    await storage.prune(600)
    assert.deepEqual(await storage.revocations(0), [])
  })

  test('revocations are read a page at a time, each once', async () => {
    const values = Array.from({ length: 2 * revocationsPage }, (_, i) => `${i % 2 === 0 ? 'é' : 'Z'} ${i}`)
    for (const [i, value] of values.entries())
      await storage.revoke({ kind: i % 3 === 0 ? 'subject' : 'token', value, atMs: 1, expiresAtMs: 900, reason: '' })
    const read: StoredRevocation[] = []
    const lengths: number[] = []
    let page = await storage.revocations(300)
    for (; page.length > 0; page = await storage.revocations(300, page.at(-1))) {
      lengths.push(page.length)
      read.push(...page)
    }
    assert.deepEqual(lengths, [revocationsPage, revocationsPage])
    assert.deepEqual(read.map(({ value }) => value).sort(), [...values].sort())
    await storage.prune(900)
  })

  test('usage adds up, also when many add at once, and windows are apart', async () => {
    const used = { actions: 1, rows: 2, bytes: 3, affected: 0 }
    const of = (root: string, window: number) => ({ root, window, endsAtMs: (window + 1) * 1000, ...used })
    const both = [of('root', 7), of('other', 7)]
    // Half of them name the roots the other way round, which must not make them wait for each other in a circle.
    await Promise.all(Array.from({ length: 20 }, (_, i) => storage.addUsage(i % 2 === 0 ? both : [...both].reverse())))
    const total = { actions: 21, rows: 42, bytes: 63, affected: 0 }
    assert.deepEqual(await storage.addUsage([of('new', 7), of('root', 7)]), [used, total])
    assert.deepEqual(await storage.addUsage([of('root', 8)]), [used])
    assert.deepEqual(await storage.addUsage([]), [])
    const many = Array.from({ length: usagesMax + 1 }, (_, i) => of(`many ${i}`, 7))
    assert.equal((await storage.addUsage(many.slice(1))).length, usagesMax)
    await assert.rejects(storage.addUsage(many), (error) => error instanceof StorageError && error.code === 'too_large')
  })

  test('usage is kept for a day after its window, and then no longer', async () => {
    const used = { root: 'a', window: 0, endsAtMs: 1000, actions: 1, rows: 0, bytes: 0, affected: 0 }
    await storage.addUsage([used])
    await storage.prune(1000 + 86_400_000 - 1)
    assert.equal((await storage.addUsage([used]))[0]?.actions, 2)
    await storage.prune(1000 + 86_400_000)
    assert.equal((await storage.addUsage([used]))[0]?.actions, 1)
  })

  test('changes are told to whoever listens, and no more after that', async () => {
    let told: (change: Change) => void = () => undefined
    const change = new Promise<Change>((done) => {
      told = done
    })
    const end = storage.subscribe((one) => told(one))
    await storage.putGrant({ id: 'g9', subject: 'a', expiresAtMs: 100, usesLeft: 1, body: '{}' })
    assert.deepEqual(await change, { topic: 'grants', id: 'g9' })
    end()
    told = () => assert.fail('told after the end')
    await storage.putGrant({ id: 'g10', subject: 'a', expiresAtMs: 100, usesLeft: 1, body: '{}' })
    await storage.ping()
  })

  test('refuses what is too large or cannot be kept', async () => {
    const session = { id: 'x', gateway: 'g', startedAtMs: 1, body: 'x'.repeat(4 * 1024 * 1024 + 1) }
    const code = (wanted: string) => (error: unknown) => error instanceof StorageError && error.code === wanted
    await assert.rejects(storage.putSession(session), code('too_large'))
    await assert.rejects(storage.putSession({ ...session, body: 'a\0b' }), code('corrupt'))
    await assert.rejects(storage.putSession({ ...session, body: '', startedAtMs: 0.5 }), code('corrupt'))
  })
}

describe('embedded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-storage-'))
  after(() => rmSync(folder, { recursive: true }))
  contract(() => Promise.resolve(openEmbeddedStorage(join(folder, 'state', 'state.db'))))

  test('what was kept is there after opening again, in a file of our own', async () => {
    const path = join(folder, 'again.db')
    const first = openEmbeddedStorage(path)
    await first.putGrant({ id: 'g1', subject: 'a', expiresAtMs: 100, usesLeft: 1, body: '{}' })
    await first.close()
    assert.equal(statSync(path).mode & 0o077, 0)
    const second = openEmbeddedStorage(path)
    assert.equal((await second.grants('a', 1)).length, 1)
    await second.close()
  })

  test('refuses a file of a newer schema, and a path that is no file', () => {
    const path = join(folder, 'newer.db')
    const database = new Database(path)
    database.exec('CREATE TABLE sallyport_schema (version BIGINT NOT NULL); INSERT INTO sallyport_schema VALUES (999)')
    database.close()
    assert.throws(
      () => openEmbeddedStorage(path),
      (error) => error instanceof StorageError && error.code === 'newer_schema',
    )
    assert.throws(
      () => openEmbeddedStorage(folder),
      (error) => error instanceof StorageError && error.code === 'unavailable',
    )
  })
})

const missing = postgresMissing()
describe('PostgreSQL', { skip: missing ?? false }, () => {
  let server: PostgresServer
  const open = () => {
    const { host, port, user, password, database } = server
    return openPostgresStorage({
      host,
      port,
      user,
      database,
      password: () => Promise.resolve(password),
      ssl: false,
      connectionsMax: 4,
    })
  }
  before(async () => {
    server = await startPostgres()
  })
  after(() => server.stop())
  contract(() => open())

  test('two gateways migrate at once, hear one another, and hear after the listening connection was lost', async () => {
    const [one, two] = await Promise.all([open(), open()])
    const heard: Change[] = []
    let wake: () => void = () => undefined
    two.subscribe((change) => {
      heard.push(change)
      wake()
    })
    const until = async (wanted: (change: Change) => boolean) => {
      while (!heard.some(wanted)) {
        await new Promise<void>((done) => {
          wake = done
        })
      }
    }
    await one.revoke({ kind: 'subject', value: 'agent-1', atMs: 1, expiresAtMs: 2, reason: '' })
    await until((change) => change.id === 'subject:agent-1')
    const admin = new pg.Client(server.url)
    await admin.connect()
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    await until((change) => change.topic === 'resync')
    await one.revoke({ kind: 'subject', value: 'agent-2', atMs: 1, expiresAtMs: 2, reason: '' })
    await until((change) => change.id === 'subject:agent-2')
    await admin.query('INSERT INTO sallyport_schema VALUES (999)')
    await admin.end()
    await assert.rejects(
      open(),
      (error) =>
        error instanceof StorageError && error.code === 'newer_schema' && /a copy from before/.test(error.message),
    )
    await one.close()
    await two.close()
  })

  test('a server that cannot be reached is unavailable', async () => {
    const options = {
      host: '127.0.0.1',
      port: 1,
      user: 'x',
      database: 'x',
      password: () => Promise.resolve('x'),
      ssl: false,
      connectionsMax: 1,
    } as const
    await assert.rejects(
      openPostgresStorage(options),
      (error) => error instanceof StorageError && error.code === 'unavailable',
    )
  })
})
