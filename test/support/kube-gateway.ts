// A Kubernetes listener before a test's upstream, with a policy that the test answers, and ways to speak to it.
import { type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Identity } from '../../engine/action/index.ts'
import { analyzeArgv } from '../../engine/action/shell/index.ts'
import { createGate, type SessionSummary, systemClock } from '../../proxy/gate/index.ts'
import {
  type KubernetesListenerParts,
  type KubernetesTarget,
  KubernetesUpstream,
  listenKubernetes,
} from '../../proxy/kubernetes/index.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts, type TestParts } from './gate.ts'
import { testKey } from './keys.ts'
import { type KubeUpstream, startKubeUpstream } from './kube-upstream.ts'

/** A gateway under test. */
export interface KubeGateway {
  readonly port: number
  readonly upstream: KubeUpstream
  readonly parts: TestParts
  readonly errors: string[]
  /** The identity of the next session. */
  identity: Identity
  /** Revokes sessions. */
  end(matches: (session: SessionSummary) => boolean): number
  close(): Promise<void>
}

/** An answer, whole. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Starts one; `change` replaces parts of the listener, `target` of the cluster. */
export async function startKubeGateway(
  options: {
    readonly upstreamTls?: boolean
    readonly change?: Partial<KubernetesListenerParts>
    readonly target?: Partial<KubernetesTarget>
  } = {},
): Promise<KubeGateway> {
  const { upstreamTls = false, change = {}, target = {} } = options
  const upstream = await startKubeUpstream(upstreamTls)
  const parts = gateParts({ clock: systemClock })
  const errors: string[] = []
  const cluster: KubernetesTarget = {
    resource: { name: 'prod', protocol: 'kubernetes', labels: {}, target: { host: '127.0.0.1', cluster: 'prod' } },
    upstream: new KubernetesUpstream({
      server: upstream.url,
      tls: upstreamTls ? { verify: true, ca: testKey('ca.pem') } : undefined,
      token: async () => 'gateway-token',
      connectMs: 60_000,
    }),
    impersonation: { on: true, userPrefix: 'sallyport:', groupPrefix: 'sallyport:', groups: [], extra: false },
    hosts: ['prod.example'],
    recordWire: true,
    recordTerminal: true,
    ...target,
  }
  const gateway: { identity: Identity } = {
    identity: {
      ...sampleDocument().identity,
      subject: 'agent-1',
      groups: ['dev'],
      token: { ...sampleDocument().identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
    },
  }
  const gate = createGate(parts)
  const listener = await listenKubernetes({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    clientCertificates: false,
    cleartext: true,
    gate,
    authenticator: {
      authenticate: async (credential) =>
        credential.kind === 'token' && credential.token === 'good'
          ? { ok: true, identity: gateway.identity }
          : { ok: false, refusal: { code: 'bad', message: 'the token is not valid' } },
    },
    targets: async () => [cluster],
    shell: (argv) => analyzeArgv(argv),
    hashKey: Buffer.from('key'),
    connectionsMax: 2000,
    handshakeMs: 60_000,
    onError: (where, error) => errors.push(`${where}: ${String(error)}`),
    ...change,
  })
  return Object.assign(gateway, {
    port: listener.port,
    upstream,
    parts,
    errors,
    end: (matches: (session: SessionSummary) => boolean) => gate.end(matches, 'revoked', 'it was revoked'),
    close: async () => {
      await listener.close()
      cluster.upstream.close()
      await upstream.close()
    },
  })
}

/** Sends one request with the token, over a connection of its own, and reads the answer. */
export function ask(
  { port }: Pick<KubeGateway, 'port'>,
  method: string,
  path: string,
  options: { readonly headers?: { readonly [name: string]: string }; readonly body?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        headers: { authorization: 'Bearer good', ...options.headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}

/** Sends bytes as they are, and answers what comes back: until the other side closes, or `answers` answers are whole. */
export function raw({ port }: Pick<KubeGateway, 'port'>, bytes: string, answers = 1): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let got = ''
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString('latin1')
      if (wholeAnswers(got) >= answers) socket.destroy()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(got))
  })
}

/** How many answers a text holds, each with a Content-Length. */
function wholeAnswers(text: string): number {
  let rest = text
  for (let count = 0; ; count++) {
    const end = rest.indexOf('\r\n\r\n')
    const length = /\r\ncontent-length: (\d+)/i.exec(rest.slice(0, end + 2))?.[1]
    if (end < 0 || length === undefined || rest.length < end + 4 + Number(length)) return count
    rest = rest.slice(end + 4 + Number(length))
  }
}
