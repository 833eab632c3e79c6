// HTTP in `serve`: a listener of a configuration, before the APIs that it may reach.
import { readFileSync } from 'node:fs'
import { type HttpListener, isLoopback } from '../../proxy/config/index.ts'
import { type ExtAuthzParts, listenExtAuthz, listenHttp, type ToolNews } from '../../proxy/http/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { HttpTargets } from './http-targets.ts'
import { fieldOf } from './processes/message.ts'
import type { Peers } from './processes/peers.ts'
import { resolveSecret } from './secrets.ts'

/** Starts one listener. APIs are looked up in the live configuration. */
export async function startHttpListener(gateway: Gateway, listener: HttpListener): Promise<Running> {
  const { log } = gateway
  const { tls } = listener
  const targets = new HttpTargets(gateway, listener)
  const secure =
    tls === undefined
      ? undefined
      : {
          cert: readFileSync(tls.certificate),
          key: await resolveSecret(tls.key),
          minVersion: tls.minVersion,
          ...(tls.clientCa === undefined ? {} : { ca: readFileSync(tls.clientCa) }),
        }
  const shared = {
    host: listener.address.host,
    port: listener.address.port,
    tls: secure,
    tokenHeader: listener.tokenHeader.toLowerCase(),
    gate: gateway.gate,
    authenticator: gateway.authenticator,
    target: (host: string, path: readonly string[]) => targets.find(host, path),
    connectionsMax: listener.connectionsMax,
    onError: (where: string, error: unknown) => log.warn({ where, ...errorFields(error) }, 'a connection ended'),
  }
  const cleartext = listener.cleartext || isLoopback(listener.address)
  const running = listener.extAuthz
    ? await startExtAuthz(shared, cleartext)
    : await listenHttp({
        ...shared,
        clientCertificates: tls?.clientCa !== undefined,
        cleartext,
        proxying: await proxyingOf(listener, targets),
        hashKey: gateway.hashKeyOf(listener.name),
        handshakeMs: listener.handshakeMs,
        ...besideOf(gateway.peers, listener.name),
      })
  log.info({ listener: listener.name, port: running.port }, 'listening')
  return running
}

/** What Envoy asks about holds its clients' tokens. */
function startExtAuthz(parts: ExtAuthzParts, cleartext: boolean): Promise<Running> {
  if (parts.tls === undefined && !cleartext)
    throw new Error('ext_authz is not served in clear beyond this machine, unless `cleartext` says so')
  return listenExtAuthz(parts)
}

async function proxyingOf(
  { forwardProxy, handshakeMs }: HttpListener,
  targets: HttpTargets,
): Promise<Parameters<typeof listenHttp>[0]['proxying']> {
  if (forwardProxy === undefined) return undefined
  const { certificate, key } = forwardProxy
  return {
    secure: { cert: readFileSync(certificate), key: await resolveSecret(key), minVersion: 'TLSv1.2' },
    reaches: (authority) => targets.reaches(authority),
    handshakeMs,
  }
}

/** What MCP servers list counts in every process, and a retry may come to any. */
function besideOf(peers: Peers, listener: string): Pick<Parameters<typeof listenHttp>[0], 'beside'> {
  if (peers.processes === 1) return {}
  return {
    beside: {
      tell: (news) => peers.tell('tools', { listener, news }),
      heard: (callback) => {
        peers.heard('tools', (told) => {
          const news = fieldOf(told, 'news')
          if (fieldOf(told, 'listener') === listener && isToolNews(news)) callback(news)
        })
      },
    },
  }
}

function isToolNews(news: unknown): news is ToolNews {
  const tools = fieldOf(news, 'tools')
  return typeof fieldOf(news, 'api') === 'string' && (tools === undefined || Array.isArray(tools))
}
