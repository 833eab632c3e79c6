// What the shared SQL needs of a database.
import type { Change } from './contract.ts'

/** A value that goes into or comes out of SQL. */
export type SqlValue = string | number
/** One row of an answer. */
export type SqlRow = { readonly [column: string]: unknown }

/** A database. `?` stands for parameters. */
export interface Driver {
  /** True when other gateways may be in it. */
  readonly isShared: boolean
  /** What the function is called that gives the largest of its arguments. */
  readonly largest: 'greatest' | 'max'
  /** Runs one statement; the rows it gives. What may be written `late` is kept by whatever happens but a power failure. */
  query(sql: string, parameters: readonly SqlValue[], late?: 'late'): Promise<readonly SqlRow[]>
  /** Tells every gateway, this one included. */
  notify(change: Change): Promise<void>
  subscribe(callback: (change: Change) => void): () => void
  close(): Promise<void>
}
