// Entries as they are read: kind, times, length, body. Bulk bytes stand as they are, actions in parts, the rest as JSON.
import type { ActionDocument } from '../../engine/action/index.ts'
import { HeardParts } from './action-entry.ts'
import type { StoredAction } from './action-text.ts'
import type { RecordEntry } from './contract.ts'
import { areTimes, hasShape } from './entry-shape.ts'
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
  readonly action: StoredAction
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

/** How each kind of entry begins. */
export const codes: { readonly [kind in RecordedEntry['kind']]: number } = {
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
}

/** Since version 2: an action in parts, and rows as three numbers. */
export const numberCodes: { readonly action: number; readonly rows: number } = { action: 13, rows: 14 }

const kindOf: ReadonlyMap<number, RecordedEntry['kind']> = new Map(
  Object.entries(codes).map(([kind, code]) => [code, kind as RecordedEntry['kind']]),
)

/** Kind, stream, two times and the length of the body. */
export const headBytes: number = 22

/**
 * The entries in the opened body of a frame; `heard` is what the frames before it in its segment said. Throws
 * RecordingError when bytes are missing or left over.
 */
export function decodeEntries(
  body: Uint8Array,
  firstSequence: number,
  count: number,
  heard: HeardParts = new HeardParts(),
): readonly StoredEntry[] {
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const entries: StoredEntry[] = []
  let at = 0
  while (at < view.length) {
    if (at + headBytes > view.length) throw new RecordingError('damaged', 'an entry is cut')
    const length = view.readUInt32BE(at + 18)
    const end = at + headBytes + length
    if (length > entryBytesMax || end > view.length) throw new RecordingError('damaged', 'an entry is cut')
    const [wallMs, monotonicMs] = [view.readDoubleBE(at + 2), view.readDoubleBE(at + 10)]
    if (!areTimes(wallMs, monotonicMs)) throw new RecordingError('damaged', 'an entry has no time')
    const entry = decodeBody(view[at] ?? 0, view[at + 1] ?? 0, view.subarray(at + headBytes, end), heard)
    if (!hasShape(entry.kind, entry)) throw new RecordingError('damaged', 'an entry lacks what its kind has')
    entries.push({ sequence: firstSequence + entries.length, wallMs, monotonicMs, entry })
    at = end
  }
  if (entries.length !== count)
    throw new RecordingError('damaged', 'a frame holds another number of entries than it says')
  return entries
}

function decodeBody(code: number, stream: number, body: Buffer, heard: HeardParts): RecordedEntry {
  if (code === numberCodes.action) return heard.action(body)
  if (code === numberCodes.rows) return decodeRows(body)
  const kind = kindOf.get(code)
  if (kind === undefined) throw new RecordingError('damaged', 'an entry has an unknown kind')
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
  // The caller looks at its shape.
  return value as RecordedEntry
}

function decodeRows(body: Buffer): RecordedEntry {
  if (body.length !== rowsBytes) throw new RecordingError('damaged', 'an entry of rows has another length')
  return {
    kind: 'rows',
    actionSequence: body.readDoubleBE(0),
    rows: body.readDoubleBE(8),
    bytes: body.readDoubleBE(16),
  }
}

/** Three doubles. */
export const rowsBytes = 24
