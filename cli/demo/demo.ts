// `sallyport demo`: a whole gateway on this machine, with a real database behind it and what to try.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { startDemo } from './gateway.ts'

const usage = `usage: sallyport demo [sql STATEMENT]

  demo        starts everything on loopback and prints what to try; Ctrl-C ends it
  demo sql    sends one statement to the running demo, over the real wire
`

/** Runs `sallyport demo`. State is kept in `.sallyport/demo`, or where SALLYPORT_DEMO says. */
export async function run(args: readonly string[]): Promise<number> {
  const folder = resolve(process.env['SALLYPORT_DEMO'] ?? join('.sallyport', 'demo'))
  const [what, ...rest] = args
  if (what === undefined) return serve(folder)
  if (what === 'sql' && rest.length === 1) return sql(folder, rest[0] ?? '')
  process.stderr.write(usage)
  return 1
}

async function serve(folder: string): Promise<number> {
  const started = Date.now()
  mkdirSync(folder, { recursive: true })
  const demo = await startDemo(folder, (line) => process.stdout.write(`  ${line}\n`))
  const token = await demo.issuer.token({
    subject: 'agent-1',
    kind: 'agent',
    groups: ['analysts'],
    scopes: [],
    lifetimeSeconds: 3600,
  })
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, token, { mode: 0o600 })
  const port = demo.ports.get('postgres') ?? 0
  writeFileSync(join(folder, 'port'), String(port))
  const admin = demo.ports.get('admin') ?? 0
  process.stdout.write(guide(folder, port, admin, Date.now() - started))
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })
  process.stdout.write('\nending\n')
  await demo.close()
  for (const name of ['port', 'token']) rmSync(join(folder, name), { force: true })
  return 0
}

function guide(folder: string, port: number, admin: number, tookMs: number): string {
  const psql = `PGPASSWORD=$(cat ${join(folder, 'token')}) psql -h 127.0.0.1 -p ${port} -U agent shop`
  return `
The gateway is up after ${(tookMs / 1000).toFixed(1)} s: PostgreSQL on 127.0.0.1:${port}, database shop.

  ${psql}

Without psql: sallyport demo sql "SELECT ..."

Try                                                       and see
  SELECT * FROM customers LIMIT 3;                        e-mail addresses masked
  SELECT number FROM cards LIMIT 3;                       card numbers masked
  SELECT id FROM cards WHERE number LIKE '4%';            refused: a masked column would be searched
  DELETE FROM orders;                                     refused: no WHERE
  DELETE FROM orders WHERE id = 7;                        allowed
  DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$;        refused: not fully understood
  DROP TABLE orders;                                      held until a person approves, in another terminal:

  export SALLYPORT_ADMIN_URL=http://127.0.0.1:${admin} SALLYPORT_APPROVER=${join(folder, 'approver', 'approver.json')}
  sallyport approvals list
  sallyport approvals show ID
  sallyport approvals approve ID      (or: deny ID --reason "...")

Files
  policy       ${join(folder, 'policy')}   (edit one and it is live)
  recordings   ${join(folder, 'recordings')}
  settings     ${join(folder, 'sallyport.yaml')}
  log          ${join(folder, 'gateway.log')}

  sallyport sessions list   --dir ${join(folder, 'recordings')}
  sallyport sessions verify --dir ${join(folder, 'recordings')} --key ${join(folder, 'keys', 'recording-verify.pem')}

Ctrl-C ends it.
`
}

async function sql(folder: string, statement: string): Promise<number> {
  if (!existsSync(join(folder, 'port'))) {
    process.stderr.write('sallyport demo: no demo is running here; start it with `sallyport demo`\n')
    return 1
  }
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(readFileSync(join(folder, 'port'), 'utf8')),
    user: 'agent',
    database: 'shop',
    password: readFileSync(join(folder, 'token'), 'utf8'),
  })
  try {
    await client.connect()
    const answer = await client.query(statement)
    for (const row of answer.rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    process.stdout.write(`${answer.command ?? ''} ${answer.rowCount ?? ''}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    process.stdout.write(
      `ERROR ${error.code ?? ''}: ${error.message}\n${error.detail === undefined ? '' : `DETAIL: ${error.detail}\n`}${error.hint === undefined ? '' : `HINT: ${error.hint}\n`}`,
    )
    return 2
  } finally {
    await client.end().catch(() => undefined)
  }
}
