// Writes engine/action/sql/catalog/builtin-data.ts from a fresh database of a real PostgreSQL 18.
// `tsx test/support/builtin-catalog.ts postgres://USER@HOST:PORT/DATABASE [ADDRESS OF AN OLDER SERVER]`; with the second
// one it also writes builtin-past.ts: what the older server has and the newer one has no more.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const [address, older] = process.argv.slice(2)
if (address === undefined) throw new Error('give the address of a PostgreSQL 18 server')

async function lines(client: pg.Client, text: string): Promise<string[]> {
  const result = await client.query<{ line: string }>(text)
  return result.rows.map((row) => row.line)
}

const routinesQuery = `
  select n.nspname || '|' || p.proname || '|' || string_agg(concat_ws('~', p.prokind::text || p.provolatile::text ||
      case when p.proretset then 's' else '-' end || case when p.provariadic <> 0 then 'v' else '-' end || p.pronargdefaults::text,
      format_type(p.prorettype, null),
      coalesce((select string_agg(format_type(t, null), ',' order by o)
        from unnest(p.proargtypes::oid[]) with ordinality u(t, o)), ''),
      coalesce((select string_agg(p.proargnames[o] || ':' || format_type(t, null), ',' order by o)
        from unnest(p.proallargtypes) with ordinality u(t, o) where p.proargmodes[o] in ('o', 'b', 't')), '')),
    '|' order by p.oid) as line
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('pg_catalog', 'information_schema')
  group by n.nspname, p.proname order by n.nspname collate "C", p.proname collate "C"`

const relationsQuery = `
  select n.nspname || '|' || c.relname || '|' || c.relkind::text || '|' ||
    (select string_agg(a.attname || ':' || format_type(a.atttypid, null), ',' order by a.attnum)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0) as line
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')
  order by n.nspname collate "C", c.relname collate "C"`

const typesQuery = `
  select n.nspname || '|' || t.typname || '|' || t.typtype::text ||
    case when t.typtype = 'd' then '|' || format_type(t.typbasetype, null) else '' end as line
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where n.nspname in ('pg_catalog', 'information_schema') and t.typtype <> 'c' and t.typname !~ '^_'
  order by n.nspname collate "C", t.typname collate "C"`

async function read(at: string): Promise<{
  readonly routines: readonly string[]
  readonly relations: readonly string[]
  readonly types: readonly string[]
  readonly version: string
}> {
  const client = new pg.Client({ connectionString: at })
  await client.connect()
  const routines = await lines(client, routinesQuery)
  const relations = await lines(client, relationsQuery)
  const types = await lines(client, typesQuery)
  const [version = ''] = await lines(client, `select current_setting('server_version') as line`)
  await client.end()
  return { routines, relations, types, version: version.split(' ')[0] ?? '' }
}

/** Parts of lines (after `head` fields) whose key is in no line of the same head among `known`. */
function missing(
  past: readonly string[],
  known: readonly string[],
  head: number,
  split: string,
  key: (part: string) => string,
): readonly string[] {
  const cut = (line: string): readonly [string, readonly string[]] => {
    const fields = line.split('|')
    return [fields.slice(0, 2).join('|'), fields.slice(head).join('|').split(split)]
  }
  const there = new Map(known.map(cut).map(([name, parts]) => [name, new Set(parts.map(key))]))
  return past.flatMap((line) => {
    const [name, parts] = cut(line)
    const gone = parts.filter((part) => there.get(name)?.has(key(part)) !== true)
    const begin = line.split('|').slice(0, head).join('|')
    return gone.length === 0 ? [] : [`${begin}|${gone.join(split)}`]
  })
}

const { routines, relations, types, version } = await read(address)

const literal = (name: string, doc: string, content: readonly string[]): string => {
  const text = content.join('\n')
  if (/[`\\]|\$\{/.test(text)) throw new Error('a name needs escaping')
  return `/** ${doc} */\nexport const ${name}: string = \`\n${text}\n\`\n`
}

writeFileSync(
  fileURLToPath(new URL('../../engine/action/sql/catalog/builtin-data.ts', import.meta.url)),
  `// What pg_catalog and information_schema of a fresh PostgreSQL ${version} database hold.
// Written by test/support/builtin-catalog.ts; read by builtin.ts, which says what the fields mean.

${literal('routineLines', 'schema|name|overload...; an overload is kind, volatility, set, variadic, defaults ~ result ~ arguments ~ outputs.', routines)}
${literal('relationLines', 'schema|name|kind|column:type,...', relations)}
${literal('typeLines', 'schema|name|kind, and for a domain its base type.', types)}`,
)

if (older !== undefined) {
  const past = await read(older)
  writeFileSync(
    fileURLToPath(new URL('../../engine/action/sql/catalog/builtin-past.ts', import.meta.url)),
    `// What a fresh PostgreSQL ${past.version} database holds in pg_catalog and information_schema, and ${version} no more.
// Written by test/support/builtin-catalog.ts; read by builtin.ts.

${literal(
  'pastRoutineLines',
  'As routineLines.',
  missing(past.routines, routines, 2, '|', (overload) => overload.split('~')[2] ?? ''),
)}
${literal(
  'pastRelationLines',
  'As relationLines, with the columns that are gone.',
  missing(past.relations, relations, 3, ',', (column) => column.split(':')[0] ?? ''),
)}`,
  )
}
