// The gateway of the HTTP bench, in a process of its own: `UPSTREAM-PORT plain|mask`. A policy in Rego decides each
// request; records are accepted at once. Tells its port over IPC, and its memory when asked.
import { randomBytes, randomUUID } from 'node:crypto'
import { readBundle } from '../../bundles/format/index.ts'
import { compose, loadPolicy, packageOfModule } from '../../bundles/store/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenHttp } from '../../proxy/http/index.ts'
import type { Recorder } from '../../proxy/recording/contract.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts } from './gate.ts'

const [upstreamPort = '0', mode = 'plain'] = process.argv.slice(2)

const text = `package policy.api

allow if {
	input.resource.name == "api"
	input.action.stage == "connect"
}

allow if {
	input.action.http.method == "GET"
	input.action.http.path[0] in {"users", "large"}
	not "blocked" in input.identity.groups
}

${mode === 'mask' ? 'mask contains {"json": "$.users[*].card", "with": "last4"} if input.action.stage == "request"' : ''}
`

function policy(): PolicyHost {
  const files = [{ path: 'api.rego', bytes: Buffer.from(text) }]
  return loadPolicy(compose([{ name: 'main', bundle: readBundle(files, packageOfModule) }]), {
    nowNs: () => BigInt(Date.now()) * 1_000_000n,
    random: (length) => randomBytes(length),
  })
}

const silent: Recorder = {
  open: () => ({
    append: (_entry, accepted) => accepted(),
    congested: false,
    onDrain: () => undefined,
    close: async () => undefined,
  }),
  close: async () => undefined,
}
const sample = sampleDocument()
const token = { ...sample.identity.token, expires_at: '2999-01-01T00:00:00Z' }
const host = policy()
const upstream = {
  host: '127.0.0.1',
  port: Number(upstreamPort),
  authority: 'inner.example',
  basePath: '',
  tls: undefined,
  credential: undefined,
  connectMs: 2000,
  linkLocal: false,
}
const listener = await listenHttp({
  host: '127.0.0.1',
  port: 0,
  tls: undefined,
  clientCertificates: false,
  cleartext: true,
  tokenHeader: 'authorization',
  gate: createGate({ ...gateParts(), policy: () => host, recorder: silent, clock: systemClock, newId: randomUUID }),
  authenticator: { authenticate: async () => ({ ok: true, identity: { ...sample.identity, token } }) },
  target: () => ({
    resource: { ...sample.resource, name: 'api', protocol: 'http' },
    upstream: () => upstream,
  }),
  hashKey: new Uint8Array(32),
  connectionsMax: 1000,
  handshakeMs: 5000,
  onError: (_where, error) => process.stderr.write(`${String(error)}\n`),
})
process.on('SIGINT', () => process.exit(0))
process.on('message', () => {
  globalThis.gc?.()
  process.send?.({ rss: process.memoryUsage().rss })
})
process.send?.({ port: listener.port })
