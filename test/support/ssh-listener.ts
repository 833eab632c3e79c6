// The gateway's SSH listener as tests of one process have it: tokens by name, hosts of our own, and whatever a test sets
// otherwise.
import ssh2 from 'ssh2'
import type { Identity } from '../../engine/action/index.ts'
import { createGate } from '../../proxy/gate/index.ts'
import { type Authenticator, generateSshKey } from '../../proxy/identity/index.ts'
import { listenSsh, parseKnownHosts, type RunningSshListener, type SshTarget } from '../../proxy/ssh/index.ts'
import { sampleDocument } from './action-document.ts'
import type { TestParts } from './gate.ts'
import type { SshHost } from './ssh-upstream.ts'

type ListenerParts = Parameters<typeof listenSsh>[0]

/** Somebody whose token counts for an hour. */
export function somebody(changed: Partial<Identity> = {}): Identity {
  const { identity } = sampleDocument()
  const token = { ...identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() }
  return { ...identity, token, ...changed }
}

/** Believes these tokens and nothing else. */
export function byToken(identities: ReadonlyMap<string, Identity>): Authenticator {
  return {
    authenticate: async (credential) => {
      const identity = credential.kind === 'token' ? identities.get(credential.token) : undefined
      return identity === undefined ? { ok: false, refusal: { code: 'x', message: 'no' } } : { ok: true, identity }
    },
  }
}

/** A host under a name, known by what `known` says when it is asked. */
export function hostTarget(
  host: SshHost,
  name: string,
  changed: Partial<SshTarget> = {},
  known: () => string = () => host.known,
): SshTarget {
  return {
    resource: { ...sampleDocument().resource, name, protocol: 'ssh' },
    user: 'deploy',
    shells: ['record'],
    place: name,
    warmMs: 0,
    knownHosts: () => parseKnownHosts(known()),
    upstream: () =>
      Promise.resolve({
        host: '127.0.0.1',
        port: host.port,
        user: 'deploy',
        credential: { kind: 'key', secret: host.key },
        knownHosts: parseKnownHosts(known()),
        connectMs: 60_000,
      }),
    ...changed,
  }
}

/** Listens with a key of its own. */
export function listenWith(
  parts: TestParts,
  given: Pick<ListenerParts, 'authenticator' | 'target'> & Partial<ListenerParts>,
): Promise<RunningSshListener> {
  return listenSsh({
    host: '127.0.0.1',
    port: 0,
    hostKeys: [generateSshKey().private],
    hostCertificates: [],
    gate: createGate(parts),
    hashKey: new Uint8Array(32),
    connectionsMax: 50,
    handshakeMs: 60_000,
    onError: () => undefined,
    ...given,
  })
}

/** A client that is let in. */
export function connectTo(port: number, config: ssh2.ConnectConfig = { password: 'good' }): Promise<ssh2.Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once('ready', () => resolve(client)).once('error', reject)
    client.on('error', () => undefined)
    client.connect({ host: '127.0.0.1', port, username: 'web', ...config })
  })
}
