// The two processes of the Kubernetes bench: `upstream` answers lists, objects and watches; `gateway URL MASK TOKEN` is the
// gateway before it. Both tell their port over IPC; the gateway tells its memory when asked.
import { createSecureServer } from 'node:http2'
import { analyzeArgv } from '../../engine/action/shell/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { KubernetesUpstream, listenKubernetes } from '../../proxy/kubernetes/index.ts'
import type { Recorder } from '../../proxy/recording/contract.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts, results } from './gate.ts'
import { testKey } from './keys.ts'
import { benchPod, benchPods } from './kube-pods.ts'

/** For so long nothing happens before a process counts as being at rest. */
const restMs = 20_000

function serveUpstream(): void {
  const items = Array.from({ length: benchPods }, (_, at) =>
    Buffer.from(`${at === 0 ? '' : ','}${JSON.stringify(benchPod(at))}`),
  )
  const whole = Buffer.concat([
    Buffer.from('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":['),
    ...items,
    Buffer.from(']}\n'),
  ])
  const one = Buffer.from(JSON.stringify({ kind: 'Pod', apiVersion: 'v1', ...benchPod(1) }))
  const server = createSecureServer(
    { cert: testKey('server.pem'), key: testKey('server.key'), allowHTTP1: true },
    (request, response) => {
      response.setHeader('Content-Type', 'application/json')
      if (request.url?.includes('watch') === true) {
        response.write('{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"1"}}}\n')
        return
      }
      const body = request.url?.includes('/pods/') === true ? one : whole
      response.setHeader('Content-Length', body.length)
      // As a server writes: in pieces, and no faster than they are taken.
      let at = 0
      const next = (): void => {
        while (at < body.length) {
          const piece = body.subarray(at, at + 64 * 1024)
          at += piece.length
          if (!response.write(piece)) {
            response.once('drain', next)
            return
          }
        }
        response.end()
      }
      next()
    },
  )
  server.listen(0, '127.0.0.1', () => tellPort(server.address()))
}

async function serveGateway(url: string, masking: boolean, token: string): Promise<void> {
  const silent: Recorder = {
    open: () => ({
      append: (_entry, accepted) => accepted(),
      congested: false,
      onDrain: () => undefined,
      close: async () => undefined,
    }),
    close: async () => undefined,
  }
  const parts = gateParts({ clock: systemClock, recorder: silent })
  const mask = [
    { detect: 'credit_card', with: 'last4' },
    { detect: 'email', with: 'redact' },
    { json: '$.metadata.annotations.owner', with: 'redact' },
  ]
  parts.live.answer = () => (masking ? { ...results.allow, mask } : results.allow)
  const identity = {
    ...sampleDocument().identity,
    subject: 'agent-1',
    groups: [],
    token: { ...sampleDocument().identity.token, expires_at: '2100-01-01T00:00:00Z' },
  }
  const target = {
    resource: { name: 'prod', protocol: 'kubernetes', labels: {}, target: {} },
    upstream: new KubernetesUpstream({
      server: url,
      tls: { verify: true, ca: testKey('ca.pem') },
      token: async () => token,
      connectMs: 5000,
    }),
    impersonation: { on: true, userPrefix: 'sallyport:', groupPrefix: 'sallyport:', groups: [], extra: false },
    hosts: [],
    recordWire: false,
    recordTerminal: false,
  } as const
  const targets = [target]
  const listener = await listenKubernetes({
    host: '127.0.0.1',
    port: 0,
    tls: { cert: testKey('server.pem'), key: testKey('server.key') },
    clientCertificates: false,
    cleartext: false,
    gate: createGate(parts),
    authenticator: { authenticate: async () => ({ ok: true, identity }) },
    targets: () => targets,
    shell: (argv) => analyzeArgv(argv),
    hashKey: Buffer.from('key'),
    connectionsMax: 5000,
    handshakeMs: 5000,
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  })
  process.on('message', (asked) => {
    if (asked === 'rested') {
      setTimeout(() => {
        // The first gives back the young part of the heap, the second what the first moved out of it.
        globalThis.gc?.()
        globalThis.gc?.()
        process.send?.({ rss: process.memoryUsage().rss })
      }, restMs)
      return
    }
    // While something runs memory is only looked at; a collection would be part of what is measured.
    if (asked === 'settled') globalThis.gc?.()
    process.send?.({ rss: process.memoryUsage().rss })
  })
  process.send?.({ port: listener.port })
}

function tellPort(address: unknown): void {
  process.send?.({ port: typeof address === 'object' && address !== null && 'port' in address ? address.port : 0 })
}

const [role, url = '', masking, token = 'gateway'] = process.argv.slice(2)
if (role === 'upstream') serveUpstream()
else await serveGateway(url, masking === 'mask', token)
