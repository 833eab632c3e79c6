// What sessions cost: memory of one that is idle, and how many can begin in a second with TLS and a verified token,
// beside pgbouncer with TLS. Idle sessions stand before a server that answers nothing but log-ins. SESSIONS says how many.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  cstring,
  encodeAuthentication,
  encodeBackendKey,
  encodeFrame,
  encodeReady,
  encodeStartup,
} from '../../proxy/postgres/wire/index.ts'
import { installed, median, pgbench, Roads, type Row, residentBytes, shippedPolicies } from '../support/data-path.ts'
import { startPostgres } from '../support/postgres-server.ts'

/** The bench's name. */
export const name = 'data path, sessions'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  'idle sessions': 'two sockets with a buffer of 2 KB each, so that nothing is allocated when a statement comes.',
  'new sessions with TLS: sallyport, two processes':
    'as with one; pgbench, which makes a TLS handshake for each session too, and the database have the same two processors.',
  'new sessions with TLS: sallyport, connections kept':
    'TLS costs as much as in pgbouncer; but each session is judged, and its record is a file of its own whose beginning and end are signed, in a process that does nearly all this in one thread.',
  'new sessions with TLS: sallyport':
    'every session logs in at the server, which starts a process for it; pgbouncer gives out connections that it has.',
}

const sessions = Number(process.env['SESSIONS'] ?? 5000)
const rounds = Number(process.env['ROUNDS'] ?? 5)
const seconds = Number(process.env['SECONDS_EACH'] ?? 2)
/** How long each road is used before it is measured. */
const warmUpSeconds = 4 * seconds

/** Memory of an idle session, and new sessions a second. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  const rows = [await idleSessions()]
  if (installed('pgbench') && installed('openssl', 'version')) rows.push(...(await newSessions()))
  return { rows }
}

async function idleSessions(): Promise<Row> {
  const real = await startPostgres()
  const server = await answeringLogins(real.port)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { host, database, user, password } = real
  const roads = new Roads({ host, port, database, user, password })
  const clients: Socket[] = []
  try {
    const road = await roads.gateway({ name: 'sallyport', policies: shippedPolicies })
    const begin = async (count: number): Promise<void> => {
      for (let left = count; left > 0; left -= 20)
        clients.push(
          ...(await Promise.all(Array.from({ length: Math.min(20, left) }, () => session(road.port, road.password)))),
        )
    }
    // What the first ones bring with them is the process's own.
    await begin(200)
    const before = residentBytes(road.pid)
    await begin(sessions)
    const kilobytes = (residentBytes(road.pid) - before) / sessions / 1024
    return { name: `memory of one of ${sessions} idle sessions`, value: kilobytes, unit: 'KB', goal: '<= 40' }
  } finally {
    for (const client of clients) client.destroy()
    await roads.stop()
    server.close()
    await real.stop()
  }
}

/** A server that lets sessions in and says nothing more; the gateway's look at the catalog goes on to a real one. */
async function answeringLogins(real: number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (first: Buffer) => {
      if (!first.includes('search_path')) {
        const onward = connect({ host: '127.0.0.1', port: real })
        onward.on('error', () => socket.destroy())
        onward.write(first)
        socket.pipe(onward).pipe(socket)
        return
      }
      socket.write(
        Buffer.concat([
          encodeAuthentication('ok'),
          encodeFrame('S', cstring('server_version'), cstring('18.0')),
          encodeBackendKey(1, Buffer.alloc(4)),
          encodeReady('I'),
        ]),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** A session that is open and idle. */
async function session(port: number, token: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  socket.write(
    encodeStartup(
      new Map([
        ['user', 'agent'],
        ['database', 'bench'],
      ]),
    ),
  )
  let asked = false
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      if (!asked) {
        asked = true
        socket.write(encodeFrame('p', cstring(token)))
      } else if (chunk.subarray(-6, -5).toString() === 'Z') resolve(socket)
      else reject(new Error(`no session: ${chunk.toString('latin1').slice(0, 200)}`))
    })
    socket.on('close', () => reject(new Error('the gateway closed the connection')))
  })
}

/** Sessions that begin, read one row and end, in a second. */
async function newSessions(): Promise<readonly Row[]> {
  const server = await startPostgres({ settings: { max_connections: '200' } })
  const roads = new Roads(server)
  try {
    pgbench(roads.direct, ['-i', '-s', '1', '-q'])
    const certificate = join(roads.folder, 'server.pem')
    const key = join(roads.folder, 'server.key')
    const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', ...options, '-subj', '/CN=localhost', '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    })
    // pgbouncer may run as another user, and the gateway takes no key that others can read.
    const readable = join(roads.folder, 'bouncer.key')
    copyFileSync(key, readable)
    chmodSync(readable, 0o644)
    chmodSync(key, 0o600)
    chmodSync(roads.folder, 0o755)
    const bouncer = await roads.pgbouncer({ certificate, key: readable })
    const gateway = await roads.gateway({ name: 'sallyport', policies: shippedPolicies, tls: { certificate, key } })
    const keeping = await roads.gateway({
      name: 'sallyport, connections kept',
      policies: shippedPolicies,
      tls: { certificate, key },
      warm: '1m',
    })
    const two = { policies: shippedPolicies, tls: { certificate, key }, processes: 2 } as const
    const both = await roads.gateway({ ...two, name: 'sallyport, two processes' })
    const bothKeeping = await roads.gateway({ ...two, name: 'sallyport, two processes, connections kept', warm: '1m' })
    const all = [bouncer, gateway, keeping, both, bothKeeping].filter((road) => road !== undefined)
    // pgbouncer has connected to the server when it is measured, and code that has not run often is not compiled: of the
    // first thousand sessions of a gateway each costs about a quarter more.
    for (const road of all) pgbench(road, ['-n', '-S', '-C', '-c', '8', '-T', String(warmUpSeconds)])
    const measured = new Map<string, number[]>(all.map((road) => [road.name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const road of all)
        measured.get(road.name)?.push(pgbench(road, ['-n', '-S', '-C', '-c', '8', '-T', String(seconds)]))
    }
    const other = measured.get('pgbouncer')
    return [...measured].map(([road, figures]): Row => {
      const held = road !== 'pgbouncer' && other !== undefined
      const against = held ? { ratio: median(figures) / median(other), goal: '>= 0.5' } : {}
      return { name: `new sessions with TLS: ${road}`, value: median(figures), unit: 'a second', ...against }
    })
  } finally {
    await roads.stop()
    await server.stop()
  }
}
