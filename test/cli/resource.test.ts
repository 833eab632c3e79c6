// `sallyport resource provision`: what it prints, what it runs, and what it refuses.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type PostgresServer, postgresMissing, startPostgres } from '../support/postgres-server.ts'

const missing = postgresMissing()
const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
let server: PostgresServer
let urlFile = ''

before(async () => {
  if (missing !== undefined) return
  server = await startPostgres()
  urlFile = join(mkdtempSync(join(tmpdir(), 'provision-')), 'url')
  writeFileSync(urlFile, server.url, { mode: 0o600 })
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  await owner.query(
    "create table cards (id int primary key, number text); insert into cards values (1, '4111111111111111')",
  )
  await owner.query('create table orders (id int, tenant int); insert into orders values (1, 1), (2, 2)')
  await owner.end()
})
after(() => server?.stop())

function provision(...args: string[]) {
  const all = ['resource', 'provision', '--url-file', urlFile, '--login', 'agent', ...args]
  return spawnSync(process.execPath, [bin, ...all], { encoding: 'utf8' })
}
const terms = ['--mask', 'public.cards.number=last4', '--filter', 'public.orders=tenant = 1']

test('prints the statements, runs them, and the login reads only through the views', {
  skip: missing ?? false,
}, async () => {
  const printed = provision(...terms)
  assert.equal(printed.status, 0, printed.stderr)
  assert.match(
    printed.stdout,
    /^BEGIN;\n[\s\S]*CREATE OR REPLACE VIEW "sallyport"\."cards_[0-9a-f]{32}" WITH \(security_barrier\)/,
  )
  assert.match(printed.stdout, /GRANT SELECT \("id"\) ON "public"\."cards" TO "agent"/)
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  assert.equal((await owner.query("select from pg_roles where rolname = 'agent'")).rowCount, 0)
  for (let round = 0; round < 2; round++) assert.equal(provision(...terms, '--apply').status, 0)
  await owner.query('set role agent')
  const denied = (error: unknown) => error instanceof pg.DatabaseError && error.code === '42501'
  await assert.rejects(owner.query('select number from cards'), denied)
  await assert.rejects(owner.query('select * from orders'), denied)
  assert.equal((await owner.query('select id from cards')).rowCount, 1)
  const { rows } = await owner.query<{ name: string }>(
    "select relname as name from pg_class where relname like 'cards\\_%' and relkind = 'v'",
  )
  const shown = await owner.query(`select * from sallyport.${rows[0]?.name ?? ''}`)
  assert.deepEqual(shown.rows, [{ id: 1, number: '************1111' }])
  await owner.end()
})

test('refuses masks that no view can hold, and names that are not there', { skip: missing ?? false }, () => {
  for (const [args, why] of [
    [['--mask', 'public.cards.number=hash'], /needs a key/],
    [['--mask', 'public.cards.nope=null'], /no public\.cards with such a column/],
    [['--mask', 'public.cards.number=rot13'], /no strategy `rot13`/],
    [['--filter', 'public.orders=tenant = (select 1)'], /filters may not/],
    [[], /--mask or --filter/],
  ] as const) {
    const { status, stderr, stdout } = provision(...args)
    assert.equal(status, 1, stdout)
    assert.match(stderr, why)
  }
})
