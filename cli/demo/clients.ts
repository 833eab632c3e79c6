// The demo's own clients, for machines without psql, ssh or curl: the same wire, the same token.
import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import pg from 'pg'
import ssh2 from 'ssh2'
import { type DemoPorts, lastPorts } from './ports.ts'

/** What a client needs to know of the running demo. */
interface Reachable {
  readonly port: number
  readonly token: string
}

/** Where a listener of the running demo is; undefined, and told, when there is none. */
function reach(folder: string, listener: keyof DemoPorts): Reachable | undefined {
  const ports = lastPorts(join(folder, 'ports.json'))
  if (ports === undefined || !existsSync(join(folder, 'token'))) {
    process.stderr.write(`sallyport demo: no demo is running in ${folder}; start it with \`sallyport demo\`\n`)
    return undefined
  }
  return { port: ports[listener], token: readFileSync(join(folder, 'token'), 'utf8') }
}

/** Sends one statement. Exit 2 when it is refused. */
export async function sql(folder: string, statement: string): Promise<number> {
  const place = reach(folder, 'postgres')
  if (place === undefined) return 1
  const { port, token: password } = place
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'agent', database: 'shop', password })
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

/** Runs one command and answers with its exit code. */
export async function ssh(folder: string, command: string): Promise<number> {
  const place = reach(folder, 'ssh')
  if (place === undefined) return 1
  const [, , known = ''] = readFileSync(join(folder, 'keys', 'ssh-host.pub'), 'utf8').match(/^(\S+) (\S+)/) ?? []
  const client = new ssh2.Client()
  try {
    await new Promise<void>((done, failed) => {
      client.on('ready', done)
      client.on('error', failed)
      client.connect({
        host: '127.0.0.1',
        port: place.port,
        username: 'files',
        password: place.token,
        hostVerifier: (key: Buffer) => key.toString('base64') === known,
      })
    })
    return await new Promise<number>((done, failed) => {
      client.exec(command, (error, channel) => {
        if (error !== undefined) return failed(error)
        channel.on('exit', (code: number | null) => done(code ?? 1))
        channel.on('close', () => done(1))
        channel.pipe(process.stdout, { end: false })
        channel.stderr.pipe(process.stderr, { end: false })
        channel.end()
      })
    })
  } finally {
    client.end()
  }
}

/** Sends one request and prints the answer. Exit 2 when it is no success. */
export async function http(folder: string, method: string, path: string): Promise<number> {
  const place = reach(folder, 'http')
  if (place === undefined) return 1
  return new Promise((done, failed) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: place.port,
        method,
        path,
        agent: false,
        headers: { authorization: `Bearer ${place.token}` },
      },
      (response) => {
        const { statusCode = 0, statusMessage = '' } = response
        process.stdout.write(`HTTP ${statusCode} ${statusMessage}\n`)
        response.pipe(process.stdout, { end: false })
        response.on('end', () => done(statusCode < 400 ? 0 : 2))
      },
    )
    sent.on('error', failed)
    sent.end()
  })
}
