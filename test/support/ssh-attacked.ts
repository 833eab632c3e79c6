// A gateway that attacks on SSH are tried on: small bounds, one host, and clients that can leave the protocol.
import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import ssh2, { type ClientChannel } from 'ssh2'
import { systemClock } from '../../proxy/gate/index.ts'
import { SshCertificateAuthenticator, sshPublicKeyOf } from '../../proxy/identity/index.ts'
import { gateParts, results, type TestParts } from './gate.ts'
import { byToken, hostTarget, listenWith, somebody } from './ssh-listener.ts'
import { inside } from './ssh-raw.ts'
import { type SshHost, startSshHost } from './ssh-upstream.ts'

/** A gateway, its host, and what it told. */
export interface AttackedGateway {
  readonly port: number
  readonly host: SshHost
  readonly parts: TestParts
  readonly errors: readonly string[]
  /** Forgets what was told; everything is allowed. */
  reset(): void
  close(): Promise<void>
}

/** Starts one that believes the token `good` and certificates of an authority. */
export async function startAttacked(authority: KeyObject, handshakeMs = 60_000): Promise<AttackedGateway> {
  const host = await startSshHost()
  const parts = gateParts({ clock: systemClock })
  const errors: string[] = []
  const certificates = new SshCertificateAuthenticator({
    others: [sshPublicKeyOf(authority)],
    clockSkewMs: 0,
    nowMs: Date.now,
  })
  const tokens = byToken(new Map([['good', somebody()]]))
  const listener = await listenWith(parts, {
    authenticator: {
      authenticate: (credential) => (credential.kind === 'token' ? tokens : certificates).authenticate(credential),
    },
    target: (name) => (name === 'web' ? hostTarget(host, name) : undefined),
    connectionsMax: 20,
    handshakeMs,
    rekey: { bytes: 4 * 1024 * 1024, ms: 3_600_000, stormMax: 12, stormMs: 60_000 },
    onError: (_where, error) => errors.push(error instanceof Error ? error.message : String(error)),
  })
  return {
    port: listener.port,
    host,
    parts,
    errors,
    reset: () => {
      host.ran.length = 0
      errors.length = 0
      parts.live.answer = () => results.allow
    },
    close: async () => {
      await listener.close()
      await host.close()
    },
  }
}

/** A client that has keys and has not said who it is. */
export function unknownClient(port: number): Promise<ssh2.Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.connect({
      host: '127.0.0.1',
      port,
      username: 'web',
      authHandler: () => {
        client.removeListener('error', reject)
        client.on('error', () => undefined)
        resolve(client)
      },
    })
  })
}

/** The next answer of one kind that comes to a client. */
export function answer(client: ssh2.Client, ...names: readonly string[]): Promise<string> {
  const { _handlers: handlers } = inside(client)._protocol
  return new Promise((resolve) => {
    for (const name of names) {
      handlers[name] = () => resolve(name)
    }
    client.once('close', () => resolve('closed'))
  })
}

/** Settles when a client's connection has ended. */
export function closeOf(client: ssh2.Client): Promise<boolean> {
  return new Promise((resolve) => client.once('close', () => resolve(true)))
}

/** Runs a command. */
export function exec(client: ssh2.Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}

/** What a command writes. */
export async function output(client: ssh2.Client, command: string): Promise<string> {
  const channel = await exec(client, command)
  let out = ''
  channel.on('data', (bytes: Buffer) => {
    out += bytes.toString()
  })
  await once(channel, 'close')
  return out
}
