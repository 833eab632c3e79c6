// Entries as bytes: kind, times, length, body. Bulk bytes stand as they are, everything else as JSON.
import type { Action, ActionDocument } from '../../engine/action/index.ts'
import type { RecordEntry } from './contract.ts'
import { RecordingError } from './error.ts'

/** Bytes of one entry's body at the most; larger wire frames are split before they come here. */
export const entryBytesMax: number = 64 * 1024 * 1024

/** An entry as it is read back. */
export interface StoredEntry {
  readonly sequence: number
  readonly wallMs: number
  readonly monotonicMs: number
  readonly entry: RecordedEntry
}

/** What an action entry keeps: all of the document that the session's opening does not already say. */
export interface RecordedAction {
  readonly kind: 'action'
  readonly action: Omit<Action, 'digest'>
  readonly session: Pick<ActionDocument['session'], 'state' | 'usage'>
  readonly context: ActionDocument['context']
  readonly decision: Extract<RecordEntry, { kind: 'action' }>['decision']
}

/** The opening of a session, with what every action of it has in common. */
export interface RecordedIdentity {
  readonly kind: 'identity'
  readonly identity: ActionDocument['identity']
  readonly resource: ActionDocument['resource']
  readonly session: Omit<ActionDocument['session'], 'state' | 'usage'>
}

/** Every entry a recording can hold. */
export type RecordedEntry = Exclude<RecordEntry, { kind: 'action' }> | RecordedAction | RecordedIdentity

const codes = {
  opened: 1,
  identity: 2,
  action: 3,
  refused: 4,
  hold: 5,
  wire: 6,
  terminal: 7,
  resize: 8,
  rows: 9,
  masked: 10,
  budget: 11,
  closed: 12,
} as const satisfies Record<RecordedEntry['kind'], number>

const kindOf: ReadonlyMap<number, RecordedEntry['kind']> = new Map(
  Object.entries(codes).map(([kind, code]) => [code, kind as RecordedEntry['kind']]),
)

/** Kind, stream, two times and the length of the body. */
const headBytes = 22

/** Entries on their way to a frame, one after the other in one piece of memory that grows with them. */
export class EntryBuffer {
  #memory: Buffer
  #length = 0
  #count = 0

  constructor() {
    this.#memory = Buffer.allocUnsafe(bufferBytes)
  }

  get length(): number {
    return this.#length
  }

  get count(): number {
    return this.#count
  }

  /** What is there. It counts until the next `add` or `clear`. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length)
  }

  /** Adds an entry. Throws RecordingError when it is too large, and then nothing of it is there. */
  add(entry: RecordedEntry, wallMs: number, monotonicMs: number): void {
    const bulk = bulkOf(entry)
    const text = bulk === undefined ? textOf(entry) : ''
    // A character is three bytes at the most, and almost always one.
    this.#reserve(headBytes + (bulk?.bytes.length ?? text.length * 3))
    const at = this.#length
    const memory = this.#memory
    const length = bulk === undefined ? memory.write(text, at + headBytes, 'utf8') : bulk.bytes.length
    if (length > entryBytesMax) throw new RecordingError('too_large', `an entry is larger than ${entryBytesMax} bytes`)
    memory[at] = codes[entry.kind]
    memory[at + 1] = bulk?.stream ?? 0
    memory.writeDoubleBE(wallMs, at + 2)
    memory.writeDoubleBE(monotonicMs, at + 10)
    memory.writeUInt32BE(length, at + 18)
    if (bulk !== undefined) memory.set(bulk.bytes, at + headBytes)
    this.#length = at + headBytes + length
    this.#count++
  }

