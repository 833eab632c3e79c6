// Random statements from a grammar: the relations and columns that the analyzer names are those that the server itself
// notes in pg_depend when the statement becomes the body of a function. SALLYPORT_PG_STATEMENTS says how many.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import {
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  type ServerMajor,
  type SqlAnalyzer,
  SqlSession,
} from '../../engine/action/sql/index.ts'
import { type DebianPostgres, debianPostgresMissing, startDebianPostgres } from '../support/debian-postgres.ts'
import { generatedPath, generatedSchema, StatementGenerator } from '../support/statement-generator.ts'

const skip = debianPostgresMissing() ?? false
const wanted = Number(process.env['SALLYPORT_PG_STATEMENTS'] ?? 1000)
let server: DebianPostgres
let client: pg.Client
let analyzer: SqlAnalyzer

before(async () => {
  if (skip !== false) return
  server = await startDebianPostgres()
  const { host, port, user, password, database } = server
  client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  await client.query(generatedSchema)
  await client.query(`set search_path = ${generatedPath.join(', ')}`)
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  const major = [15, 16, 17, 18].includes(server.major) ? server.major : 18
  analyzer = await createSqlAnalyzer(
    major as ServerMajor,
    catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1'),
  )
})

after(async () => {
  await client?.end()
  await server?.stop()
})

/** A small generator of numbers (mulberry32), the same in every run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const dependsOn = `
  select n.nspname || '.' || c.relname as relation, coalesce(json_agg(a.attname) filter (where a.attname is not null), '[]') as columns
  from pg_depend d join pg_class c on c.oid = d.refobjid join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and d.refobjsubid > 0
  where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_class'::regclass
    and d.objid = (select oid from pg_proc where proname = 'generated_statement')
  group by 1 order by 1`

/** The relations that a statement is about, with their columns; undefined for a statement that the server refuses. */
async function noted(text: string): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  await client.query('begin')
  try {
    await client.query(
      `create function public.generated_statement() returns void language sql begin atomic ${text}; end`,
    )
    const { rows } = await client.query<{ relation: string; columns: readonly string[] }>(dependsOn)
    return new Map(rows.map(({ relation, columns }) => [relation, columns]))
  } catch (error) {
    assert.ok(error instanceof pg.DatabaseError, String(error))
    return undefined
  } finally {
    await client.query('rollback')
  }
}

test('the same relations as the server notes', { skip, timeout: 1_800_000 }, async (t) => {
  const seed = Number(process.env['SALLYPORT_PG_SEED'] ?? 1)
  const generator = new StatementGenerator(numbers(seed))
  const session = SqlSession.start('postgres', generatedPath)
  let taken = 0
  let refused = 0
  let columns = 0
  const failures: string[] = []
  while (taken < wanted) {
    const text = generator.statement()
    const relations = await noted(text)
    if (relations === undefined) {
      refused++
      assert.ok(refused < wanted + 100, `the server refuses too much, such as ${text}`)
      continue
    }
    taken++
    const result = analyzer.analyzeNow(text, session)
    const [statement] = result.kind === 'analysis' ? result.statements : []
    if (statement?.complete !== true) {
      failures.push(`not complete (${statement?.reasons.join() ?? JSON.stringify(result)}): ${text}`)
      continue
    }
    const direct = statement.relations.filter(({ via }) => via.length === 0)
    const named = new Set(direct.map(({ schema, name }) => `${schema}.${name}`))
    if ([...named].sort().join() !== [...relations.keys()].sort().join())
      failures.push(`${[...named].sort().join()} instead of ${[...relations.keys()].join()}: ${text}`)
    for (const [relation, wantedColumns] of relations) {
      const own = direct.filter(({ schema, name }) => `${schema}.${name}` === relation)
      const seen = new Set(own.flatMap((one) => [...one.columns]))
      const missing = wantedColumns.filter((column) => !seen.has(column))
      columns += wantedColumns.length
      if (missing.length > 0) failures.push(`${relation} without ${missing.join()}: ${text}`)
    }
  }
  t.diagnostic(`${taken} statements (${refused} more that the server refuses), ${columns} columns; seed ${seed}`)
  assert.deepEqual(failures.slice(0, 20), [], `${failures.length} of ${taken}`)
})
