// The catalog of a schema file: the file is run in a private PostgreSQL, which says what it made of it.
import pg from 'pg'
import { type Catalog, catalogFromServer, catalogQuery } from '../../engine/action/sql/index.ts'
import { startPostgres } from '../demo/embedded-postgres.ts'

/** Runs a schema and reads the catalog back. Rejects when the schema does not run. */
export async function catalogOfSchema(sql: string): Promise<Catalog> {
  const server = await startPostgres()
  try {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    try {
      await client.query(sql)
      const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
      return catalogFromServer(Object.values(rows[0] ?? {}).join(''), 'schema')
    } finally {
      await client.end()
    }
  } finally {
    await server.stop()
  }
}
