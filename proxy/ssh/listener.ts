// Listens for SSH clients.
import { createServer, type Server, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import { type Listening, listenOn } from '../listening/index.ts'
import { type ConnectionParts, serveConnection } from './connection.ts'
import { Doorway } from './doorway.ts'
import { hostCertificate, showHostCertificates } from './host-certificates.ts'
import { preferQuick, quickenPackets } from './packets/install.ts'
import { algorithms } from './upstream.ts'
import { WarmUpstreams } from './warm.ts'

/** What the listener is made of. */
export interface SshListenerParts extends Omit<ConnectionParts, 'warm'> {
  readonly host: string
  readonly port: number
  /** Private host keys, PEM or OpenSSH. */
  readonly hostKeys: readonly string[]
  /** Certificates of those keys, each the line of a `-cert.pub` file. */
  readonly hostCertificates: readonly string[]
  readonly connectionsMax: number
  readonly handshakeMs: number
}

/** Starts to listen. */
export async function listenSsh(parts: SshListenerParts): Promise<Listening> {
  const sockets = new Set<Socket>()
  const warm = new WarmUpstreams()
  const ssh = new ssh2.Server({
    hostKeys: [...parts.hostKeys],
    // OpenSSH's clients ask what only OpenSSH is known to understand, such as to write no more, by this name alone.
    ident: 'OpenSSH_compatible_Sallyport',
    algorithms: { ...algorithms, serverHostKey: hostKeyAlgorithms(parts.hostKeys) },
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
  })
  const certificates = parts.hostCertificates.map((line) => hostCertificate(line, parts.hostKeys))
  const doorway = new Doorway()
  /** What is to be done when a client has proved who it is, by its address and port. */
  const proofs = new Map<string, () => void>()
  ssh.on('connection', (client, info) => {
    quickenPackets(client)
    showHostCertificates(client, certificates)
    preferQuick(client, info.header.versions.software)
    serveConnection(client, info.ip, { ...parts, warm }, () => proofs.get(`${info.ip} ${info.port}`)?.())
  })
  ssh.on('error', (error: Error) => parts.onError('ssh', error))
  const server: Server = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= parts.connectionsMax) {
      socket.destroy()
      return
    }
    const key = `${socket.remoteAddress} ${socket.remotePort}`
    sockets.add(socket)
    const deadline = setTimeout(() => socket.destroy(), parts.handshakeMs)
    proofs.set(key, () => {
      clearTimeout(deadline)
      doorway.known(socket)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      clearTimeout(deadline)
      proofs.delete(key)
    })
    doorway.admit(socket, () => ssh.injectSocket(socket))
  })
  return listenOn(server, {
    host: parts.host,
    port: parts.port,
    connections: sockets,
    onError: (error) => parts.onError('ssh', error),
    onStop: () => warm.close(),
  })
}

/** Only signatures that the host keys can make, and never SHA-1. */
function hostKeyAlgorithms(
  keys: readonly string[],
): (
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'rsa-sha2-512'
  | 'rsa-sha2-256'
)[] {
  const kinds = new Set(
    keys.map((key) => {
      const parsed = ssh2.utils.parseKey(key)
      if (parsed instanceof Error) throw new TypeError('a host key of the SSH listener cannot be read')
      return Array.isArray(parsed) ? parsed[0]?.type : parsed.type
    }),
  )
  return (
    [
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ] as const
  ).filter((name) => kinds.has(name) || (name.startsWith('rsa-') && kinds.has('ssh-rsa')))
}
