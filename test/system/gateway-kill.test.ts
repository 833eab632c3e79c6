// kill -9 of the real gateway at random moments under load: whatever reached the database has its record, and what
// remains verifies but for ends without a terminal record. SALLYPORT_KILLS says how often, over both levels.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { listSessions, readEntries, verifyRecordings } from '../../proxy/recording/index.ts'
import { postgresMissing } from '../support/postgres-server.ts'
import { RecordedGateways } from '../support/recorded-gateway.ts'

const kills = Number(process.env['SALLYPORT_KILLS'] ?? 26)
const killAfterMsMax = 1500
/** One round in so many kills at any moment, the first among them too. */
const beginningsOneIn = 4
/** Rounds on one recordings folder: each gateway goes on with what the killed one left. */
const roundsEach = 13
const missing = postgresMissing()
const options = missing === undefined ? {} : { skip: missing }

/** One client that writes until its gateway is gone: on one connection, or on a new one for every statement. */
async function act(
  made: RecordedGateways,
  port: number,
  id: string,
  churns: boolean,
  answered: () => void,
): Promise<void> {
  let client: pg.Client | undefined
  try {
    for (let count = 0; ; count++) {
      if (client === undefined) {
        client = made.client(port)
        await client.connect()
      }
      await client.query(`INSERT INTO acted VALUES ('${id}-${count}')`)
      answered()
      if (!churns) continue
      await client.end()
      client = undefined
    }
  } catch {
    // the gateway was killed
  }
}

/** Waits until the database has done with everything that reached it. */
async function settled(direct: pg.Client): Promise<void> {
  const others = `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
  while ((await direct.query(others)).rows.length > 0) await pause(10)
}

/** Both levels at once, each with a database of its own: while a gateway of one begins, that of the other is busy. */
const atOnce = { concurrency: true, ...options }
describe('a gateway that is killed', atOnce, () => {
  for (const sync of ['each', 'group'] as const) {
    test(`at ${sync}, what reached the database is recorded, and what a kill leaves is whole`, (t) => killed(t, sync))
  }
})

async function killed(t: TestContext, sync: 'each' | 'group'): Promise<void> {
  const gateways = await RecordedGateways.make()
  try {
    const direct = await gateways.direct()
    const rounds = Math.ceil(kills / 2)
    let reached = 0
    let begun = 0
    const findings = new Map<string, number>()
    const lost: string[] = []
    for (let round = 0; round < rounds; ) {
      const store = `rec-${sync}-${round}`
      const folder = join(gateways.folder, store)
      await direct.query('DROP TABLE IF EXISTS acted; CREATE TABLE acted (text text)')
      for (let turn = 0; turn < roundsEach && round < rounds; turn++, round++) {
        const { child, port } = await gateways.start(
          `  sync: ${sync}\n  segment: 20KiB\n  store: { kind: folder, path: ${store} }`,
        )
        let answered: () => void = () => undefined
        const first = new Promise<void>((resolve) => {
          answered = resolve
        })
        const clients = [0, 1, 2, 3, 4, 5].map((number) =>
          act(gateways, port, `r-${round}-${number}`, number % 2 === 1, answered),
        )
        // Some are killed while they begin; the others not before they have served.
        if (round % beginningsOneIn !== 0) await Promise.race([first, Promise.all(clients)])
        await pause(randomInt(0, killAfterMsMax))
        child.kill('SIGKILL')
        await once(child, 'exit')
        await Promise.all(clients)
        await settled(direct)
        const report = verifyRecordings(folder, gateways.checker)
        for (const { what, where } of report.findings) {
          const told = `${what}: ${where.replaceAll(/\d+/g, 'n')}`
          findings.set(told, (findings.get(told) ?? 0) + 1)
        }
      }
      const recorded = new Set<string>()
      for (const session of listSessions(folder)) {
        begun++
        for (const { entry } of readEntries(folder, session, gateways.unwrapper))
          if (entry.kind === 'action') recorded.add(/'(r-[\d-]+)'/.exec(entry.action.text)?.[1] ?? '')
      }
      const { rows } = await direct.query<{ text: string }>('SELECT text FROM acted')
      reached += rows.length
      lost.push(...rows.flatMap(({ text }) => (recorded.has(text) ? [] : [text])))
      rmSync(folder, { recursive: true })
    }
    await direct.end()
    t.diagnostic(`${rounds} kills, ${begun} sessions, ${reached} statements reached the database, ${lost.length} lost`)
    for (const [told, count] of findings) t.diagnostic(`${count} x ${told}`)
    assert.ok(reached > rounds)
    assert.deepEqual(lost, [])
    assert.deepEqual(
      [...findings.keys()].filter((told) => !told.startsWith('open: ')),
      [],
    )
  } finally {
    await gateways.close()
  }
}
