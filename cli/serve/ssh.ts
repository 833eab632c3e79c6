// SSH in `serve`: a listener of a configuration, before the hosts that it may reach.
import { readFileSync } from 'node:fs'
import type { SshListener, SshResource } from '../../proxy/config/index.ts'
import {
  type Authenticator,
  firstOf,
  parseSshAuthorities,
  SshCertificateAuthenticator,
} from '../../proxy/identity/index.ts'
import { listenSsh, parseEnrolledKeys, parseKnownHosts, type SshTarget } from '../../proxy/ssh/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { resolveSecret } from './secrets.ts'

/** Starts one listener. Hosts are looked up in the live configuration, so a reload reaches new connections. */
export async function startSshListener(gateway: Gateway, listener: SshListener): Promise<Running> {
  const { log } = gateway
  const reachable = (name: string): boolean => listener.resources.length === 0 || listener.resources.includes(name)
  const running = await listenSsh({
    host: listener.address.host,
    port: listener.address.port,
    hostKeys: await Promise.all(listener.hostKeys.map(resolveSecret)),
    hostCertificates: listener.hostCertificates.map((path) => readFileSync(path, 'utf8').trim()),
    gate: gateway.gate,
    authenticator: authenticatorOf(gateway, listener),
    ...(listener.enrolledKeys === undefined
      ? {}
      : { enrolled: parseEnrolledKeys(readFileSync(listener.enrolledKeys, 'utf8')) }),
    target: (name) => {
      const found = gateway.config().resources.find((one) => one.name === name)
      return found?.protocol === 'ssh' && reachable(name) ? hostTarget(found) : undefined
    },
    hashKey: gateway.hashKeyOf(listener.name),
    connectionsMax: listener.connectionsMax,
    handshakeMs: listener.handshakeMs,
    onError: (where, error) => log.warn({ where, ...errorFields(error) }, 'a connection ended'),
  })
  log.info({ listener: listener.name, port: running.port }, 'listening')
  return running
}

/** Who is believed everywhere, and who shows a certificate of an authority that this listener names. */
function authenticatorOf(gateway: Gateway, { userAuthorities }: SshListener): Authenticator {
  if (userAuthorities.length === 0) return gateway.authenticator
  const others = userAuthorities.flatMap((path) => parseSshAuthorities(readFileSync(path, 'utf8')))
  const { clockSkewMs } = gateway.config().identity
  return firstOf(gateway.authenticator, new SshCertificateAuthenticator({ others, clockSkewMs, nowMs: Date.now }))
}

/** A host as its resource describes it. */
export function hostTarget({ name, labels, upstream, shells, masking }: SshResource): SshTarget {
  const { host, port, user, credential, credentialKind, knownHosts, connectMs, warmMs } = upstream
  const { hashKey } = masking
  const known = (): ReturnType<typeof parseKnownHosts> => parseKnownHosts(readFileSync(knownHosts, 'utf8'))
  return {
    knownHosts: known,
    resource: { name, protocol: 'ssh', labels, target: { host, port, user } },
    user,
    shells,
    // The references, not what they hold: whoever is configured otherwise has another connection.
    place: JSON.stringify([name, host, port, user, credential, credentialKind, knownHosts]),
    warmMs,
    ...(hashKey === undefined ? {} : { hashKey: async () => Buffer.from(await resolveSecret(hashKey)) }),
    upstream: async () => ({
      host,
      port,
      user,
      credential: { kind: credentialKind, secret: await resolveSecret(credential) },
      knownHosts: known(),
      connectMs,
    }),
  }
}
