// A kubelet for tests: no containers; commands of an exec run on this machine, logs and ports are the test's.
import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { testKey } from './keys.ts'
import { acceptStream, type Peer } from './kube-streams.ts'

/** A kubelet that runs. */
export interface FakeKubelet {
  readonly port: number
  /** Logs of every container. */
  logs: string
  close(): Promise<void>
}

/** Starts one. */
export async function startFakeKubelet(): Promise<FakeKubelet> {
  const sockets = new Set<Duplex>()
  const server = createServer({ cert: testKey('server.pem'), key: testKey('server.key') })
  const kubelet = { port: 0, logs: 'line 1\nline 2\n' }
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'https://kubelet')
    if (url.pathname.startsWith('/containerLogs/')) {
      response.writeHead(200, { 'Content-Type': 'text/plain' })
      if (url.searchParams.get('follow') === null) response.end(kubelet.logs)
      else {
        // Followed: a line at a time, then the container ends.
        const lines = kubelet.logs.split(/(?<=\n)/)
        const next = (): void => {
          const line = lines.shift()
          if (line === undefined) response.end()
          else response.write(line, () => setImmediate(next))
        }
        next()
      }
    } else response.writeHead(404).end()
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const url = new URL(request.url ?? '/', 'https://kubelet')
    const peer = acceptStream(request, socket)
    if (head.length > 0) peer.take(head)
    if (url.pathname.startsWith('/exec/')) commandOf(url)(peer, url)
    else if (url.pathname.startsWith('/attach/')) attach(peer)
    else if (url.pathname.startsWith('/portForward/')) forward(peer)
    else socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  kubelet.port = typeof address === 'object' && address !== null ? address.port : 0
  return Object.assign(kubelet, {
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  })
}

function commandOf(url: URL): (peer: Peer, url: URL) => void {
  if (!url.searchParams.has('tty')) return runCommand
  return url.searchParams.getAll('command').includes('-c') ? terminalCommand : terminal
}

/** A command with a terminal that knows its size; what is typed comes by lines, up to Ctrl-D. */
function terminalCommand(peer: Peer, url: URL): void {
  const [command = 'true', ...args] = url.searchParams.getAll('command')
  const sized = (): string | undefined => peer.got.get('resize')?.trim().split('\n').at(-1)
  const start = (): void => {
    const { Width, Height }: { readonly Width: number; readonly Height: number } = JSON.parse(sized() ?? '{}')
    const env = { ...process.env, SIZE: `${Width}x${Height}` }
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => peer.send('stdout', chunk.toString('latin1').replaceAll('\n', '\r\n')))
    child.stdin.on('error', () => undefined)
    const type = (text: string): void => {
      child.stdin.write(text.replaceAll('\r', '\n').replaceAll('\x04', ''))
      if (text.includes('\x04')) child.stdin.end()
    }
    type(peer.got.get('stdin') ?? '')
    peer.onData((channel, text) => {
      if (channel === 'stdin') type(text)
    })
    child.on('error', () => exit(peer, 127, ['tty']))
    child.on('close', (code) => exit(peer, code ?? 1, ['tty']))
    peer.socket.once('close', () => child.kill('SIGKILL'))
  }
  peer.until(() => (sized() ?? '') !== '').then(start, () => undefined)
}

function runCommand(peer: Peer, url: URL): void {
  const [command = 'true', ...args] = url.searchParams.getAll('command')
  const wanted = [...url.searchParams.keys()]
  const expected = 1 + ['input', 'output', 'error'].filter((one) => wanted.includes(one)).length
  const start = (): void => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const send = (channel: string) => (chunk: Buffer) => peer.send(channel, chunk.toString('latin1'))
    child.stdout.on('data', send('stdout'))
    if (wanted.includes('error')) child.stderr.on('data', send('stderr'))
    child.stdin.on('error', () => undefined)
    child.stdin.write(Buffer.from(peer.got.get('stdin') ?? '', 'latin1'))
    peer.onData((channel, text) => {
      if (channel === 'stdin') child.stdin.write(Buffer.from(text, 'latin1'))
    })
    peer.onOver((channel) => {
      if (channel === 'stdin') child.stdin.end()
    })
    if (peer.over.has('stdin') || !wanted.includes('input')) child.stdin.end()
    child.on('error', () => exit(peer, 127, wanted))
    child.on('close', (code) => exit(peer, code ?? 1, wanted))
    peer.socket.once('close', () => child.kill('SIGKILL'))
  }
  // Streams of SPDY open one by one; the command starts when all are there.
  peer.until(() => !peer.opens || peer.got.size >= expected).then(start, () => undefined)
}

function exit(peer: Peer, code: number, wanted: readonly string[]): void {
  const failure = {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command, exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
  peer.send('error', JSON.stringify(code === 0 ? { metadata: {}, status: 'Success' } : failure))
  for (const channel of ['error', 'stdout', ...(wanted.includes('error') && !wanted.includes('tty') ? ['stderr'] : [])])
    if (peer.opens) peer.finish(channel)
  peer.end()
}

/** An exec with a terminal: a shell of its own that tells its size, echoes what it is told, and leaves with a code. */
function terminal(peer: Peer, url: URL): void {
  const wanted = [...url.searchParams.keys()]
  const expected = 2 + ['input', 'output'].filter((one) => wanted.includes(one)).length
  let line = ''
  const take = (channel: string, text: string): void => {
    if (channel === 'resize') {
      for (const one of text.split('\n').filter((size) => size !== '')) {
        const { Width, Height }: { readonly Width: number; readonly Height: number } = JSON.parse(one)
        peer.send('stdout', `size ${Width}x${Height}\r\n`)
      }
      return
    }
    if (channel !== 'stdin') return
    for (const key of text) {
      if (key !== '\r' && key !== '\n') {
        line += key
        peer.send('stdout', key)
        continue
      }
      const said = line
      line = ''
      if (said.startsWith('exit')) {
        peer.send('stdout', '\r\nbye\r\n')
        exit(peer, Number(said.slice(5)), ['tty'])
      } else peer.send('stdout', `\r\n${said.split('').reverse().join('')}\r\n$ `)
    }
  }
  const greet = (): void => {
    peer.send('stdout', '$ ')
    for (const channel of ['resize', 'stdin']) take(channel, peer.got.get(channel) ?? '')
    peer.onData(take)
  }
  peer.until(() => !peer.opens || peer.got.size >= expected).then(greet, () => undefined)
}

/** What is attached to echoes each line until it reads `exit`. */
function attach(peer: Peer): void {
  const greet = (): void => {
    peer.send('stdout', 'attached\n')
    peer.onData((channel, text) => {
      if (channel !== 'stdin') return
      peer.send('stdout', `echo ${text}`)
      if (text.includes('exit')) exit(peer, 0, [])
    })
    const early = peer.got.get('stdin') ?? ''
    if (early.includes('exit')) exit(peer, 0, [])
  }
  peer.until(() => peer.got.has('stdout') || !peer.opens).then(greet, () => undefined)
}

/** Every port answers one HTTP request. */
function forward(peer: Peer): void {
  peer.onData((channel, text) => {
    if (!channel.startsWith('data:') || !text.includes('\r\n\r\n')) return
    const body = `port ${channel.slice(5)}\n`
    peer.send(channel, `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
    peer.finish(channel)
    peer.finish(channel.replace('data', 'error'))
  })
}
