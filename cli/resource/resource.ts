// `sallyport resource provision`: prepares a PostgreSQL server for the `views` mode of masking.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { catalogFromServer, catalogQuery, createSqlAnalyzer, type ServerMajor } from '../../engine/action/sql/index.ts'
import { type Filter, type Mask, parseStrategy } from '../../engine/decision/index.ts'

const usage = `usage: sallyport resource provision --url-file FILE --login NAME [options]

Makes the schema \`sallyport\` with security_barrier views over what a policy masks and filters, and gives NAME rights
on those and on everything else, but none on masked columns, filtered rows and functions that run as their owner. A
resource whose upstream says \`protection: views\` then reads through them. Run it again whenever masks change.

  --url-file FILE           a connection string of the owner of the relations, in a file
  --login NAME              the role that the gateway logs in as; made when it is not there, its password is yours to set
  --mask COLUMN=STRATEGY    as the policy has it: public.cards.number=last4; may be repeated
  --filter RELATION=WHERE   as the policy has it: public.orders=tenant_id = 42; may be repeated
  --apply                   run the statements in one transaction; otherwise they are printed
`

/** Runs `sallyport resource`. */
export async function run(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args
  if (what === undefined || what === '--help') {
    process.stdout.write(usage)
    return what === undefined ? 1 : 0
  }
  if (what !== 'provision') return wrong(`there is no \`resource ${what}\``)
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(rest)
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  const { values } = parsed
  const { login, 'url-file': urlFile } = values
  if (login === undefined || urlFile === undefined) return wrong('--url-file and --login are needed')
  const masks = pairs(values.mask ?? []).map(([column, strategy]): Mask => ({ column, with: strategy }))
  const filters = pairs(values.filter ?? []).map(([relation, where]): Filter => ({ relation, where }))
  if (masks.length + filters.length === 0) return wrong('give --mask or --filter')
  const unknown = masks.find((mask) => parseStrategy(mask.with) === undefined)
  if (unknown !== undefined) return wrong(`there is no strategy \`${unknown.with}\``)
  const client = new pg.Client({ connectionString: readFileSync(urlFile, 'utf8').trim() })
  await client.connect()
  try {
    return await provision(client, { masks, filters }, login, values.apply === true)
  } finally {
    await client.end()
  }
}

async function provision(
  client: pg.Client,
  terms: { readonly masks: readonly Mask[]; readonly filters: readonly Filter[] },
  login: string,
  apply: boolean,
): Promise<number> {
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  const version = await client.query<{ server_version_num: string }>('SHOW server_version_num')
  const analyzer = await createSqlAnalyzer(
    majorOf(Number(version.rows[0]?.server_version_num)),
    catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1'),
  )
  const made = analyzer.provision(terms, login)
  if (!made.ok) return wrong(made.why)
  if (!apply) {
    process.stdout.write(`BEGIN;\n${made.statements.map((statement) => `${statement};\n`).join('')}COMMIT;\n`)
    return 0
  }
  await client.query('BEGIN')
  for (const statement of made.statements) await client.query(statement)
  await client.query('COMMIT')
  process.stdout.write(`${made.statements.length} statements were run; ${login} is ready\n`)
  return 0
}

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      'url-file': { type: 'string' },
      login: { type: 'string' },
      mask: { type: 'string', multiple: true },
      filter: { type: 'string', multiple: true },
      apply: { type: 'boolean' },
    },
  })
}

/** `a=b` at the first equals sign. */
function pairs(texts: readonly string[]): readonly (readonly [string, string])[] {
  return texts.map((text) => {
    const at = text.indexOf('=')
    return [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
  })
}

function majorOf(version: number): ServerMajor {
  const major = Math.floor(version / 10_000)
  return major === 15 || major === 16 || major === 17 ? major : 18
}

function wrong(message: string): number {
  process.stderr.write(`sallyport resource: ${message}\n`)
  return 1
}
