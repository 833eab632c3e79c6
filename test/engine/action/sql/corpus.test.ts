// The shared corpus of statements that gateways misjudge, against a catalog read from a real server.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import {
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  decodeStatement,
  SqlSession,
  type SqlStatement,
} from '../../../../engine/action/sql/index.ts'
import { unsafeSetting } from '../../../../proxy/postgres/settings.ts'
import { postgresMissing, startPostgres } from '../../../support/postgres-server.ts'

const folder = fileURLToPath(new URL('../../../../../shared/corpus/', import.meta.url))
const skip = postgresMissing() ?? (existsSync(folder) ? false : 'there is no shared corpus beside the checkout')

test('no statement of the corpus is called complete while it does more than was seen', { skip }, async (t) => {
  const server = await startPostgres()
  t.after(() => server.stop())
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(readFileSync(`${folder}sql-bypass-schema.sql`, 'utf8'))
  const { rows } = await client.query<{ json_build_object: string }>(catalogQuery)
  await client.end()
  const analyzer = await createSqlAnalyzer(18, catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1'))
  const lines = readFileSync(`${folder}sql-bypass.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  const missed: string[] = []
  let complete = 0
  for (const line of lines) {
    const entry: Entry = JSON.parse(line)
    let session = SqlSession.start('postgres')
    const seen: SqlStatement[] = []
    let whole = true
    for (const part of entry.session ?? [entry.sql ?? '']) {
      const text = decodeStatement(
        Buffer.from(typeof part === 'string' ? part : (part.hex ?? ''), typeof part === 'string' ? 'utf8' : 'hex'),
      )
      const result = typeof text === 'string' ? analyzer.analyzeNow(text, session) : text
      // What is refused reaches no server, and so does what would change the meaning of later texts.
      if (result.kind === 'refusal' || result.statements.some((one) => unsafeSetting(one.settings) !== undefined)) {
        whole = false
        break
      }
      session = result.after.findLast((after) => after !== undefined) ?? session
      seen.push(...result.statements)
      whole = whole && result.complete
    }
    if (!whole || (entry.sql === undefined && entry.session === undefined)) continue
    complete++
    const lacking = unreported(String(entry.must_report), seen)
    if (lacking.length > 0) missed.push(`${entry.id}: ${lacking.join(', ')}`)
  }
  t.diagnostic(`${lines.length} entries, ${complete} complete, ${missed.length} missed`)
  assert.ok(complete > 20)
  assert.deepEqual(missed, [])
})

interface Entry {
  readonly id: string
  readonly sql?: string
  readonly session?: readonly (string | { readonly hex?: string })[]
  readonly must_report?: unknown
}

/** What `must_report` asks for in words and the facts do not say. */
function unreported(must: string, statements: readonly SqlStatement[]): readonly string[] {
  const lacking: string[] = []
  for (const [, verb = '', name = ''] of must.matchAll(
    /(delete|update|insert|write|writes|truncate|merge|select|read|reads|drop|create|alter)(?: from| into| on)? ((?:app|public)\.[a-z_]+)/g,
  )) {
    const access = ['select', 'read', 'reads'].includes(verb)
      ? 'read'
      : ['drop', 'create', 'alter'].includes(verb)
        ? 'define'
        : 'write'
    const found = statements.some((one) =>
      one.relations.some((relation) => `${relation.schema}.${relation.name}` === name && relation.access === access),
    )
    if (!found) lacking.push(`${access} ${name}`)
  }
  if (/without where/.test(must) && !statements.some((one) => one.where === false)) lacking.push('without where')
  if (/with where/.test(must) && !statements.some((one) => one.where === true)) lacking.push('with where')
  if (/incomplete|dynamic/.test(must)) lacking.push('incomplete')
  return lacking
}
