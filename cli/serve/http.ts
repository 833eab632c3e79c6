// HTTP in `serve`: a listener of a configuration, before the APIs that it may reach.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type HttpListener, isLoopback } from '../../proxy/config/index.ts'
import { listenHttp } from '../../proxy/http/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { HttpTargets } from './http-targets.ts'
import { resolveSecret } from './secrets.ts'

/** Starts one listener. APIs are looked up in the live configuration. */
export async function startHttpListener(gateway: Gateway, listener: HttpListener): Promise<Running> {
  const { log } = gateway
  const { tls } = listener
  const targets = new HttpTargets(gateway, listener)
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
    proxying:
      listener.forwardProxy === undefined
        ? undefined
        : {
            secure: {
              cert: readFileSync(listener.forwardProxy.certificate),
              key: await resolveSecret(listener.forwardProxy.key),
              minVersion: 'TLSv1.2',
            },
            reaches: (authority) => targets.reaches(authority),
            handshakeMs: listener.handshakeMs,
          },
    target: (host, path) => targets.find(host, path),
    hashKey: randomBytes(32),
    connectionsMax: listener.connectionsMax,
    handshakeMs: listener.handshakeMs,
    onError: (where, error) => log.warn({ where, ...errorFields(error) }, 'a connection ended'),
  })
  log.info({ listener: listener.name, port: running.port }, 'listening')
  return running
}
