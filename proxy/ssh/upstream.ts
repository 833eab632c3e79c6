// The gateway's own connection to a host: one for each client at a time, never shared between identities, and only to a
// key that is known.
import { Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { sessionChannels } from './ahead.ts'
import { keyAndCertificate, showCertificate } from './certificate-login.ts'
import { askHostCertificates, useCertifiedKey } from './host-certificates.ts'
import { hostChannels, type OpenedByHost, setUpChannel } from './host-channels.ts'
import type { KnownHosts } from './known-hosts.ts'
import { quickenPackets } from './packets/install.ts'
import { originOf } from './place.ts'
import { noSetting, type Setting } from './setting.ts'
import { endOnce, mendTransport, type Transport } from './transport.ts'

/** How a host is reached. */
export interface SshUpstreamTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly credential: { readonly kind: 'key' | 'password'; readonly secret: string }
  readonly knownHosts: KnownHosts
  readonly connectMs: number
}

/** The host cannot be used. The message is safe for clients. */
export class SshUpstreamError extends Error {
  readonly code: 'unreachable' | 'host_key' | 'refused'
  constructor(code: SshUpstreamError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SshUpstreamError'
    this.code = code
  }
}

const keepAliveMs = 15_000
const closeMs = 1000

/** How a command of a host ended. */
export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: string
  readonly description: string
}

/** A channel of a host. Its exit may come with the packet that opens it, so it is kept from the first moment on. */
export interface HostChannel {
  readonly channel: ClientChannel
  readonly transport: Transport
  readonly exit: () => Exit | undefined
}

/** What a port of the host tells. */
export interface HostPort {
  /** The host listens there. */
  readonly listening: (port: number) => void
  /** Somebody has connected: it is taken or refused. */
  readonly connection: (
    from: { readonly host: string; readonly port: number },
    take: () => HostChannel,
    refuse: () => void,
  ) => void
}

/** A port that a host listens on. */
export interface HostListener {
  close(): void
}

/** A connection to a host. */
export interface SshUpstream {
  /** With an agent or a display in its setting the connection is left to nobody else. */
  exec(command: string, pty: Pty | undefined, setting: Setting): Promise<HostChannel>
  shell(pty: Pty | undefined, setting: Setting): Promise<HostChannel>
  subsystem(name: string, setting: Setting): Promise<HostChannel>
  /** Who is told of channels that the host opens to an agent or a display that it was given. */
  onOpened(opened: (one: OpenedByHost) => void): void
  forward(
    from: { readonly host: string; readonly port: number },
    to: { readonly host: string; readonly port: number },
  ): Promise<HostChannel>
  /** Has the host listen. It is left to nobody else after that. */
  listen(at: { readonly host: string; readonly port: number }, port: HostPort): Promise<HostListener>
  /** Opens a channel for the next command, shell or subsystem: nothing is asked for on it yet. */
  ahead(): void
  /** When it was made, of the monotonic clock. */
  readonly sinceMs: number
  /** Answers what forgets the callback again. */
  onClose(callback: () => void): () => void
  /** True while the key that the host showed is one by which it is known. */
  isKnownBy(knownHosts: KnownHosts): boolean
  /** True while no channel is used. */
  readonly isIdle: boolean
  close(): void
}

/** A terminal as a client asked for it. */
export interface Pty {
  readonly term: string
  readonly cols: number
  readonly rows: number
  readonly width: number
  readonly height: number
  /** How it is set, as it goes to the host. */
  readonly modes?: Buffer
}

/** Key exchanges, ciphers and the like that are spoken, to clients and to hosts alike. */
export const algorithms: NonNullable<ConnectConfig['algorithms']> = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes256-ctr',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
}

/** Connects. Rejects with SshUpstreamError. */
export function connectSsh(target: SshUpstreamTarget): Promise<SshUpstream> {
  const { host, port, user, credential, knownHosts, connectMs } = target
  const login = credential.kind === 'key' ? keyAndCertificate(credential.secret) : undefined
  const client = new Client()
  return new Promise((resolve, reject) => {
    let isKnown = true
    let shown = Buffer.alloc(0)
    client.once('ready', () => {
      client.setNoDelay(true)
      try {
        resolve(upstreamOf(client, (hosts) => hosts.knows(host, port, shown)))
      } catch (error) {
        client.destroy()
        reject(error instanceof Error ? error : new SshUpstreamError('unreachable', 'the host cannot be used'))
      }
    })
    client.once('error', (error) => {
      client.end()
      if (!isKnown)
        return reject(new SshUpstreamError('host_key', 'the host shows a key that is not the one known for it'))
      const isAuth = 'level' in error && error.level === 'client-authentication'
      reject(
        isAuth
          ? new SshUpstreamError('refused', 'the host does not let the gateway in')
          : new SshUpstreamError('unreachable', 'the host cannot be reached', { cause: error }),
      )
    })
    client.on('error', () => undefined)
    client.connect({
      host,
      port,
      username: user,
      ...(login === undefined ? { password: credential.secret } : { privateKey: login.key }),
      hostVerifier: (key: Buffer) => {
        isKnown = knownHosts.knows(host, port, key)
        shown = Buffer.from(key)
        if (isKnown) useCertifiedKey(client, key)
        return isKnown
      },
      readyTimeout: connectMs,
      keepaliveInterval: keepAliveMs,
      algorithms,
    })
    quickenPackets(client)
    if (knownHosts.hasAuthority(host, port)) askHostCertificates(client)
    if (login?.certificate !== undefined) showCertificate(client, login.certificate)
  })
}

