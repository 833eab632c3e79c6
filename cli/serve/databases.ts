// The PostgreSQL resources of a configuration: how each is reached, and the catalog by which its statements are read.
import pg from 'pg'
import {
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  type ServerMajor,
  type SqlAnalyzer,
} from '../../engine/action/sql/index.ts'
import type { PostgresResource } from '../../proxy/config/index.ts'
import type { PostgresTarget, UpstreamTarget } from '../../proxy/postgres/index.ts'
import { clientTls } from './client-tls.ts'
import { FreshAnalyzer } from './fresh-analyzer.ts'
import { resolveSecret } from './secrets.ts'

/** What listeners ask of one database. The first session has the catalog read. */
export function databaseTarget(resource: PostgresResource, onError: (error: unknown) => void): PostgresTarget {
  const { name, labels, upstream, masking } = resource
  const { hashKey } = masking
  let made: Promise<SqlAnalyzer> | undefined
  const analyzer = (): Promise<SqlAnalyzer> => {
    if (made === undefined) {
      made = freshAnalyzer(upstream, onError)
      // A database that could not be read is asked again by the next session.
      made.catch(() => {
        made = undefined
      })
    }
    return made
  }
  return {
    resource: {
      name,
      protocol: 'postgres',
      labels,
      target: { host: upstream.host, port: upstream.port, database: upstream.database, user: upstream.user },
    },
    recordWire: resource.recording.wire,
    upstream: () => upstreamTarget(upstream),
    analyzer,
    ...(upstream.warmMs > 0 ? { warm: { ms: upstream.warmMs, place: JSON.stringify([name, upstream]) } } : {}),
    ...(hashKey === undefined ? {} : { hashKey: async () => Buffer.from(await resolveSecret(hashKey)) }),
  }
}

async function freshAnalyzer(
  upstream: PostgresResource['upstream'],
  onError: (error: unknown) => void,
): Promise<SqlAnalyzer> {
  const { catalog, major } = await readCatalog(upstream)
  return new FreshAnalyzer({
    inner: await createSqlAnalyzer(major, catalog, upstream.protection),
    read: async () => (await readCatalog(upstream)).catalog,
    maxAgeMs: upstream.catalogRefreshMs,
    nowMs: Date.now,
    onError,
  })
}

async function upstreamTarget(upstream: PostgresResource['upstream']): Promise<UpstreamTarget> {
  const { host, port, database, user, credential, tls, connectMs } = upstream
  return {
    host,
    port,
    database,
    user,
    connectMs,
    password: credential === undefined ? undefined : await resolveSecret(credential),
    passwordAsToken: credential?.startsWith('rds:') ?? false,
    tls: await clientTls(tls, host),
  }
}

/** How the gateway's own questions reach a database. */
export async function clientOptions(upstream: PostgresResource['upstream']): Promise<pg.ClientConfig> {
  const { host, port, database, user, password, connectMs, tls } = await upstreamTarget(upstream)
  return {
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    connectionTimeoutMillis: connectMs,
    ssl: tls ?? false,
  }
}

async function readCatalog(
  upstream: PostgresResource['upstream'],
): Promise<{ readonly catalog: ReturnType<typeof catalogFromServer>; readonly major: ServerMajor }> {
  const client = new pg.Client(await clientOptions(upstream))
  // A connection that is lost is told twice: to the query, and here.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
    const version = await client.query<{ version: number }>(
      "SELECT pg_catalog.current_setting('server_version_num')::int / 10000 AS version",
    )
    return {
      catalog: catalogFromServer(Object.values(rows[0] ?? {}).join(''), String(Date.now())),
      major: majorOf(version.rows[0]?.version),
    }
  } finally {
    await client.end()
  }
}

/** The grammar for a server: its own, or the nearest that is at hand. */
function majorOf(version: number | undefined): ServerMajor {
  if (version === 15 || version === 16 || version === 17) return version
  if (version !== undefined && version < 15) return 15
  return 18
}
