// A PostgreSQL listener in this process that keeps connections for the next client, before a real server with the real
// analyzer: the token a client brings says who it is, and a test decides.
import { databaseTarget } from '../../cli/serve/databases.ts'
import type { ActionDocument, Identity } from '../../engine/action/index.ts'
import { createGate, type Gate, systemClock } from '../../proxy/gate/index.ts'
import type { Listening } from '../../proxy/listening/index.ts'
import { listenPostgres } from '../../proxy/postgres/index.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts, type ManualHolds } from './gate.ts'
import type { Behind } from './judging-gateway.ts'

/** A running one. */
export interface WarmGateway {
  readonly listener: Listening
  readonly gate: Gate
  readonly holds: ManualHolds
  /** What the gateway takes for the password of its role. */
  password(secret: string): void
}

/** What the tests change of it. */
export interface WarmOptions {
  readonly warmMs: number
  readonly answer: (document: ActionDocument) => unknown
  /** Who brings a token. */
  readonly who?: (token: string) => Partial<Identity>
}

let made = 0

/** Listens. */
export async function listenWarm(behind: Behind, { warmMs, answer, who }: WarmOptions): Promise<WarmGateway> {
  const { host, port, user, database } = behind
  const variable = `SALLYPORT_TEST_WARM_PASSWORD_${++made}`
  const password = (secret: string): void => {
    process.env[variable] = secret
  }
  password(behind.password)
  const target = databaseTarget(
    {
      name: database,
      protocol: 'postgres',
      labels: {},
      masking: {},
      recording: { wire: true, terminal: true },
      limits: {},
      upstream: {
        host,
        port,
        user,
        database,
        credential: `env:${variable}`,
        tls: { mode: 'disable' },
        connectMs: 60_000,
        protection: 'inline',
        catalogRefreshMs: 600_000,
        rowEstimates: false,
        warmMs,
      },
    },
    (error) => process.stderr.write(`${String(error)}\n`),
  )
  const parts = gateParts({ clock: systemClock })
  parts.live.answer = (input) => answer(input as ActionDocument)
  const gate = createGate(parts)
  const { identity } = sampleDocument()
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  const listener = await listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    cleartext: true,
    gate,
    authenticator: {
      authenticate: async (credential) => ({
        ok: true,
        identity: {
          ...identity,
          token: { ...identity.token, expires_at },
          ...(credential.kind === 'token' ? who?.(credential.token) : {}),
        },
      }),
    },
    target: () => target,
    hashKey: Buffer.from('key'),
    connectionsMax: 20,
    handshakeMs: 60_000,
    messageBytesMax: 1024 * 1024,
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  })
  return { listener, gate, holds: parts.holds, password }
}
