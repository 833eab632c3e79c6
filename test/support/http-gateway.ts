// An HTTP gateway under test before one API: a policy that the test answers for, and a token that is good.
import { connect } from 'node:net'
import type { ActionDocument } from '../../engine/action/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenHttp, type RunningHttpListener } from '../../proxy/http/index.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts, results, type TestParts } from './gate.ts'

type ListenerParts = Parameters<typeof listenHttp>[0]

/** A running gateway. Its API is `api.example`; its good token is `good`. */
export interface HttpGateway {
  readonly port: number
  readonly parts: TestParts
  /** Requests that were judged, in order; the connect action is left out. */
  readonly judged: ActionDocument[]
  readonly errors: unknown[]
  /** What the policy says to a request; a test replaces it. */
  answer: (document: ActionDocument) => unknown
  close(): Promise<void>
}

/** What a test says of the gateway. */
export interface HttpGatewayOptions {
  readonly upstreamPort: number
  /** The host that means the API, where it is not `api.example`. */
  readonly host?: string
  readonly listener?: Partial<ListenerParts>
  /** More about the resource's way upstream. */
  readonly target?: object
}

/** Starts a gateway on loopback. */
export async function startHttpGateway(options: HttpGatewayOptions): Promise<HttpGateway> {
  const parts = gateParts({ clock: systemClock })
  const judged: ActionDocument[] = []
  const errors: unknown[] = []
  const sample = sampleDocument()
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const identity = { ...sample.identity, token: { ...sample.identity.token, expires_at: expires } }
  const listener: RunningHttpListener = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    clientCertificates: false,
    cleartext: true,
    tokenHeader: 'authorization',
    gate: createGate(parts),
    authenticator: {
      authenticate: async (credential) =>
        credential.kind === 'token' && credential.token === 'good'
          ? { ok: true, identity }
          : { ok: false, refusal: { code: 'bad_token', message: 'the token is not valid' } },
    },
    target: (host) =>
      host === (options.host ?? 'api.example')
        ? {
            resource: { ...sample.resource, name: 'api', protocol: 'http' },
            upstream: () =>
              Promise.resolve({
                host: '127.0.0.1',
                port: options.upstreamPort,
                authority: 'inner.example',
                basePath: '',
                tls: undefined,
                credential: { kind: 'header', name: 'authorization', value: 'Bearer upstream-secret' } as const,
                connectMs: 60_000,
                linkLocal: false,
                ...options.target,
              }),
          }
        : undefined,
    hashKey: new Uint8Array(32),
    connectionsMax: 200,
    handshakeMs: 60_000,
    onError: (_where, error) => errors.push(error),
    ...options.listener,
  })
  const gateway: HttpGateway = {
    port: listener.port,
    parts,
    judged,
    errors,
    answer: () => results.allow,
    close: () => listener.close(),
  }
  parts.live.answer = (input) => {
    const document = input as ActionDocument
    if (document.action.stage === 'connect') return results.allow
    judged.push(document)
    return gateway.answer(document)
  }
  return gateway
}

/** Sends bytes (latin1) as they are, then says that no more come, and answers all that came until the end. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let out = ''
    socket.on('data', (bytes: Buffer) => {
      out += bytes.toString('latin1')
    })
    // A gateway that refuses closes while bytes are still on their way to it.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(out))
    socket.end(text, 'latin1')
  })
}
