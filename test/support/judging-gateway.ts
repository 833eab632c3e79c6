// A PostgreSQL listener in this process before a real server, with the real analyzer and catalog; the test decides.
import { databaseTarget } from '../../cli/serve/databases.ts'
import type { ActionDocument } from '../../engine/action/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenPostgres, type RunningListener } from '../../proxy/postgres/index.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts } from './gate.ts'

/** The server behind. */
export interface Behind {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

/** Listens; any user with any password may come, to the database of the same name. */
export async function listenBefore(
  behind: Behind,
  answer: (document: ActionDocument) => unknown,
): Promise<RunningListener> {
  const { host, port, user, password, database } = behind
  const variable = `SALLYPORT_TEST_PG_PASSWORD_${port}`
  process.env[variable] = password
  const target = databaseTarget(
    {
      name: database,
      protocol: 'postgres',
      labels: {},
      recording: { wire: false },
      masking: {},
      upstream: {
        host,
        port,
        user,
        database,
        credential: `env:${variable}`,
        connectMs: 60_000,
        catalogRefreshMs: 600_000,
        tls: { mode: 'disable' },
      },
    } as never,
    // A catalog that is read while a table goes away fails, and is read again.
    (error) => process.stderr.write(`${String(error)}\n`),
  )
  const parts = gateParts({ clock: systemClock })
  parts.live.answer = (input) => answer(input as ActionDocument)
  const { identity } = sampleDocument()
  const expires_at = new Date(Date.now() + 7_200_000).toISOString()
  return listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    cleartext: true,
    gate: createGate(parts),
    authenticator: {
      authenticate: () =>
        Promise.resolve({ ok: true, identity: { ...identity, token: { ...identity.token, expires_at } } }),
    },
    target: () => target,
    hashKey: Buffer.from('key'),
    connectionsMax: 10,
    handshakeMs: 60_000,
    messageBytesMax: 64 * 1024 * 1024,
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  })
}
