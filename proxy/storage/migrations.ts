// The schema, as numbered steps that only go forward. A step that has been released is never changed.

import { StorageError } from './contract.ts'

/** What a gateway says of a store that a newer version has changed: steps do not go back. */
export function newerSchema(found: number): StorageError {
  const what = `the store was changed by a newer version (schema ${found}, this gateway knows ${migrations.length})`
  return new StorageError('newer_schema', `${what}: run that version, or bring back a copy from before`)
}

/** Step N brings version N - 1 to N. The SQL is what SQLite and PostgreSQL both understand. */
export const migrations: readonly (readonly string[])[] = [
  [
    'CREATE TABLE sallyport_session (id TEXT PRIMARY KEY, gateway TEXT NOT NULL, started_at BIGINT NOT NULL, body TEXT NOT NULL)',
    'CREATE TABLE sallyport_hold (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, digest TEXT NOT NULL, status TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, body TEXT NOT NULL)',
    'CREATE INDEX sallyport_hold_status ON sallyport_hold (status, created_at)',
    'CREATE TABLE sallyport_answer (hold_id TEXT NOT NULL, approver TEXT NOT NULL, answer TEXT NOT NULL, at BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (hold_id, approver))',
    'CREATE TABLE sallyport_grant (id TEXT PRIMARY KEY, subject TEXT NOT NULL, expires_at BIGINT NOT NULL, body TEXT NOT NULL)',
    'CREATE INDEX sallyport_grant_subject ON sallyport_grant (subject)',
    'CREATE TABLE sallyport_revocation (kind TEXT NOT NULL, value TEXT NOT NULL, at BIGINT NOT NULL, expires_at BIGINT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (kind, value))',
    'CREATE TABLE sallyport_usage (root TEXT NOT NULL, period BIGINT NOT NULL, actions BIGINT NOT NULL, row_count BIGINT NOT NULL, bytes BIGINT NOT NULL, affected BIGINT NOT NULL, PRIMARY KEY (root, period))',
  ],
  [
    'CREATE TABLE sallyport_gateway (run TEXT PRIMARY KEY, beat BIGINT NOT NULL)',
    "ALTER TABLE sallyport_hold ADD COLUMN run TEXT NOT NULL DEFAULT ''",
    'CREATE INDEX sallyport_hold_run ON sallyport_hold (run, status)',
    'ALTER TABLE sallyport_grant ADD COLUMN uses_left BIGINT NOT NULL DEFAULT 0',
  ],
  ['CREATE TABLE sallyport_once (name TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)'],
  // When what an earlier gateway counted can go is not known.
  [`ALTER TABLE sallyport_usage ADD COLUMN ends_at BIGINT NOT NULL DEFAULT ${Number.MAX_SAFE_INTEGER}`],
]
