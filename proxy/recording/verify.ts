// Proves that recordings are whole, with the public key alone: every frame chained, every segment and session signed,
// every session in the log, and the log under a signed head. Says what is wrong, and where.
import { type Checkpoint, decodeCheckpoint, type SignatureChecker } from './checkpoint.ts'
import { RecordingError } from './error.ts'
import { chain, isFrameBegun, tailOf } from './frame.ts'
import { frameTypes } from './frame-types.ts'
import { misplacedLog, missingLogs } from './processes.ts'
import { listSessions, readSegment, type SegmentFile, segmentNames } from './read.ts'
import { type Leaf, type ReadLog, readLog, type TreeHead } from './session-log.ts'
import {
  type AnchorsTold,
  compareWithLog,
  isNothing,
  nothingWhere,
  type SessionFound,
  verifyLog,
} from './verify-log.ts'

/** One thing that is wrong. `open` is not a fault: what is live, or what a gateway that died had not finished. */
export interface Finding {
  readonly session: string
  readonly what:
    | 'changed'
    | 'cut'
    | 'unsigned'
    | 'wrong_key'
    | 'missing_segment'
    | 'foreign_segment'
    | 'count'
    | 'after_end'
    | 'unreadable'
    | 'not_in_log'
    | 'missing_session'
    | 'log_changed'
    | 'log_cut'
    | 'open'
  readonly where: string
}

/** What verifying found. */
export interface VerifyReport {
  readonly sessions: number
  readonly entries: number
  readonly bytes: number
  readonly findings: readonly Finding[]
  readonly anchors: AnchorsTold
  /** Sessions that were removed, and the log says so. */
  readonly deleted: number
  /** True when there is no finding but open sessions. */
  readonly whole: boolean
}

/** Verifies a recordings folder, or one session of it. `anchors` are heads kept elsewhere. */
export function verifyRecordings(
  folder: string,
  checker: SignatureChecker,
  options: { readonly session?: string; readonly anchors?: readonly TreeHead[] } = {},
): VerifyReport {
  const findings: Finding[] = []
  let entries = 0
  let bytes = 0
  const log = logOf(folder, findings)
  const sessions = options.session === undefined ? listSessions(folder) : [options.session]
  const leaves = new Map<string, Leaf[]>()
  for (const { leaf } of log.lines) {
    if (leaf.event === 'process' || leaf.event === 'lost') continue
    const before = leaves.get(leaf.session)
    if (before === undefined) leaves.set(leaf.session, [leaf])
    else before.push(leaf)
  }
  let deleted = 0
  for (const session of sessions) {
    const events = leaves.get(session) ?? []
    if (events.some(({ event }) => event === 'deleted')) {
      findings.push({ session, what: 'open', where: 'the log says it was deleted, and not all of it is gone yet' })
      continue
    }
    const result = verifySession(folder, session, checker)
    findings.push(...result.findings)
    // Of what cannot be read nothing can be compared.
    if (!result.findings.some(({ what }) => what === 'unreadable'))
      findings.push(...compareWithLog(session, result, events))
    entries += result.entries
    bytes += result.bytes
  }
  const { findings: faults, anchors } = verifyLog(log, checker, options.anchors ?? [])
  findings.push(...faults)
  const misplaced = ofLog(findings, () => misplacedLog(folder, log))
  if (misplaced !== undefined) findings.push({ session: '', what: 'log_changed', where: misplaced })
  if (options.session === undefined) {
    const logs = log.lines.map(({ leaf }) => leaf)
    for (const name of missingLogs(folder, logs))
      findings.push({ session: '', what: 'missing_session', where: `the log names the one of ${name}, which is gone` })
    const present = new Set(sessions)
    for (const [session, events] of leaves) {
      const isDeleted = events.some((leaf) => leaf.event === 'deleted')
      if (isDeleted) deleted++
      const until = events.findLast(({ event }) => event === 'held' || event === 'freed' || event === 'deleted')
      const before = events.slice(0, -1).findLast(({ event }) => event === 'held' || event === 'freed')
      if (until?.event === 'deleted' && before?.event === 'held')
        findings.push({ session, what: 'missing_session', where: 'it was deleted while somebody held it' })
      if (present.has(session) || isDeleted) continue
      if (isNothing(events.findLast(({ event }) => event === 'closed' || event === 'abandoned')))
        findings.push({ session, what: 'open', where: nothingWhere })
      else findings.push({ session, what: 'missing_session', where: 'the log names it, the folder has it not' })
    }
  }
  return {
    sessions: sessions.length,
    entries,
    bytes,
    findings,
    anchors,
    deleted,
    whole: findings.every((finding) => finding.what === 'open'),
  }
}

/** The log as far as it reads: one that cannot be read says nothing of any session, and that is told. */
function logOf(folder: string, findings: Finding[]): ReadLog {
  const nothing = { lines: [], heads: [], damaged: 0, torn: { leaves: false, heads: false } }
  return ofLog(findings, () => readLog(folder)) ?? nothing
}

function ofLog<T>(findings: Finding[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    findings.push({ session: '', what: 'unreadable', where: error.message })
    return undefined
  }
}

interface SessionResult extends SessionFound {
  readonly findings: readonly Finding[]
  readonly bytes: number
}

