// What the analyzer says of writes against what the server wrote, read from its own log: every statement of the server's
// regression tests is judged by a gateway on its way, and no statement that was called complete may have written a relation
// that it did not name. SALLYPORT_PG_SOURCE names the unpacked source of the server's version; SALLYPORT_PG_TESTS some of
// its tests; SALLYPORT_PG_REPORT a file for the reasons of what was not complete.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type DebianPostgres, debianPostgresMissing, startDebianPostgres } from '../support/debian-postgres.ts'
import { type Conversation, noteTraffic } from '../support/postgres-traffic.ts'
import { type Compared, createDatabase, nothingCompared, WatchedGateway } from '../support/watched-gateway.ts'

const source = process.env['SALLYPORT_PG_SOURCE']
const regress = join(source ?? '', 'src/test/regress')
const skip =
  source === undefined
    ? 'SALLYPORT_PG_SOURCE does not name the source of PostgreSQL'
    : (debianPostgresMissing() ?? false)

let plain: DebianPostgres | undefined
let watched: WatchedGateway | undefined

before(async () => {
  if (skip !== false) return
  const settings = { max_prepared_transactions: '2' }
  plain = await startDebianPostgres(settings)
  createDatabase(plain, 'regression')
  watched = await WatchedGateway.start('regression', settings)
})

after(async () => {
  await watched?.stop()
  await plain?.stop()
})

/** What psql says on each connection that a test opens. */
async function conversationsOf(name: string, server: DebianPostgres): Promise<readonly Conversation[]> {
  const between = await noteTraffic(server.host, server.port)
  const scratch = mkdtempSync(join(tmpdir(), 'differential-'))
  const child = spawn('psql', ['-X', '-q', '-v', 'HIDE_TABLEAM=on', '-f', join(regress, 'sql', `${name}.sql`)], {
    env: {
      ...server.env,
      PGPORT: String(between.port),
      PGDATABASE: 'regression',
      PG_ABS_SRCDIR: regress,
      PG_ABS_BUILDDIR: scratch,
      PG_LIBDIR: regress,
      PG_DLSUFFIX: '.so',
    },
    stdio: 'ignore',
    timeout: 120_000,
  })
  await once(child, 'exit')
  between.stop()
  return between.conversations
}

/** Reasons, the most frequent first. */
function ranked({ reasons }: Compared): { readonly [reason: string]: { readonly count: number } } {
  return Object.fromEntries([...reasons].sort((a, b) => b[1].count - a[1].count))
}

test('no complete statement wrote what it did not name', { skip, timeout: 3_600_000 }, async (t) => {
  assert.ok(plain !== undefined && watched !== undefined)
  const only = process.env['SALLYPORT_PG_TESTS']?.split(',')
  const names = readFileSync(join(regress, 'parallel_schedule'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('test:'))
    .flatMap((line) => line.slice('test:'.length).trim().split(/\s+/))
    .filter((name) => only === undefined || only.includes(name))
  const report = process.env['SALLYPORT_PG_REPORT']
  /** Of each file, the statements that query or change rows and ran: complete, all, and how long they took together. */
  const files: { [name: string]: readonly [number, number, number] } = {}
  const all = nothingCompared()
  for (const name of names) {
    const began = performance.now()
    const conversations = await conversationsOf(name, plain)
    const { ran, ranComplete } = all
    await watched.compare(name, conversations, all)
    files[name] = [all.ranComplete - ranComplete, all.ran - ran, Math.round(performance.now() - began)]
    if (report !== undefined)
      writeFileSync(report, JSON.stringify({ files, ...all, reasons: ranked(all) }, undefined, 1))
  }
  const { misses, reasons: _reasons, ...counted } = all
  t.diagnostic(JSON.stringify(counted))
  const share = counted.ranComplete / counted.readable
  t.diagnostic(
    `complete: ${((counted.ranComplete / counted.ran) * 100).toFixed(2)}% of what ran, ${(share * 100).toFixed(2)}% of what reaches no code that cannot be read`,
  )
  for (const [reason, { count }] of Object.entries(ranked(all))) t.diagnostic(`${count} ${reason}`)
  assert.deepEqual(misses, [])
  assert.ok(counted.written > 0, 'nothing was written')
  assert.ok(share >= 0.99, `only ${share} complete`)
})
