// Identity in `serve`: who is believed by a configuration, and the gateway's own issuer for nested agents.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config, IdentityListener } from '../../proxy/config/index.ts'
import {
  type Authenticator,
  authenticators,
  CertificateAuthenticator,
  type ExchangeKeys,
  exchangeIssuer,
  exchangeKeys,
  type Issuer,
  issuerOf,
  type SamlIssuer,
  SshCertificateAuthenticator,
  samlProvider,
  startTokenServer,
  TokenAuthenticator,
  type TokenOptions,
  type UserAuthority,
  userAuthority,
} from '../../proxy/identity/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { UnsupportedError } from './parts.ts'
import { resolveSecret } from './secrets.ts'

/** Who is believed by one configuration. */
export interface Believed {
  readonly authenticator: Authenticator
  /** Keys of the exchange, where there is one. */
  readonly exchange: ExchangeKeys | undefined
  readonly saml: readonly SamlIssuer[]
  /** The key that signs SSH user certificates, where there is one. */
  readonly userAuthority: UserAuthority | undefined
}

/** Builds the authenticator of a configuration; rejects where a key cannot be read. */
export async function believedOf(
  { identity }: Config,
  shared: Pick<TokenOptions, 'useOnce' | 'isUsed' | 'learn'> = {},
): Promise<Believed> {
  const issuers = identity.issuers.map((one): Issuer => {
    const { jwks } = one
    const keys =
      jwks === undefined
        ? {}
        : { jwks: jwks.startsWith('http') ? new URL(jwks) : JSON.parse(readFileSync(jwks, 'utf8')) }
    const ca = one.ca === undefined ? {} : { ca: readFileSync(one.ca, 'utf8') }
    return { ...issuerOf(one), ...keys, ...ca }
  })
  const clock = { clockSkewMs: identity.clockSkewMs, nowMs: Date.now }
  const { exchange } = identity
  const keys =
    exchange === undefined
      ? undefined
      : await exchangeKeys(
          await resolveSecret(exchange.key),
          exchange.earlierKeys.map((path) => readFileSync(path, 'utf8')),
        )
  if (exchange !== undefined && keys !== undefined) issuers.push(exchangeIssuer(exchange.issuer, keys, exchange))
  const authority =
    identity.userAuthority === undefined
      ? undefined
      : userAuthority(await resolveSecret(identity.userAuthority.key), identity.userAuthority.lifetimeMaxMs)
  return {
    authenticator: authenticators(
      new TokenAuthenticator(issuers, { ...clock, ...shared }),
      new CertificateAuthenticator(
        identity.certificates.map((one) => ({ ...one, ca: readFileSync(one.ca, 'utf8') })),
        clock,
      ),
      new SshCertificateAuthenticator({ ...(authority === undefined ? {} : { own: authority }), others: [], ...clock }),
    ),
    exchange: keys,
    userAuthority: authority,
    saml: identity.saml.map((one) => ({ ...one, ...samlProvider(readFileSync(one.metadata, 'utf8')) })),
  }
}

/** Starts the identity listener. */
export async function startIdentityListener(gateway: Gateway, listener: IdentityListener): Promise<Running> {
  const { exchange } = gateway.config().identity
  const keys = gateway.believed().exchange
  if (exchange === undefined || keys === undefined)
    throw new UnsupportedError('an identity listener needs `identity.exchange`')
  const { tls } = listener
  const server = await startTokenServer({
    host: listener.address.host,
    port: listener.address.port,
    ...(tls === undefined
      ? {}
      : {
          tls: {
            cert: readFileSync(tls.certificate),
            key: await resolveSecret(tls.key),
            minVersion: tls.minVersion,
            ...(tls.clientCa === undefined ? {} : { clientCa: readFileSync(tls.clientCa, 'utf8') }),
          },
        }),
    connectionsMax: listener.connectionsMax,
    issuer: exchange.issuer,
    // A reload may bring another key; what is signed next is signed with it.
    get keys() {
      return gateway.believed().exchange ?? keys
    },
    limits: exchange,
    saml: {
      providers: () => gateway.believed().saml,
      clockSkewMs: () => gateway.config().identity.clockSkewMs,
      useOnce: (name, untilMs) => gateway.storage.useOnce(name, untilMs),
      learn: (identity) => gateway.newestGroups.learn(identity),
    },
    userAuthority: () => gateway.believed().userAuthority,
    certified: ({ subject, issuer, chain }, serial, resources) =>
      gateway.log.info(
        { subject, issuer, chain: chain.map((link) => link.subject), serial, resources },
        'an SSH key was certified',
      ),
    authenticator: gateway.authenticator,
    bars: (identity) => gateway.revocations.bars(identity),
    nowMs: Date.now,
    newId: () => randomUUID(),
    revoke: (key, reason, untilMs) => gateway.revocations.revoke('token', key, reason, untilMs),
    onError: (error) => gateway.log.error(errorFields(error), 'the identity listener failed'),
  })
  gateway.log.info({ listener: listener.name, port: server.port }, 'listening')
  return server
}
