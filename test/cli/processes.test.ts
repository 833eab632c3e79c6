// A gateway of two processes: what they share counts once, whichever of them is asked; one that dies is replaced while the
// other's sessions go on; and none outlives its parent.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { partOf } from '../../cli/serve/processes/part.ts'
import { type Config, loadConfig } from '../../proxy/config/index.ts'
import { readLog } from '../../proxy/recording/index.ts'
import { postgresMissing } from '../support/postgres-server.ts'
import { isAlive, ProcessGateway, processesPolicy, until } from '../support/process-gateway.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const gate = new ProcessGateway()
/** Kept alive, so that everything asked by it is asked of one process. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function sessionsCommand(...args: readonly string[]): { readonly code: number | null; readonly out: string } {
  const done = spawnSync(process.execPath, [bin, 'sessions', ...args, '--config', gate.at('sallyport.yaml')], {
    encoding: 'utf8',
  })
  return { code: done.status, out: done.stdout + done.stderr }
}

/** Two sessions, one in each process. */
async function twoSessions(): Promise<readonly [pg.Client, pg.Client]> {
  assert.ok(await until(async () => (await gate.processes()).every(({ sessions }) => sessions === 0)))
  const token = await gate.token()
  return [await gate.session(token), await gate.session(token)]
}

test('processes have their part of every bound, and files of their own', () => {
  const loaded = loadConfig(fileURLToPath(new URL('../../fixtures/config/good.yaml', import.meta.url)), {
    ORDERS_PASSWORD: 'x',
    RECORDING_KEY: 'x',
  })
  assert.ok(loaded.ok)
  const whole = loaded.config
  const parts = [1, 2, 3].map((process) => partOf(whole, process, 3))
  const sum = (of: (config: Config) => number): number => parts.reduce((all, part) => all + of(part), 0)
  const connections = ({ listeners }: Config): number =>
    listeners.reduce((most, one) => (one.protocol === 'admin' ? most : Math.max(most, one.connectionsMax)), 0)
  for (const bound of [
    connections,
    ({ limits }: Config) => limits.sessionsMax,
    ({ limits }: Config) => limits.holdsMax,
  ]) {
    assert.ok(sum(bound) <= bound(whole), 'together they never have more')
    assert.ok(sum(bound) > bound(whole) - 3)
  }
  const places = parts.flatMap(({ bundles, recording: { store } }) => [
    bundles.cache,
    store.kind === 'folder' ? store.path : '',
  ])
  assert.equal(new Set(places).size, 6)
  assert.equal(partOf(whole, 1, 1), whole)
})

