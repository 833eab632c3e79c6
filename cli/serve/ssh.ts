// SSH in `serve`: a listener of a configuration, before the hosts that it may reach.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SshListener, SshResource } from '../../proxy/config/index.ts'
import { listenSsh, parseKnownHosts, type SshTarget } from '../../proxy/ssh/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { UnsupportedError } from './parts.ts'
import { resolveSecret } from './secrets.ts'

/** Starts one listener. Hosts are looked up in the live configuration, so a reload reaches new connections. */
export async function startSshListener(gateway: Gateway, listener: SshListener): Promise<Running> {
  if (listener.userAuthorities.length > 0)
    throw new UnsupportedError('`user_authorities` of SSH listeners is not supported by this version')
  const { log } = gateway
  const reachable = (name: string): boolean => listener.resources.length === 0 || listener.resources.includes(name)
  const running = await listenSsh({
    host: listener.address.host,
    port: listener.address.port,
    hostKeys: await Promise.all(listener.hostKeys.map(resolveSecret)),
    gate: gateway.gate,
    authenticator: gateway.authenticator,
    target: (name) => {
      const found = gateway.config().resources.find((one) => one.name === name)
      return found?.protocol === 'ssh' && reachable(name) ? targetOf(found) : undefined
    },
    hashKey: randomBytes(32),
    connectionsMax: listener.connectionsMax,
    handshakeMs: listener.handshakeMs,
    onError: (where, error) => log.warn({ where, ...errorFields(error) }, 'a connection ended'),
  })
  log.info({ listener: listener.name, port: running.port }, 'listening')
  return running
}

function targetOf({ name, labels, upstream }: SshResource): SshTarget {
  const { host, port, user, credential, credentialKind, knownHosts, connectMs } = upstream
  return {
    resource: { name, protocol: 'ssh', labels, target: { host, port, user } },
    user,
    upstream: async () => ({
      host,
      port,
      user,
      credential: { kind: credentialKind, secret: await resolveSecret(credential) },
      knownHosts: parseKnownHosts(readFileSync(knownHosts, 'utf8')),
      connectMs,
    }),
  }
}
