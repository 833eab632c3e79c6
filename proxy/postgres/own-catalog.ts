// Asks the server, on the session's own connection, what the catalog is after what the session did to it: changes that are
// not committed, and temporary objects, are seen there only. The question leaves the client's transaction as it is: it
// runs within a savepoint, or a transaction, that is rolled back.
import { type Catalog, catalogQuery, ownCatalog } from '../../engine/action/sql/index.ts'
import {
  decodeReady,
  decodeRow,
  encodeScript,
  type Frame,
  messageTypes as is,
  type TransactionStatus,
} from './wire/index.ts'

/** What is set is undone with all the rest; names and operators are those of the server, whatever path the client set. */
const question = [
  'SET LOCAL search_path TO pg_catalog, pg_temp',
  'SET LOCAL statement_timeout TO 5000',
  // However the client would have its own queries planned: what would not be chosen costs seconds here.
  'SET LOCAL jit TO off',
  ...['bitmapscan', 'hashjoin', 'indexscan', 'mergejoin', 'nestloop', 'seqscan', 'sort'].map(
    (way) => `SET LOCAL enable_${way} TO on`,
  ),
  catalogQuery,
]

const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY'
const savepoint = 'sallyport_catalog'
const undoSavepoint = [`ROLLBACK TO SAVEPOINT ${savepoint}`, `RELEASE SAVEPOINT ${savepoint}`]

/** The question, whose answer ends with the state of before. */
const asked: { readonly [status in 'I' | 'T']: Uint8Array } = {
  I: encodeScript(savepoint, [begin, ...question, 'ROLLBACK']),
  T: encodeScript(savepoint, [`SAVEPOINT ${savepoint}`, ...question, ...undoSavepoint]),
}

/** What undoes a question that failed in its middle. */
const undone: { readonly [status in 'I' | 'T']: Uint8Array } = {
  I: encodeScript(savepoint, ['ROLLBACK']),
  T: encodeScript(savepoint, undoSavepoint),
}

/** One question and its answer. */
export class OwnCatalog {
  readonly #status: 'I' | 'T'
  #json: string | undefined
  #failed = false
  #undoing = false

  /** `status` is that of the session before it. */
  constructor(status: 'I' | 'T') {
    this.#status = status
  }

  /** The message that asks. */
  get message(): Uint8Array {
    return asked[this.#status]
  }

  /**
   * Takes a message of the answer. Gives the message that has to be sent next, `done` after the last one, `lost` where
   * the session is not what it was before.
   */
  take(frame: Frame): Uint8Array | 'more' | 'done' | 'lost' {
    if (frame.type === is.error) this.#failed = true
    for (const row of frame.type === is.row ? frame.singles() : []) {
      const [value] = decodeRow(row)
      if (value !== undefined && value !== null) this.#json = value.toString('utf8')
    }
    if (frame.type !== is.ready) return 'more'
    const status: TransactionStatus = decodeReady(frame)
    if (status === this.#status) return 'done'
    if (this.#undoing || !this.#failed) return 'lost'
    this.#undoing = true
    return undone[this.#status]
  }

  /** The catalog, or undefined where the answer is none. */
  catalog(shared: Catalog): Catalog | undefined {
    if (this.#failed || this.#json === undefined) return undefined
    try {
      return ownCatalog(this.#json, shared)
    } catch {
      return undefined
    }
  }
}
