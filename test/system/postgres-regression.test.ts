// The server's own regression tests, by psql at the server itself and through a gateway under a policy that allows all: the
// same output, but for what is documented here. SALLYPORT_PG_SOURCE names the unpacked source of the server's version;
// where src/test/regress was built (`make regress.so`), the functions of C are there too. SALLYPORT_PG_TESTS names some of
// the tests.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type DebianPostgres, debianPostgresMissing, startDebianPostgres } from '../support/debian-postgres.ts'
import { allowAll, type PostgresGateway, startPostgresGateway } from '../support/postgres-gateway.ts'

const source = process.env['SALLYPORT_PG_SOURCE']
const regress = join(source ?? '', 'src/test/regress')
const skip =
  source === undefined
    ? 'SALLYPORT_PG_SOURCE does not name the source of PostgreSQL'
    : (debianPostgresMissing() ?? false)

/** Tests whose output differs, and why. */
const documented: ReadonlyMap<string, string> = new Map([
  ['strings', 'standard_conforming_strings stays on, and a comment within a continued string is blanked'],
  ['plpgsql', 'standard_conforming_strings stays on'],
  ['numerology', "the parser's minor version words one mistake otherwise"],
  ['foreign_key', "the parser's minor version words two mistakes otherwise"],
  ['publication', "the parser's minor version words two mistakes otherwise; a detail of a syntax error is not told"],
  ['xml', "the parser's minor version words one mistake otherwise"],
  ['errors', 'a hint of a syntax error is not told'],
  ['rowsecurity', 'a hint of a syntax error is not told'],
])

const settings = {
  max_prepared_transactions: '2',
  max_connections: '40',
  timezone: 'PST8PDT',
  datestyle: 'Postgres, MDY',
  intervalstyle: 'postgres_verbose',
  lc_messages: 'C',
  lc_monetary: 'C',
  lc_numeric: 'C',
}

const servers: DebianPostgres[] = []
let gateway: PostgresGateway | undefined

async function server(): Promise<DebianPostgres> {
  const one = await startDebianPostgres(settings)
  servers.push(one)
  const setUp = [
    "CREATE DATABASE regression TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    "ALTER DATABASE regression SET timezone_abbreviations = 'Default'",
  ]
  const made = spawnSync('psql', ['-Xqc', setUp[0] ?? '', '-c', setUp[1] ?? ''], { env: one.env, encoding: 'utf8' })
  assert.equal(made.status, 0, made.stderr)
  return one
}

before(async () => {
  if (skip !== false) return
  await server()
  const behind = await server()
  gateway = await startPostgresGateway({
    upstream: { ...behind, database: 'regression' },
    name: 'regression',
    policy: allowAll,
  })
})

after(async () => {
  await gateway?.stop()
  for (const one of servers) await one.stop()
})

/** What psql prints for one of the tests. */
function output(name: string, env: NodeJS.ProcessEnv, scratch: string): string {
  const args = ['-X', '-a', '-q', '-v', 'HIDE_TABLEAM=on', '-v', 'HIDE_TOAST_COMPRESSION=on']
  const { status, signal, stdout, stderr } = spawnSync('psql', [...args, '-f', join(regress, 'sql', `${name}.sql`)], {
    env: {
      ...env,
      PGDATABASE: 'regression',
      PGTZ: 'PST8PDT',
      PGDATESTYLE: 'Postgres, MDY',
      PGOPTIONS: '-c intervalstyle=postgres_verbose',
      PG_ABS_SRCDIR: regress,
      PG_ABS_BUILDDIR: scratch,
      PG_LIBDIR: regress,
      PG_DLSUFFIX: '.so',
      LC_ALL: 'C',
    },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 240_000,
  })
  // At which line psql stands when a notice comes is a matter of time, where a copy is under way.
  return `${stdout}${stderr.replaceAll(/^psql:\S+:\d+: /gm, '')}\nended with ${signal ?? status}`
}

test('the output is the same, but for what is documented', { skip, timeout: 1_800_000 }, (t) => {
  assert.ok(gateway !== undefined)
  const [direct] = servers
  const scratch = mkdtempSync(join(tmpdir(), 'regression-'))
  const only = process.env['SALLYPORT_PG_TESTS']?.split(',')
  const names = readFileSync(join(regress, 'parallel_schedule'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('test:'))
    .flatMap((line) => line.slice('test:'.length).trim().split(/\s+/))
    .filter((name) => only === undefined || only.includes(name))
  const differ: string[] = []
  for (const name of names) {
    const wanted = output(name, direct?.env ?? {}, scratch).split('\n')
    const got = output(name, gateway.env, scratch).split('\n')
    const at = wanted.findIndex((line, index) => line !== got[index])
    if (at === -1 && wanted.length === got.length) continue
    differ.push(name)
    assert.ok(documented.has(name), `${name} differs at line ${at + 1}: wanted ${wanted[at]}, got ${got[at]}`)
  }
  assert.ok(names.length > (only === undefined ? 150 : 0), `only ${names.length} tests were found`)
  t.diagnostic(`${names.length - differ.length} of ${names.length} alike; documented: ${differ.join(', ')}`)
})