function upstreamOf(client: Client, isKnownBy: SshUpstream['isKnownBy']): SshUpstream {
  // The host has no reason to ask that nothing more be written: its own end is the end of the command.
  const transport = mendTransport(client, { broken: () => client.destroy(), endOfWrite: () => undefined })
  const running = new Set<ClientChannel>()
  let isClosed = false
  client.once('end', () => {
    isClosed = true
  })
  client.once('close', () => {
    isClosed = true
  })
  const sessions = sessionChannels(client)
  const watched = (channel: ClientChannel): HostChannel => {
    endOnce(channel)
    running.add(channel)
    channel.once('close', () => running.delete(channel))
    let exit: Exit | undefined
    channel.on('exit', (code: number | null, signal?: string, _dumped?: string, description?: string) => {
      exit = { code, signal: (signal ?? '').replace(/^SIG/, ''), description: description ?? '' }
    })
    return { channel, transport, exit: () => exit }
  }
  const ports = new Map<string, HostPort>()
  /** True once the host knows of something that is the client's alone. */
  let isTied = false
  let listener: ((one: OpenedByHost) => void) | undefined
  const given = hostChannels(client, (one) => {
    const { kind, from, take, refuse } = one
    if (listener === undefined) refuse()
    else listener({ kind, from, refuse, take: () => watched(take()) })
  })
  client.on('tcp connection', ({ destIP, destPort, srcIP, srcPort }, accept, reject) => {
    const port = ports.get(`${destIP}:${destPort}`)
    if (port === undefined) return reject()
    port.connection(originOf({ host: srcIP, port: srcPort }), () => watched(accept()), reject)
  })
  const listen: SshUpstream['listen'] = (at, port) =>
    new Promise((resolve, reject) => {
      isTied = true
      client.forwardIn(at.host, at.port, (error, bound) => {
        if (error) {
          reject(new SshUpstreamError('refused', 'the host does not listen there'))
          return
        }
        const name = `${at.host}:${bound}`
        ports.set(name, port)
        port.listening(bound)
        resolve({
          close: () => {
            ports.delete(name)
            if (!isClosed) client.unforwardIn(at.host, bound, () => undefined)
          },
        })
      })
      transport.flush()
    })
  const opened = (
    open: (done: (error: Error | undefined, channel: ClientChannel) => void) => void,
    setting: Setting = noSetting,
  ): Promise<HostChannel> =>
    new Promise((resolve, reject) => {
      const { agent, display, environment } = setting
      if (agent || display !== undefined) {
        isTied = true
        given(setting)
      }
      const isPlain = !agent && display === undefined && environment.size === 0
      sessions.before(isPlain ? undefined : (channel) => setUpChannel(client, channel, setting))
      open((error, channel) => {
        if (error) {
          reject(new SshUpstreamError('refused', 'the host refused the channel'))
          return
        }
        // Who ran one command often runs another: its channel is there by then. First the client hears of this one's end.
        channel.once('close', () => queueMicrotask(sessions.ahead))
        resolve(watched(channel))
      })
      // What was asked for is on its way before anything else is seen to.
      transport.flush()
    })
  return {
    exec: (command, pty, setting) =>
      opened((done) => client.exec(command, pty === undefined ? {} : { pty: window(pty) }, done), setting),
    shell: (pty, setting) => opened((done) => client.shell(pty === undefined ? false : window(pty), done), setting),
    subsystem: (name, setting) => opened((done) => client.subsys(name, done), setting),
    onOpened: (told) => {
      listener = told
    },
    forward: (from, to) => opened((done) => client.forwardOut(from.host, from.port, to.host, to.port, done)),
    listen,
    ahead: sessions.ahead,
    isKnownBy,
    sinceMs: performance.now(),
    onClose: (callback) => {
      client.once('close', callback)
      return () => client.off('close', callback)
    },
    get isIdle() {
      return running.size === 0 && !isTied
    },
    close: () => {
      isClosed = true
      client.end()
      // A host that does not answer the end is not waited for.
      setTimeout(() => client.destroy(), closeMs).unref()
    },
  }
}

/** The library takes modes as bytes, whatever its types say. */
function window({ term, cols, rows, width, height, modes }: Pty): {
  term: string
  cols: number
  rows: number
  width: number
  height: number
} {
  const size = { term, cols, rows, width, height }
  return modes === undefined ? size : { ...size, ...{ modes } }
}
