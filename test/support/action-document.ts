// A small, valid action document for tests; each test changes what it is about.
import type { Action, ActionDocument } from '../../engine/action/index.ts'
import { actionSchema, withDigest } from '../../engine/action/index.ts'

/** A document in which an agent reads a table. */
export function sampleDocument(action: Partial<Omit<Action, 'digest'>> = {}): ActionDocument {
  return withDigest({
    schema: actionSchema,
    identity: {
      subject: 'agent-1',
      issuer: 'https://issuer.example',
      kind: 'agent',
      groups: ['analysts'],
      scopes: ['orders:read'],
      claims: { team: 'data' },
      chain: [{ subject: 'person-1', issuer: 'https://issuer.example', kind: 'human', scopes: ['orders:read'] }],
      token: { id: 't-1', issued_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T01:00:00Z', binding: 'none' },
    },
    resource: {
      name: 'orders-db',
      protocol: 'postgres',
      labels: { env: 'test' },
      target: { host: '127.0.0.1', database: 'orders' },
    },
    session: {
      id: 's-1',
      started_at: '2026-01-01T00:00:00Z',
      client: { address: '127.0.0.1', application: 'psql' },
      usage: { actions: 0, rows: 0, bytes: 0, affected: 0, denied: 0 },
      state: { search_path: ['public'] },
    },
    action: {
      stage: 'request',
      verb: 'read',
      operation: 'query',
      text: 'SELECT 1',
      complete: true,
      sql: { statements: [], parameters: [], protocol: 'simple' },
      ...action,
    },
    context: { time: '2026-01-01T00:00:01.000Z', gateway: { id: 'g-1', version: '0.1.0' }, bundle: { revision: '1' } },
  })
}
