// HTTP in `serve`: a listener of a configuration, before the APIs that it may reach.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type HttpListener, type HttpResource, isLoopback } from '../../proxy/config/index.ts'
import { type HttpTarget, listenHttp } from '../../proxy/http/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { resolveSecret } from './secrets.ts'

/** Starts one listener. APIs are looked up in the live configuration; of several that fit, the longest prefix wins. */
export async function startHttpListener(gateway: Gateway, listener: HttpListener): Promise<Running> {
  const { log } = gateway
  const { tls } = listener
  const reachable = (name: string): boolean => listener.resources.length === 0 || listener.resources.includes(name)
  const running = await listenHttp({
    host: listener.address.host,
    port: listener.address.port,
    tls:
      tls === undefined
        ? undefined
        : {
            cert: readFileSync(tls.certificate),
            key: await resolveSecret(tls.key),
            minVersion: tls.minVersion,
            ...(tls.clientCa === undefined ? {} : { ca: readFileSync(tls.clientCa) }),
          },
    clientCertificates: tls?.clientCa !== undefined,
    cleartext: listener.cleartext || isLoopback(listener.address),
    tokenHeader: listener.tokenHeader.toLowerCase(),
    gate: gateway.gate,
    authenticator: gateway.authenticator,
    target: (host, path) => {
      const found = gateway
        .config()
        .resources.filter((one): one is HttpResource => one.protocol === 'http' && reachable(one.name))
        .filter((one) => fits(one, host, path))
        .sort((a, b) => b.upstream.pathPrefix.length - a.upstream.pathPrefix.length)
      const [first] = found
      return first === undefined ? undefined : targetOf(first)
    },
    hashKey: randomBytes(32),
    connectionsMax: listener.connectionsMax,
    handshakeMs: listener.handshakeMs,
    onError: (where, error) => log.warn({ where, ...errorFields(error) }, 'a connection ended'),
  })
  log.info({ listener: listener.name, port: running.port }, 'listening')
  return running
}

/** A prefix is of whole segments: `/api` is not `/apiary`. */
function fits({ upstream }: HttpResource, host: string, path: readonly string[]): boolean {
  if (upstream.hosts.length > 0 && !upstream.hosts.some((one) => one.toLowerCase() === host)) return false
  const prefix = upstream.pathPrefix.split('/').filter((one) => one !== '')
  return prefix.every((segment, index) => path[index] === segment)
}

function targetOf({ name, labels, upstream }: HttpResource): HttpTarget {
  const url = new URL(upstream.url)
  const isTls = url.protocol === 'https:'
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return {
    resource: { name, protocol: 'http', labels, target: { host, port } },
    upstream: async () => ({
      host,
      port,
      authority: url.host,
      tls: isTls
        ? {
            servername: upstream.tls.serverName ?? host,
            rejectUnauthorized: upstream.tls.mode === 'verify-full',
            ...(upstream.tls.ca === undefined ? {} : { ca: readFileSync(upstream.tls.ca, 'utf8') }),
            ...(upstream.tls.certificate === undefined ? {} : { cert: readFileSync(upstream.tls.certificate, 'utf8') }),
            ...(upstream.tls.key === undefined ? {} : { key: await resolveSecret(upstream.tls.key) }),
          }
        : undefined,
      credential:
        upstream.credential === undefined
          ? undefined
          : [upstream.credentialHeader, `${upstream.credentialPrefix}${await resolveSecret(upstream.credential)}`],
      connectMs: upstream.connectMs,
      linkLocal: upstream.linkLocal,
    }),
  }
}
