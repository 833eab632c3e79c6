// PostgreSQL in `serve`: a listener of a configuration, before the databases that it may reach.
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { type Config, isLoopback, type PostgresListener, type PostgresResource } from '../../proxy/config/index.ts'
import { issuerOf } from '../../proxy/identity/index.ts'
import { listenPostgres, type PostgresListenerParts, type PostgresTarget } from '../../proxy/postgres/index.ts'
import { errorFields, type Log } from '../../proxy/telemetry/index.ts'
import { databaseTarget } from './databases.ts'
import type { Gateway, Running } from './gateway.ts'
import { fieldOf } from './processes/message.ts'
import type { Peers } from './processes/peers.ts'
import { resolveSecret } from './secrets.ts'

/** The databases of the live configuration. A database whose configuration did not change keeps its catalog. */
export class PostgresTargets {
  #targets = new Map<string, { readonly text: string; readonly target: PostgresTarget }>()
  readonly #log: Log

  constructor(config: Config, log: Log) {
    this.#log = log
    this.use(config)
  }

  /** Takes over the databases of another configuration; sessions that are open keep what they opened with. */
  use(config: Config): void {
    const next = new Map<string, { readonly text: string; readonly target: PostgresTarget }>()
    for (const resource of config.resources.filter((one): one is PostgresResource => one.protocol === 'postgres')) {
      const text = JSON.stringify(resource)
      const known = this.#targets.get(resource.name)
      next.set(
        resource.name,
        known?.text === text
          ? known
          : {
              text,
              target: databaseTarget(resource, (error) =>
                this.#log.warn({ resource: resource.name, ...errorFields(error) }, 'the catalog could not be read'),
              ),
            },
      )
    }
    this.#targets = next
  }

  /** The database of a name. */
  get(name: string): PostgresTarget | undefined {
    return this.#targets.get(name)?.target
  }
}

/** Starts one listener. */
export async function startPostgresListener(gateway: Gateway, listener: PostgresListener): Promise<Running> {
  const { tls } = listener
  const { log, databases } = gateway
  const { limits } = gateway.config()
  const reachable = (name: string): boolean => listener.resources.length === 0 || listener.resources.includes(name)
  const running = await listenPostgres({
    host: listener.address.host,
    port: listener.address.port,
    tls:
      tls === undefined
        ? undefined
        : createSecureContext({
            cert: readFileSync(tls.certificate),
            key: await resolveSecret(tls.key),
            minVersion: tls.minVersion,
            ...(tls.clientCa === undefined ? {} : { ca: readFileSync(tls.clientCa) }),
          }),
    clientCertificates: tls?.clientCa !== undefined,
    ...oauthOffer(gateway.config(), listener),
    cleartext: listener.cleartext || isLoopback(listener.address),
    gate: gateway.gate,
    authenticator: gateway.authenticator,
    target: (name) => (reachable(name) ? databases.get(name) : undefined),
    hashKey: gateway.hashKeyOf(listener.name),
    connectionsMax: listener.connectionsMax,
    handshakeMs: listener.handshakeMs,
    messageBytesMax: limits.messageBytes,
    onError: (where, error) => log.warn({ where, ...errorFields(error) }, 'a connection ended'),
    ...cancelsOf(gateway.peers, listener.name),
  })
  log.info({ listener: listener.name, port: running.port }, 'listening')
  return running
}

/** Requests to cancel come on connections of their own, and so to any process. */
function cancelsOf(peers: Peers, listener: string): Pick<PostgresListenerParts, 'cancels'> {
  if (peers.processes === 1) return {}
  return {
    cancels: {
      pass: (processId, secret) =>
        peers.tell('cancel', { listener, processId, secret: Buffer.from(secret).toString('base64') }),
      heard: (callback) =>
        peers.heard('cancel', (told) => {
          const secret = fieldOf(told, 'secret')
          if (fieldOf(told, 'listener') !== listener || typeof secret !== 'string') return
          callback(Number(fieldOf(told, 'processId')), Buffer.from(secret, 'base64'))
        }),
    },
  }
}

/** Where clients are sent for a token: the issuer by its name in the configuration. */
function oauthOffer({ identity }: Config, { oauth }: PostgresListener): Pick<PostgresListenerParts, 'oauth'> {
  if (oauth === undefined) return {}
  const issuer = identity.issuers.find(({ name }) => name === oauth.issuer)
  return issuer === undefined ? {} : { oauth: { issuer: issuerOf(issuer).issuer, scope: oauth.scope } }
}
