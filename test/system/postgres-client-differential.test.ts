// What the analyzer says of the traffic of real clients against what the server wrote, read from its own log: psql's
// backslash commands, pg_dump, pgbench and the ORMs of npm are noted at one server and played through a gateway to another.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type DebianPostgres, debianPostgresMissing, startDebianPostgres } from '../support/debian-postgres.ts'
import { noteTraffic } from '../support/postgres-traffic.ts'
import { createDatabase, nothingCompared, WatchedGateway } from '../support/watched-gateway.ts'

const clients = fileURLToPath(new URL('postgres-clients', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'pg-client-differential-'))
const skip = debianPostgresMissing() ?? false
let plain: DebianPostgres | undefined
let watched: WatchedGateway | undefined
let npm: string | undefined

const packages = [
  'pg@8.16.3',
  'postgres@3.4.7',
  'knex@3.1.0',
  'drizzle-orm@0.44.5',
  'sequelize@6.37.7',
  'typeorm@0.3.26',
  'reflect-metadata@0.2.2',
]

before(async () => {
  if (skip !== false) return
  plain = await startDebianPostgres()
  createDatabase(plain, 'shop')
  watched = await WatchedGateway.start('shop')
  const place = join(folder, 'npm')
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), '{"private": true}')
  copyFileSync(join(clients, 'node.mjs'), join(place, 'node.mjs'))
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
    cwd: place,
    stdio: 'ignore',
    timeout: 120_000,
  })
  if (status !== 0) npm = 'the clients of npm cannot be installed'
  for (const server of [plain, watched.server])
    for (const command of [
      ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', join(clients, 'shop.sql')],
      ['pgbench', '-i', '-s', '1', '-q'],
    ])
      assert.equal(
        spawnSync(command[0] ?? '', command.slice(1), { env: { ...server.env, PGDATABASE: 'shop' } }).status,
        0,
      )
})

after(async () => {
  await watched?.stop()
  await plain?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const flows: readonly (readonly [string, readonly string[], string?])[] = [
  ['psql', ['psql', '-X', '-f', join(clients, 'backslash.psql')]],
  ['pg_dump', ['pg_dump']],
  ['pg_dump with INSERT', ['pg_dump', '--inserts', '--schema=shop']],
  ...['simple', 'extended', 'prepared'].map(
    (mode) => [`pgbench ${mode}`, ['pgbench', '-n', '-M', mode, '-b', 'tpcb-like', '-t', '20']] as const,
  ),
  ...['pg', 'postgres', 'knex', 'drizzle', 'sequelize', 'typeorm'].map(
    (client) => [client, [process.execPath, 'node.mjs', client], join(folder, 'npm')] as const,
  ),
]

const all = nothingCompared()

for (const [name, [program = '', ...args], cwd] of flows)
  test(`${name}: nothing complete wrote what it did not name`, { skip }, async (t) => {
    if (cwd !== undefined && npm !== undefined) {
      t.skip(npm)
      return
    }
    assert.ok(plain !== undefined && watched !== undefined)
    const between = await noteTraffic(plain.host, plain.port)
    const env = { ...plain.env, PGPORT: String(between.port), PGDATABASE: 'shop' }
    const child = spawn(program, args, { env, cwd: cwd ?? folder, stdio: 'ignore', timeout: 120_000 })
    await once(child, 'exit')
    between.stop()
    const before = { ...all }
    await watched.compare(name, between.conversations, all)
    const ran = all.ran - before.ran
    t.diagnostic(`${name}: ${all.ranComplete - before.ranComplete} of ${ran} complete`)
    assert.ok(ran > 0, 'nothing was played')
    assert.deepEqual(all.misses, [])
  })

test('at least 99% of all that ran was complete', { skip }, (t) => {
  const { misses: _misses, reasons, ...counted } = all
  t.diagnostic(JSON.stringify(counted))
  for (const [reason, { count, examples }] of reasons)
    t.diagnostic(`${count} ${reason}: ${examples.slice(0, 3).join(' | ')}`)
  assert.ok(counted.written > 0, 'nothing was written')
  assert.ok(counted.ranComplete >= 0.99 * counted.ran, `${counted.ranComplete} of ${counted.ran}`)
})
