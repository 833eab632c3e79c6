// What a session leaves behind on its connection. DISCARD ALL takes back what it knows of; a session that may have left
// anything else, or of which that cannot be told, has its connection closed with it.
import type { SqlAnalysis, SqlStatement } from '../../engine/action/sql/index.ts'
import { startupAllowed } from './settings.ts'
import { isTransaction } from './transactions.ts'

/** Kinds of statements of which DISCARD ALL takes everything back that outlives their transaction. */
const slight: ReadonlySet<string> = new Set([
  'delete',
  'explain',
  'insert',
  'merge',
  'reset',
  'select',
  'set',
  'show',
  'update',
])

/** Of the server's own functions: what a sequence gave last is forgotten by DISCARD ALL. */
const forgotten: ReadonlySet<string> = new Set(['nextval'])
/** Says that it does nothing, and sets where the random numbers of the session begin. */
const remembered: ReadonlySet<string> = new Set(['setseed'])
/** Relations that lie in this database: others are reached by connections that stay. */
const near: ReadonlySet<string> = new Set(['materialized_view', 'partitioned', 'sequence', 'table', 'view'])
const ownSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema'])

/** Whether a text, if it does all that it says, leaves nothing that DISCARD ALL does not take back. */
export function leavesNothing({ complete, statements }: SqlAnalysis): boolean {
  return complete && statements.every(isSlight)
}

function isSlight(statement: SqlStatement): boolean {
  const { kind, functions, objects, relations, settings, dynamic } = statement
  if (dynamic || objects.length > 0 || !relations.every((one) => near.has(one.kind))) return false
  if (!slight.has(kind) && !(isTransaction(statement) && kind !== 'prepared_transaction')) return false
  if (!settings.every(({ name }) => startupAllowed.has(name.toLowerCase()))) return false
  return functions.every(({ schema, name, effects }) => {
    // What others defined may be in a language that keeps something of its own.
    if (!ownSchemas.has(schema) || remembered.has(name)) return false
    return effects === 'pure' || effects === 'read' || forgotten.has(name)
  })
}

/** What is known of one session's traces. */
export class Footprint {
  #isSlight = true
  readonly #reported = new Map<string, string>()

  /** A text goes to the server. */
  ran(analysis: SqlAnalysis): void {
    if (this.#isSlight) this.#isSlight = leavesNothing(analysis)
  }

  /** Something happened after which it is not known what is left. */
  lost(): void {
    this.#isSlight = false
  }

  /** The server told of a setting. */
  reported(name: string, value: string): void {
    this.#reported.set(name, value)
  }

  /** What the server has told of since the session began; undefined where the connection must not serve another. */
  get left(): ReadonlyMap<string, string> | undefined {
    return this.#isSlight ? this.#reported : undefined
  }
}