interface SessionState {
  entries: number
  bytes: number
  sequence: number
  first: string
  head: string
  ended: boolean
  /** Bytes after the last whole frame that may be the beginning of one more, and the entries that stand there. */
  begun: number
  unproven: number
  /** SHA-256 of those bytes, where the segment's format promises it. */
  tail: string | undefined
}

function verifySession(folder: string, session: string, checker: SignatureChecker): SessionResult {
  const findings: Finding[] = []
  const state: SessionState = {
    entries: 0,
    bytes: 0,
    sequence: 0,
    first: '',
    head: '',
    ended: false,
    begun: 0,
    unproven: 0,
    tail: undefined,
  }
  try {
    const names = segmentNames(folder, session)
    for (const [index, name] of names.entries()) {
      const segment = readSegment(folder, session, name)
      if (segment !== undefined) verifySegment(segment, index, index === names.length - 1)
      else if (index < names.length - 1 || state.ended)
        findings.push({ session, what: 'cut', where: `${name}: its header is cut` })
    }
  } catch (error) {
    const where = error instanceof RecordingError ? error.message : 'the files cannot be read'
    return { findings: [{ session, what: 'unreadable', where }], ...state }
  }
  if (!state.ended && findings.length === 0) {
    const rest =
      state.begun === 0 ? '' : `, ${state.begun} bytes of a frame that was not ended, with ${state.unproven} entries`
    findings.push({ session, what: 'open', where: `ends without a terminal record${rest}` })
  }
  return { findings, ...state }

  function verifySegment(segment: SegmentFile, index: number, last: boolean): void {
    const fault = (what: Finding['what'], where: string): void =>
      void findings.push({ session, what, where: `${segment.name}: ${where}` })
    state.bytes += segment.bytes.length
    if (state.ended) fault('after_end', 'a segment follows the end of the session')
    const { header } = segment
    if (header['session'] !== session) fault('foreign_segment', 'it belongs to another session')
    if (header['segment'] !== index)
      fault('missing_segment', `it calls itself segment ${String(header['segment'])}, and should be ${index}`)
    if (header['previous'] !== state.head) fault('missing_segment', 'it does not follow the segment before it')
    if (header['firstSequence'] !== state.sequence)
      fault('count', 'its first entry has another number than the one that was due')
    if (index === 0) state.first = segment.headerHash.toString('hex')
    verifyFrames(segment, session, checker, state, fault, last)
  }
}

function verifyFrames(
  segment: SegmentFile,
  session: string,
  checker: SignatureChecker,
  state: SessionState,
  fault: (what: Finding['what'], where: string) => void,
  last: boolean,
): void {
  let previous: Uint8Array = segment.headerHash
  let entries = 0
  let closed = false
  for (const [index, frame] of segment.frames.entries()) {
    const where = `frame ${index} at byte ${frame.offset}`
    if (closed) fault('after_end', `${where} follows the checkpoint`)
    if (!chain(previous, frame.covered).equals(frame.hash))
      fault('changed', `${where} does not have the hash it ends with`)
    if (frame.firstSequence !== state.sequence)
      fault('count', `${where} begins with entry ${frame.firstSequence}, and ${state.sequence} was due`)
    if (frame.type === frameTypes.checkpoint) {
      closed = true
      const wanted = {
        session,
        entries,
        frames: index,
        bytes: frame.offset,
        head: Buffer.from(previous).toString('hex'),
        nextSequence: state.sequence,
      }
      state.ended = verifyCheckpoint(frame.body, checker, segment, wanted, where, fault)
    } else {
      entries += frame.count
      state.entries += frame.count
      state.sequence += frame.count
    }
    previous = frame.hash
  }
  state.head = Buffer.from(previous).toString('hex')
  const rest = segment.bytes.subarray(segment.bytes.length - segment.torn)
  if (segment.header['version'] !== 1) state.tail = tailOf(rest)
  if (segment.torn > 0) {
    // A gateway that is killed while it writes leaves the beginning of a frame: nobody was told that it was written.
    if (last && !closed && isFrameBegun(rest, state.sequence)) {
      state.begun = segment.torn
      state.unproven = segment.unended?.frame.count ?? 0
    } else fault('cut', `${segment.torn} bytes after the last whole frame`)
  }
  if (!closed && !last) fault('cut', 'it has no checkpoint, and another segment follows')
}

function verifyCheckpoint(
  body: Uint8Array,
  checker: SignatureChecker,
  segment: SegmentFile,
  wanted: Pick<Checkpoint, 'session' | 'entries' | 'frames' | 'bytes' | 'head' | 'nextSequence'>,
  where: string,
  fault: (what: Finding['what'], where: string) => void,
): boolean {
  let read: ReturnType<typeof decodeCheckpoint>
  try {
    read = decodeCheckpoint(body, checker)
  } catch {
    fault('unsigned', `${where} is no checkpoint`)
    return false
  }
  const { checkpoint, signed } = read
  if (!signed)
    fault(segment.header['signer'] === checker.keyId ? 'unsigned' : 'wrong_key', `${where} is not signed by this key`)
  for (const [name, value] of Object.entries(wanted)) {
    if (checkpoint[name as keyof Checkpoint] !== value) fault('count', `${where} says another ${name} than there is`)
  }
  if (checkpoint.segment !== segment.header['segment'] || checkpoint.previous !== segment.header['previous'])
    fault('count', `${where} is for another segment`)
  return checkpoint.final !== undefined
}
