// Writes engine/action/sql/catalog/builtin-data.ts from a fresh database of a real PostgreSQL 18.
// `tsx test/support/builtin-catalog.ts postgres://USER@HOST:PORT/DATABASE`
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const [address] = process.argv.slice(2)
if (address === undefined) throw new Error('give the address of a PostgreSQL 18 server')
const client = new pg.Client({ connectionString: address })
await client.connect()

async function lines(text: string): Promise<string[]> {
  const result = await client.query<{ line: string }>(text)
  return result.rows.map((row) => row.line)
}

const routines = await lines(`
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
  group by n.nspname, p.proname order by n.nspname collate "C", p.proname collate "C"`)

const relations = await lines(`
  select n.nspname || '|' || c.relname || '|' || c.relkind::text || '|' ||
    (select string_agg(a.attname || ':' || format_type(a.atttypid, null), ',' order by a.attnum)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0) as line
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')
  order by n.nspname collate "C", c.relname collate "C"`)

const types = await lines(`
  select n.nspname || '|' || t.typname || '|' || t.typtype::text ||
    case when t.typtype = 'd' then '|' || format_type(t.typbasetype, null) else '' end as line
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where n.nspname in ('pg_catalog', 'information_schema') and t.typtype <> 'c' and t.typname !~ '^_'
  order by n.nspname collate "C", t.typname collate "C"`)

const version = await client.query<{ version: string }>(`select current_setting('server_version') as version`)
await client.end()

const literal = (name: string, doc: string, content: readonly string[]): string => {
  const text = content.join('\n')
  if (/[`\\]|\$\{/.test(text)) throw new Error('a name needs escaping')
  return `/** ${doc} */\nexport const ${name}: string = \`\n${text}\n\`\n`
}

writeFileSync(
  fileURLToPath(new URL('../../engine/action/sql/catalog/builtin-data.ts', import.meta.url)),
  `// What pg_catalog and information_schema of a fresh PostgreSQL ${version.rows[0]?.version.split(' ')[0]} database hold.
// Written by test/support/builtin-catalog.ts; read by builtin.ts, which says what the fields mean.

${literal('routineLines', 'schema|name|overload...; an overload is kind, volatility, set, variadic, defaults ~ result ~ arguments ~ outputs.', routines)}
${literal('relationLines', 'schema|name|kind|column:type,...', relations)}
${literal('typeLines', 'schema|name|kind, and for a domain its base type.', types)}`,
)
