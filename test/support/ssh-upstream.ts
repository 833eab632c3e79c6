// A host for SSH tests: runs commands with the machine's shell, in a folder of its own, for one key.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, timingSafeEqual } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import { generateSshKey } from '../../proxy/identity/index.ts'
import { watchTerminalModes } from '../../proxy/ssh/terminal-modes.ts'

/** A running host. */
export interface SshHost {
  readonly port: number
  /** Its line of known_hosts. */
  readonly known: string
  /** Private key that it lets in. */
  readonly key: string
  /** Commands that it ran. */
  readonly ran: string[]
  /** Ports that it listens on for clients. */
  readonly ports: ReadonlySet<number>
  close(): Promise<void>
}

/** Starts one. `listen` may hear of each channel before commands do. */
export async function startSshHost(
  listen: (client: ssh2.Connection, session: ssh2.Session, modes: () => Buffer | undefined) => void = () => undefined,
): Promise<SshHost> {
  const host = generateSshKey()
  const user = generateSshKey()
  const allowed = ssh2.utils.parseKey(user.public)
  if (allowed instanceof Error) throw allowed
  const key = Array.isArray(allowed) ? allowed[0] : allowed
  const ran: string[] = []
  const ports = new Set<number>()
  const children = new Set<ChildProcess>()
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    client.on('error', () => undefined)
    const modes = watchTerminalModes(client)
    client.on('authentication', (context) => {
      const isUser =
        context.method === 'publickey' &&
        key !== undefined &&
        isSame(context.key.data, key.getPublicSSH()) &&
        (context.signature === undefined ||
          (context.blob !== undefined && key.verify(context.blob, context.signature, context.hashAlgo) === true))
      if (isUser) context.accept()
      else context.reject(['publickey'])
    })
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = connect(destPort, destIP)
      socket.once('connect', () => {
        const channel = accept()
        channel.pipe(socket).pipe(channel)
      })
      socket.once('error', () => reject())
    })
    const listening = new Map<number, Server>()
    client.on('request', (accept, reject, name, { bindAddr, bindPort }) => {
      if (name === 'cancel-tcpip-forward') {
        listening.get(bindPort)?.close()
        return accept?.()
      }
      if (name !== 'tcpip-forward') return reject?.()
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => undefined)
        client.forwardOut(bindAddr, port, socket.remoteAddress ?? '', socket.remotePort ?? 0, (error, channel) => {
          if (error) {
            socket.destroy()
            return
          }
          channel.pipe(socket).pipe(channel, { end: false })
          socket.on('end', () => channel.eof())
          channel.on('close', () => socket.end())
        })
      })
      let port = 0
      server.listen(bindPort, '127.0.0.1', () => {
        const address = server.address()
        port = typeof address === 'object' && address !== null ? address.port : 0
        listening.set(port, server)
        ports.add(port)
        server.on('close', () => ports.delete(port))
        accept?.(port)
      })
    })
    client.on('close', () => {
      for (const server of listening.values()) server.close()
    })
    client.on('session', (accept) => {
      const session = accept()
      listen(client, session, modes)
      session.on('pty', (agree) => agree?.())
      session.on('exec', (agree, _refuse, { command }) => {
        ran.push(command)
        const channel = agree()
        const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe' })
        children.add(child)
        child.on('close', () => children.delete(child))
        channel.pipe(child.stdin)
        child.stdout.pipe(channel, { end: false })
        child.stderr.pipe(channel.stderr, { end: false })
        session.on('signal', (_agree, _deny, { name }) => child.kill(`SIG${name}` as NodeJS.Signals))
        child.stdin.on('error', () => undefined)
        child.on('close', (code, signal) => {
          if (code === null) channel.exit((signal ?? 'SIGKILL').replace(/^SIG/, ''), false, '')
          else channel.exit(code)
          channel.end()
        })
        channel.on('close', () => child.kill())
      })
      session.on('shell', (agree) => {
        const channel = agree()
        channel.write('welcome\r\n')
        channel.on('data', (bytes: Buffer) => {
          channel.write(bytes)
          if (bytes.includes('exit')) {
            channel.exit(0)
            channel.end()
          }
        })
      })
    })
  })
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    server.injectSocket(socket)
  })
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const [kind = '', encoded = ''] = host.public.split(' ')
  return {
    port,
    known: `[127.0.0.1]:${port} ${kind} ${encoded}`,
    key: user.private,
    ran,
    ports,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy()
        for (const child of children) child.kill('SIGKILL')
        listener.close(() => done())
      }),
  }
}

function isSame(a: Buffer, b: Buffer): boolean {
  const digest = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
  return timingSafeEqual(digest(a), digest(b))
}
