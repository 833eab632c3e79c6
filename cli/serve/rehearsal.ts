// A gateway that has just started runs statements through itself before its first client does: by its own policy, to a
// gate, a relay and an analyzer that nobody else sees. Nothing of it is recorded, counted as a decision, or sent.
import { builtinCatalog, Catalog, createSqlAnalyzer } from '../../engine/action/sql/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import { createGate, defaultGateLimits, type GateObserver, type GateParts, RootLedger } from '../../proxy/gate/index.ts'
import { Rehearsal } from '../../proxy/postgres/index.ts'
import type { Recorder } from '../../proxy/recording/contract.ts'
import { FreshAnalyzer } from './fresh-analyzer.ts'

/** Turns of it, two statements each; by then what runs most is compiled. */
const turnsMax = 1_500
/** Turns before whatever else is there gets its turn. */
const turnsAtOnce = 4

/**
 * Runs until what runs most is compiled, or until `isOver`: once a real session is there, that does the same. Gives the
 * turns that were made.
 */
export async function rehearse(parts: GateParts, isOver: () => boolean): Promise<number> {
  // Who waits for the gateway hears first that it is ready.
  await nextTurn()
  const rehearsal = await begun(parts)
  let turns = 0
  while (rehearsal !== undefined && turns < turnsMax && !isOver() && rehearsal.turn())
    if (++turns % turnsAtOnce === 0) await nextTurn()
  rehearsal?.end()
  return turns
}

async function begun(parts: GateParts): Promise<Rehearsal | undefined> {
  const catalog = rehearsalCatalog()
  const inner = await createSqlAnalyzer(18, catalog)
  const analyzer = new FreshAnalyzer({
    inner,
    read: () => Promise.resolve(catalog),
    maxAgeMs: Number.POSITIVE_INFINITY,
    nowMs: Date.now,
    onError: () => undefined,
  })
  const gate = createGate({
    ...parts,
    policy: () => allowing(parts.policy()),
    recorder: nowhere,
    holds: { open: () => ({ cancel: () => undefined }) },
    observer: nobody,
    limits: defaultGateLimits,
    ledger: new RootLedger({}, defaultGateLimits.rootWindowMs),
    resourceLimits: () => ({}),
  })
  const opened = await gate.open(opening)
  if (!opened.open) return undefined
  return new Rehearsal({
    gate: opened.session,
    analyzer,
    text: (turn) => `SELECT value FROM rehearsal WHERE id = ${turn + 1};`,
    prepared: 'SELECT value FROM rehearsal WHERE id = $1;',
  })
}

/** The policy decides all of it, and whatever it says, what is rehearsed goes on: to nowhere. */
function allowing(host: PolicyHost): PolicyHost {
  return {
    revision: host.revision,
    digest: host.digest,
    has: (entrypoint) => host.has(entrypoint),
    evaluate: (entrypoint, input) => {
      try {
        host.evaluate(entrypoint, input)
      } catch {
        // A policy that fails on this says so to those whom it concerns.
      }
      return allowed
    },
    fuelSpent: () => host.fuelSpent(),
    close: () => undefined,
  }
}

const allowed: unknown = Object.freeze({
  effect: 'allow',
  allow: Object.freeze(['rehearsal']),
  deny: Object.freeze([]),
  hold: Object.freeze([]),
  mask: Object.freeze([]),
  filter: Object.freeze([]),
  limit: Object.freeze([]),
  record: Object.freeze([]),
})

const nowhere: Recorder = {
  open: () => ({
    gathers: true,
    congested: false,
    append: (_entry, accepted) => accepted(),
    onDrain: (callback) => callback(),
    close: () => Promise.resolve(),
  }),
  close: () => Promise.resolve(),
}

const nobody: GateObserver = {
  decided: () => undefined,
  answered: () => undefined,
  held: () => undefined,
  masked: () => undefined,
  session: () => undefined,
  failed: () => undefined,
}

const integer = { schema: 'pg_catalog', name: 'int4', array: false } as const
const equal = { schema: 'pg_catalog', name: 'int4eq' }

/** One table, among what every server has. */
function rehearsalCatalog(): Catalog {
  const name = { schema: 'public', name: 'rehearsal' }
  const columns = ['id', 'value'].map((column) => ({ name: column, type: integer }))
  return Catalog.from(builtinCatalog(), {
    version: 'rehearsal',
    schemas: ['public'],
    relations: [{ ...name, kind: 'table', columns }],
    types: [],
    routines: [],
    operators: [{ schema: 'pg_catalog', name: '=', left: integer, right: integer, function: equal }],
    casts: [],
    eventTriggers: [],
  })
}

const opening = {
  identity: {
    subject: 'rehearsal',
    issuer: '',
    kind: 'agent',
    groups: [],
    scopes: [],
    claims: {},
    chain: [],
    token: { id: '', issued_at: '1970-01-01T00:00:00Z', expires_at: '9999-01-01T00:00:00Z', binding: 'none' },
  },
  resource: { name: 'rehearsal', protocol: 'postgres', labels: {}, target: {} },
  client: { address: '', application: '' },
  state: {},
} as const

function nextTurn(): Promise<void> {
  return new Promise((done) => setImmediate(done))
}
