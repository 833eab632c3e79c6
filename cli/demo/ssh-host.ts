// The demo's host behind SSH: runs commands with the machine's shell in a folder of its own, for the one key that only
// the gateway has. It listens on loopback.
import { type ChildProcess, spawn } from 'node:child_process'
import { timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { generateSshKey } from '../../proxy/identity/index.ts'

/** A running host. */
export interface DemoHost {
  readonly port: number
  /** Its line of known_hosts. */
  readonly known: string
  /** The private key that it lets in. */
  readonly key: string
  close(): Promise<void>
}

const files: Readonly<Record<string, string>> = {
  'README.txt': 'The demo host. What is printed here passes the gateway.\n',
  'app.log': [
    '2026-01-05T10:00:00Z order 17 placed by customer17@example.org',
    '2026-01-05T10:00:02Z order 17 paid with 4111 1111 1111 1111',
    '2026-01-05T10:00:09Z order 17 packed',
    '',
  ].join('\n'),
}

/** Starts the host in a folder, which it fills where it is not there yet. */
export async function startDemoHost(folder: string): Promise<DemoHost> {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  }
  const host = generateSshKey()
  const user = generateSshKey()
  const allowed = ssh2.utils.parseKey(user.public)
  if (allowed instanceof Error) throw allowed
  const children = new Set<ChildProcess>()
  const clients = new Set<ssh2.Connection>()
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    clients.add(client)
    client.on('error', () => undefined)
    client.on('close', () => clients.delete(client))
    client.on('authentication', (context) => {
      if (isGateway(context, allowed)) context.accept()
      else context.reject(['publickey'])
    })
    client.on('session', (accept) => serveSession(accept(), folder, children))
  })
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', done)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    known: `[127.0.0.1]:${port} ${host.public.trim()}`,
    key: user.private,
    close: () =>
      new Promise((done) => {
        for (const child of children) child.kill()
        for (const client of clients) client.end()
        server.close(() => done())
      }),
  }
}

function isGateway(context: ssh2.AuthContext, allowed: ssh2.ParsedKey): boolean {
  if (context.method !== 'publickey') return false
  const [offered, own] = [context.key.data, allowed.getPublicSSH()]
  if (offered.length !== own.length || !timingSafeEqual(offered, own)) return false
  if (context.signature === undefined) return true
  return context.blob !== undefined && allowed.verify(context.blob, context.signature, context.hashAlgo) === true
}

function serveSession(session: ssh2.Session, folder: string, children: Set<ChildProcess>): void {
  session.on('pty', (agree) => agree?.())
  session.on('exec', (agree, _refuse, { command }) => runIn(folder, command, agree(), children))
  session.on('shell', (agree) => {
    const channel = agree()
    channel.stderr.write('this host runs commands: ssh HOST COMMAND\r\n')
    channel.exit(1)
    channel.end()
  })
}

function runIn(folder: string, command: string, channel: ssh2.ServerChannel, children: Set<ChildProcess>): void {
  const env = { PATH: process.env['PATH'], HOME: folder, LANG: 'C' }
  const child = spawn('/bin/sh', ['-c', command], { cwd: folder, env, stdio: 'pipe' })
  children.add(child)
  child.stdin.on('error', () => undefined)
  child.on('error', () => channel.close())
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  child.on('close', (code) => {
    children.delete(child)
    channel.exit(code ?? 1)
    channel.end()
  })
  channel.on('close', () => child.kill())
}
