// Transactions of the gateway's own around statements whose changed rows are limited, and what commits or counts rows.
import { cstring, encodeFrame, encodeParse, int16, int32, messageTypes as is } from './wire/index.ts'

/** The statement and portal by which a transaction of ours begins. */
const hiddenName = 'sallyport guard'
/** Messages that begin a transaction between those of the extended protocol, each with what answers it. */
export const hiddenBegin: readonly (readonly [number, Buffer])[] = [
  [is.parseComplete, encodeParse({ name: hiddenName, sql: 'BEGIN', types: [] })],
  [is.bindComplete, encodeFrame('B', cstring(hiddenName), cstring(hiddenName), int16(0), int16(0), int16(0))],
  [is.commandComplete, encodeFrame('E', cstring(hiddenName), int32(0))],
  [is.closeComplete, encodeFrame('C', Buffer.from('S'), cstring(hiddenName))],
]

/** Commands whose tag counts rows that they changed; that of COPY does when it came from the client. */
const changing: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

const transactionKinds = new Set([
  'begin',
  'commit',
  'rollback',
  'savepoint',
  'release',
  'rollback_to',
  'prepared_transaction',
])

/** True for a statement that begins, ends or marks a transaction. */
export function isTransaction({ kind }: { readonly kind: string }): boolean {
  return transactionKinds.has(kind)
}

/** Whether the rows that a command's tag counts are rows it changed. */
export function changesRows(command: string, copiedOut: boolean): boolean {
  return changing.has(command) || (command === 'COPY' && !copiedOut)
}
