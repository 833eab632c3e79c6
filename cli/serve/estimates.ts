// What the database's planner expects of a held statement: EXPLAIN, which plans and never runs, in a transaction that can
// only read, on a connection of its own, bounded in time. People see it beside what the analyzer saw.
import pg from 'pg'
import type { ActionDocument, SqlStatement } from '../../engine/action/index.ts'
import type { PostgresResource } from '../../proxy/config/index.ts'
import { clientOptions } from './databases.ts'

type Upstream = PostgresResource['upstream']

const explained: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'merge'])
/** Statements of one action that are explained, and relations whose size is looked up. */
const statementsMax = 4
const relationsMax = 20
const statementMs = 500
/** Estimates at once at one gateway; a hold beyond them is shown without. */
const atOnceMax = 4
const kibibytesPerPage = 8

let underWay = 0

/** Lines about a held action. Rejects where the database does not answer in time. */
export async function estimateRows(document: ActionDocument, upstream: Upstream): Promise<readonly string[]> {
  const { sql, complete } = document.action
  const statements = sql?.statements ?? []
  if (!complete || sql === undefined || statements.length === 0 || statements.length > statementsMax) return []
  if (!statements.every(isPlannable) || underWay >= atOnceMax) return []
  underWay++
  const client = new pg.Client({
    ...(await clientOptions(upstream)),
    statement_timeout: statementMs,
    query_timeout: 2 * statementMs,
    application_name: 'sallyport-estimate',
  })
  client.on('error', () => {
    // told by the query that was under way
  })
  try {
    await client.connect()
    await client.query('BEGIN TRANSACTION READ ONLY')
    await takeOver(client, document.session.state)
    // Values are those of the one statement that was bound.
    const values = statements.length === 1 ? sql.parameters : []
    const lines: string[] = []
    for (const statement of statements) lines.push(await plannedRows(client, statement, values))
    return [...lines, ...(await relationSizes(client, statements))]
  } finally {
    underWay--
    await client.end()
  }
}

/** Only what the planner reads itself: a function of the user's own could run while it plans. */
function isPlannable({ kind, complete, dynamic, functions, relations }: SqlStatement): boolean {
  return (
    explained.has(kind) &&
    complete &&
    !dynamic &&
    functions.every(({ schema, effects }) => schema === 'pg_catalog' && (effects === 'pure' || effects === 'read')) &&
    relations.every(({ resolved, kind: what }) => resolved && what !== 'temporary' && what !== 'foreign_table')
  )
}

/** Names mean here what they mean in the session. */
async function takeOver(client: pg.Client, state: ActionDocument['session']['state']): Promise<void> {
  const { role, search_path: path } = state
  if (Array.isArray(path)) {
    const quoted = path.filter((one) => typeof one === 'string').map((one) => pg.escapeIdentifier(one))
    await client.query("SELECT pg_catalog.set_config('search_path', $1, true)", [quoted.join(', ')])
  }
  if (typeof role === 'string' && role !== '') await client.query(`SET LOCAL ROLE ${pg.escapeIdentifier(role)}`)
}

async function plannedRows(client: pg.Client, statement: SqlStatement, values: readonly unknown[]): Promise<string> {
  // The extended protocol takes one statement, and after options in parentheses no text can add another.
  const config = { text: `EXPLAIN (FORMAT JSON) ${statement.text}`, values: [...values], queryMode: 'extended' }
  const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(config)
  const [root]: readonly unknown[] = asList(rows[0]?.['QUERY PLAN'])
  const plan = field(root, 'Plan')
  // What changes rows gives none itself; the plan below it says how many it changes.
  const counted = field(plan, 'Node Type') === 'ModifyTable' ? asList(field(plan, 'Plans'))[0] : plan
  return `${statement.kind}: about ${shownCount(Number(field(counted, 'Plan Rows')))} rows, as the planner expects`
}

async function relationSizes(client: pg.Client, statements: readonly SqlStatement[]): Promise<readonly string[]> {
  const names = new Map<string, readonly [string, string]>()
  for (const { schema, name } of statements.flatMap(({ relations }) => relations))
    if (names.size < relationsMax) names.set(JSON.stringify([schema, name]), [schema, name])
  const lines: string[] = []
  for (const [schema, name] of names.values()) {
    const { rows } = await client.query<{ tuples: string; pages: number }>(
      'SELECT c.reltuples::bigint AS tuples, c.relpages AS pages FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2',
      [schema, name],
    )
    const [row] = rows
    const tuples = Number(row?.tuples)
    // The server says -1 before it has ever counted.
    if (row === undefined || tuples < 0) continue
    lines.push(`${schema}.${name} has about ${shownCount(tuples)} rows in ${shownSize(row.pages * kibibytesPerPage)}`)
  }
  return lines
}

function shownCount(count: number): string {
  return Number.isFinite(count) ? Math.round(count).toLocaleString('en-US') : 'an unknown number of'
}

function shownSize(kibibytes: number): string {
  return kibibytes < 1024 ? `${kibibytes} KiB` : `${(kibibytes / 1024).toFixed(1)} MiB`
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
