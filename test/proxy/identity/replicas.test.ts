// What is revoked at one gateway ends everything below it at another one that shares the storage: by notice, not by the
// next reading.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { after, before, mock, test } from 'node:test'
import type { Identity } from '../../../engine/action/index.ts'
import { Revocations, revocationKeptOnMs } from '../../../proxy/identity/index.ts'
import { openPostgresStorage, type Storage } from '../../../proxy/storage/index.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'

const skip = postgresMissing() ?? false
// The regular reading never comes round in here, so what is known at the other gateway was told.
mock.timers.enable({ apis: ['setInterval'] })
const issuer = 'https://gate.example'
const grandchild: Identity = {
  subject: 'agent-1/a/b',
  issuer,
  kind: 'agent',
  groups: [],
  scopes: [],
  claims: { iss: issuer, sallyport_lineage: ['https://idp.example root-1', `${issuer} child-1`] },
  chain: [
    { subject: 'agent-1', issuer: 'https://idp.example', kind: 'agent', scopes: [] },
    { subject: 'agent-1/a', issuer, kind: 'agent', scopes: [] },
  ],
  token: { id: 'child-2', issued_at: '2026-01-05T10:00:00Z', expires_at: '2999-01-01T00:00:00Z', binding: 'none' },
}

let server: PostgresServer
const stores: Storage[] = []
const gateways: Revocations[] = []
before(async () => {
  if (skip === false) server = await startPostgres()
})
after(async () => {
  for (const one of gateways) one.close()
  for (const one of stores) await one.close()
  if (skip === false) await server.stop()
})

async function gateway(): Promise<{ revocations: Revocations; changes: EventEmitter }> {
  const { host, port, database, user, password } = server
  const storage = await openPostgresStorage({
    ...{ host, port, database, user },
    password: () => Promise.resolve(password),
    ssl: false,
    connectionsMax: 4,
  })
  stores.push(storage)
  const changes = new EventEmitter()
  const revocations = new Revocations(storage, {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    changed: () => changes.emit('changed'),
    failed: (error) => assert.fail(String(error)),
  })
  gateways.push(revocations)
  await revocations.read()
  return { revocations, changes }
}

for (const [name, kind, value] of [
  ['the root', 'token', 'https://idp.example root-1'],
  ['the parent', 'token', `${issuer} child-1`],
  ['the token itself', 'token', `${issuer} child-2`],
  ['who is acted for', 'subject', 'https://idp.example agent-1'],
] as const)
  test(`revoking ${name} at one gateway ends a grandchild at another`, { skip }, async (t) => {
    const [here, there] = [await gateway(), await gateway()]
    assert.equal(there.revocations.bars(grandchild), undefined)
    const started = performance.now()
    const expiry = Date.now() + 60_000
    const revoked = here.revocations.revoke(kind, value, 'for this test', expiry)
    while (there.revocations.bars(grandchild) === undefined) await once(there.changes, 'changed')
    t.diagnostic(`${Math.round(performance.now() - started)} ms`)
    assert.match(there.revocations.bars(grandchild) ?? '', /revoked/)
    await revoked
    const [store] = stores
    await store?.prune(expiry + revocationKeptOnMs + 1)
    await Promise.all([here.revocations.read(), there.revocations.read()])
    assert.equal(there.revocations.bars(grandchild), undefined)
  })