  /** Forgets everything; memory that grew beyond the usual is given back. */
  clear(): void {
    this.#length = 0
    this.#count = 0
    if (this.#memory.length > bufferBytesKept) this.#memory = Buffer.allocUnsafe(bufferBytes)
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#memory.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#memory.length * 2))
    larger.set(this.bytes)
    this.#memory = larger
  }
}

const bufferBytes = 16 * 1024
const bufferBytesKept = 256 * 1024

/** The entries in the opened body of a frame. Throws RecordingError when bytes are missing or left over. */
export function decodeEntries(body: Uint8Array, firstSequence: number, count: number): readonly StoredEntry[] {
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const entries: StoredEntry[] = []
  let at = 0
  while (at < view.length) {
    if (at + headBytes > view.length) throw new RecordingError('damaged', 'an entry is cut')
    const length = view.readUInt32BE(at + 18)
    const end = at + headBytes + length
    if (length > entryBytesMax || end > view.length) throw new RecordingError('damaged', 'an entry is cut')
    const kind = kindOf.get(view[at] ?? 0)
    if (kind === undefined) throw new RecordingError('damaged', 'an entry has an unknown kind')
    entries.push({
      sequence: firstSequence + entries.length,
      wallMs: view.readDoubleBE(at + 2),
      monotonicMs: view.readDoubleBE(at + 10),
      entry: decodeBody(kind, view[at + 1] ?? 0, view.subarray(at + headBytes, end)),
    })
    at = end
  }
  if (entries.length !== count)
    throw new RecordingError('damaged', 'a frame holds another number of entries than it says')
  return entries
}

/** Texts of analyzed statements up to this length are kept for as long as the analysis is. */
const keptTextMax = 16 * 1024
const statementTexts = new WeakMap<object, string>()

// INVARIANT: an analysis is never changed once it is made; analyzers hand out the same one for the same text.
/** The statements of an action are by far its largest part, and the same object each time the same text is run. */
function statementsText(statements: object): string {
  let text = statementTexts.get(statements)
  if (text === undefined) {
    text = JSON.stringify(statements)
    if (text.length <= keptTextMax) statementTexts.set(statements, text)
  }
  return text
}

function textOf(entry: RecordedEntry): string {
  if (entry.kind !== 'action') return JSON.stringify(entry)
  // Field by field: the digest is a getter that would compute it, and what is not there leaves no trace.
  const { stage, verb, operation, text, complete, sql, shell, kube, http } = entry.action
  let action = JSON.stringify({ stage, verb, operation, text, complete, shell, kube, http })
  if (sql !== undefined) {
    const { statements, ...others } = sql
    action = `${action.slice(0, -1)},"sql":${withFirst('statements', statementsText(statements), others)}}`
  }
  const { session, context, decision } = entry
  return `{"kind":"action","action":${action},${JSON.stringify({ session, context, decision }).slice(1)}`
}

/** The text of an object that has one field more, in front, whose text is at hand. */
function withFirst(name: string, text: string, others: object): string {
  const rest = JSON.stringify(others)
  return rest === '{}' ? `{"${name}":${text}}` : `{"${name}":${text},${rest.slice(1)}`
}

function bulkOf(entry: RecordedEntry): { readonly stream: number; readonly bytes: Uint8Array } | undefined {
  if (entry.kind === 'wire') return { stream: entry.direction === 'up' ? 0 : 1, bytes: entry.bytes }
  if (entry.kind === 'terminal') return { stream: entry.stream === 'input' ? 0 : 1, bytes: entry.bytes }
  return undefined
}

function decodeBody(kind: RecordedEntry['kind'], stream: number, body: Buffer): RecordedEntry {
  if (kind === 'wire') return { kind, direction: stream === 0 ? 'up' : 'down', bytes: body }
  if (kind === 'terminal') return { kind, stream: stream === 0 ? 'input' : 'output', bytes: body }
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new RecordingError('damaged', 'an entry is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== kind) {
    throw new RecordingError('damaged', 'an entry is not what its head says')
  }
  // The body was authenticated with its frame and written by encodeEntry: its shape is its kind's.
  return value as RecordedEntry
}