describe('two processes', { skip: postgresMissing() ?? false }, () => {
  before(() => gate.start(2))
  after(async () => {
    agent.destroy()
    await gate.close()
  })

  test('take connections in turn, and tell of all, whichever is asked', async () => {
    const token = await gate.token()
    const clients = []
    for (let count = 0; count < 4; count++) clients.push(await gate.session(token))
    const processes = await gate.processes()
    assert.deepEqual(
      processes.map(({ process, sessions }) => [process, sessions]),
      [
        [1, 2],
        [2, 2],
      ],
    )
    assert.equal((await gate.admin<readonly unknown[]>('/v1/sessions', agent)).length, 4)
    const metrics = (await gate.ask('admin', 'GET', '/metrics', { agent })).body
    for (const process of [1, 2])
      assert.ok(metrics.includes(`sallyport_sessions{process="${process}",protocol="postgres"} 2\n`), metrics)
    assert.equal(metrics.split('# TYPE sallyport_sessions gauge').length, 2, 'each metric is there once')
    for (const client of clients) await client.end()
  })

  test('a token that counts once opens one session, whichever process it is shown to', async () => {
    const token = await gate.token('once')
    const tries = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => gate.session(token)))
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const one of tries)
      if (one.status === 'rejected') assert.match(String(one.reason), /used before/)
      else await one.value.end()
  })

  test('a hold of either process is answered through one of them', async () => {
    const token = await gate.token()
    const asked = [1, 2].map((one) => gate.ask('web', 'POST', `/write/${one}`, { token, body: {} }))
    interface Shown {
      readonly statement: { readonly hold: string }
      readonly digest: string
    }
    let holds: readonly Shown[] = []
    assert.ok(
      await until(async () => {
        holds = (await gate.admin<{ readonly holds: readonly Shown[] }>('/v1/approvals', agent)).holds
        return holds.length === 2
      }),
    )
    const metrics = (await gate.ask('admin', 'GET', '/metrics', { agent })).body
    for (const process of [1, 2])
      assert.ok(metrics.includes(`sallyport_held{process="${process}",protocol="http"} 1\n`), metrics)
    for (const { statement, digest } of holds) {
      const jws = await gate.sign(statement.hold, digest)
      const answer = await gate.ask('admin', 'POST', `/v1/approvals/${statement.hold}/answers`, {
        agent,
        body: { jws },
      })
      assert.equal(answer.status, 200, answer.body)
    }
    for (const one of await Promise.all(asked)) assert.deepEqual(one, { status: 200, body: 'done' })
  })

  test('a request to cancel reaches the session, whichever process it comes to', async () => {
    const clients = await twoSessions()
    const running = clients.map((client) => client.query('SELECT pg_sleep(30)'))
    const ended = Promise.allSettled(running)
    const cancel = (client: pg.Client): void => {
      const bytes = Buffer.alloc(16)
      bytes.writeInt32BE(16, 0)
      bytes.writeInt32BE(80877102, 4)
      bytes.writeInt32BE(Number(Reflect.get(client, 'processID')), 8)
      bytes.writeInt32BE(Number(Reflect.get(client, 'secretKey')), 12)
      connect(gate.ports.get('db') ?? 0, '127.0.0.1').end(bytes)
    }
    const again = setInterval(() => clients.forEach(cancel), 100)
    const startedMs = performance.now()
    for (const one of await ended)
      assert.ok(one.status === 'rejected' && Reflect.get(Object(one.reason), 'code') === '57014', String(one.status))
    clearInterval(again)
    assert.ok(performance.now() - startedMs < 20_000)
    for (const client of clients) await client.end()
  })

  test('a session is ended through either process', async () => {
    const clients = await twoSessions()
    const gone = clients.map((client) => new Promise<void>((done) => client.once('end', () => done())))
    const sessions = await gate.admin<readonly { readonly id: string }[]>('/v1/sessions', agent)
    assert.equal(sessions.length, 2)
    for (const { id } of sessions) {
      const ended = await gate.ask('admin', 'POST', `/v1/sessions/${id}/end`, { agent, body: { reason: 'case 7' } })
      assert.deepEqual(ended, { status: 200, body: '{"ended":1}\n' })
    }
    await Promise.all(gone)
    const held = await gate.ask('admin', 'POST', `/v1/sessions/${sessions[0]?.id}/hold`, {
      agent,
      body: { reason: 'a' },
    })
    const other = await gate.ask('admin', 'POST', `/v1/sessions/${sessions[1]?.id}/hold`, {
      agent,
      body: { reason: 'a' },
    })
    assert.deepEqual([held.status, other.status], [200, 200])
    const nobody = await gate.ask('admin', 'POST', '/v1/sessions/nobody/hold', { agent, body: { reason: 'a' } })
    assert.equal(nobody.status, 404)
  })

  test('another policy reaches both, under open sessions', async () => {
    const [one, other] = await twoSessions()
    const [before] = await gate.processes()
    gate.writePolicy(`${processesPolicy}
deny contains {"rule": "processes.no_rows", "message": "not now"} if input.action.sql.statements[_].kind == "select"
`)
    assert.ok(
      await until(async () => {
        const digests = (await gate.processes()).map(({ digest }) => digest)
        return digests.length === 2 && digests.every((digest) => digest === digests[0] && digest !== before?.digest)
      }),
    )
    for (const client of [one, other]) await assert.rejects(client.query('SELECT 1'), /not now/)
    gate.writePolicy(processesPolicy)
    assert.ok(await until(async () => (await gate.processes()).every(({ digest }) => digest === before?.digest)))
    for (const client of [one, other]) {
      assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }])
      await client.end()
    }
  })

  test('a process that is killed is replaced; the sessions of the other go on', async () => {
    const clients = await twoSessions()
    const lost: pg.Client[] = []
    for (const client of clients) client.once('end', () => lost.push(client))
    const victim = (await gate.processes()).find(({ process }) => process === 2)
    assert.ok(victim !== undefined)
    process.kill(victim.pid, 'SIGKILL')
    assert.ok(await until(() => lost.length === 1))
    const rest = clients.find((client) => !lost.includes(client))
    assert.deepEqual((await rest?.query('SELECT 1 AS one'))?.rows, [{ one: 1 }])
    assert.ok(
      await until(async () => {
        const now = await gate.processes()
        return now.length === 2 && now.every(({ pid }) => pid !== victim.pid)
      }),
    )
    await rest?.end()
    const again = await twoSessions()
    for (const client of again) assert.equal((await client.query('SELECT 1')).rowCount, 1)
    for (const client of again) await client.end()
    assert.match(gate.log, /"process":0.*"of":2.*started again/)
  })

  test('a process that stands still is ended and replaced; what its clients had open ends with it', async () => {
    const clients = await twoSessions()
    const lost: pg.Client[] = []
    for (const client of clients) client.once('end', () => lost.push(client))
    const victim = (await gate.processes()).find(({ process }) => process === 2)
    assert.ok(victim !== undefined)
    process.kill(victim.pid, 'SIGSTOP')
    const waiting = [1, 2].map(() => connect(gate.ports.get('db') ?? 0, '127.0.0.1'))
    const closed: unknown[] = []
    for (const one of waiting) one.on('error', () => undefined).once('close', () => closed.push(one))
    assert.ok(await until(() => lost.length === 1, 40_000))
    assert.ok(
      await until(async () => {
        const now = await gate.processes()
        return now.length === 2 && now.every(({ pid }) => pid !== victim.pid)
      }),
    )
    assert.ok(await until(() => closed.length > 0), 'who was handed to it is not left waiting')
    for (const one of waiting) one.destroy()
    for (const client of clients) if (!lost.includes(client)) await client.end()
    for (const client of await twoSessions()) {
      assert.equal((await client.query('SELECT 1')).rowCount, 1)
      await client.end()
    }
    assert.match(gate.log, /"process":0.*"of":2.*stands still/)
  })

  test('what both recorded is listed and proved as one; a log that is taken away is missed', async () => {
    assert.equal(await gate.stop(), 0)
    const { code, out } = sessionsCommand('verify')
    assert.equal(code, 0, out)
    assert.match(out, /: whole\n$/)
    const all = sessionsCommand('list').out.trimEnd().split('\n').length
    assert.equal(Number(/(\d+) sessions/.exec(out)?.[1]), all)
    renameSync(gate.at('recordings/process-2'), gate.at('away'))
    const missed = sessionsCommand('verify')
    assert.equal(missed.code, 2, missed.out)
    assert.match(missed.out, /process-2, which is gone/)
    assert.ok(sessionsCommand('list').out.trimEnd().split('\n').length < all)
    renameSync(gate.at('away'), gate.at('recordings/process-2'))
  })

  test('when the parent is killed all end, and the gateway starts again, with as many processes or fewer', async () => {
    await gate.serve()
    const pids = (await gate.processes()).map(({ pid }) => pid)
    for (const client of await twoSessions()) assert.equal((await client.query('SELECT 1')).rowCount, 1)
    await gate.stop('SIGKILL')
    assert.ok(await until(() => pids.every((pid) => !isAlive(pid))))
    await gate.serve()
    for (const client of await twoSessions()) assert.equal((await client.query('SELECT 1')).rowCount, 1)
    await gate.stop('SIGKILL')
    writeFileSync(gate.at('sallyport.yaml'), gate.configuration(1, ''))
    await gate.serve()
    assert.deepEqual(
      (await gate.processes()).map(({ process }) => process),
      [1],
    )
    assert.equal(await gate.stop(), 0)
    const { code, out } = sessionsCommand('verify')
    assert.equal(code, 0, out)
    const leaves = readLog(gate.at('recordings/process-2')).lines.map(({ leaf }) => leaf)
    const of = (...events: readonly string[]): readonly string[] =>
      leaves.flatMap(({ event, session }) => (events.includes(event) ? [session] : [])).toSorted()
    assert.equal(of('abandoned').length, 4, 'of this test and of the two before')
    assert.deepEqual(of('opened'), of('closed', 'abandoned'), 'what the second process left is ended by the first')
  })
})
