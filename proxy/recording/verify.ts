// Proves that recordings are whole, with the public key alone: every frame chained, every segment and session signed,
// every session in the log, and the log under a signed head. Says what is wrong, and where.
import { type Checkpoint, decodeCheckpoint, type SignatureChecker } from './checkpoint.ts'
import { RecordingError } from './error.ts'
import { chain, frameHead, frameTypes, type ReadSegment } from './frame.ts'
import { MerkleTree } from './merkle.ts'
import { listSessions, readSegments } from './read.ts'
import { headHolds, type Leaf, readLog, type TreeHead } from './session-log.ts'

/** One thing that is wrong. `open` is not a fault: a session that is live or whose gateway died. */
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
  const log = readLog(folder)
  const sessions = options.session === undefined ? listSessions(folder) : [options.session]
  const leaves = new Map<string, Leaf[]>()
  for (const { leaf } of log.leaves) leaves.set(leaf.session, [...(leaves.get(leaf.session) ?? []), leaf])
  for (const session of sessions) {
    const result = verifySession(folder, session, checker)
    findings.push(...result.findings, ...compareWithLog(session, result, leaves.get(session) ?? []))
    entries += result.entries
    bytes += result.bytes
  }
  if (options.session === undefined) {
    findings.push(...verifyLog(log, checker, options.anchors ?? []))
    for (const [session, events] of leaves) {
      if (!sessions.includes(session) && !events.some((leaf) => leaf.event === 'deleted'))
        findings.push({ session, what: 'missing_session', where: 'the log names it, the folder has it not' })
    }
  }
  return {
    sessions: sessions.length,
    entries,
    bytes,
    findings,
    whole: findings.every((finding) => finding.what === 'open'),
  }
}

interface SessionResult {
  readonly findings: readonly Finding[]
  readonly entries: number
  readonly bytes: number
  readonly first: string
  readonly head: string
  readonly ended: boolean
}

function verifySession(folder: string, session: string, checker: SignatureChecker): SessionResult {
  const findings: Finding[] = []
  const state = { entries: 0, bytes: 0, sequence: 0, first: '', head: '', ended: false }
  let segments: ReturnType<typeof readSegments>
  try {
    segments = readSegments(folder, session)
  } catch (error) {
    return {
      findings: [
        {
          session,
          what: 'unreadable',
          where: error instanceof RecordingError ? error.message : 'the files cannot be read',
        },
      ],
      ...state,
    }
  }
  if (segments.length === 0) findings.push({ session, what: 'missing_segment', where: 'it has no segment' })
  for (const [index, segment] of segments.entries()) {
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
    verifyFrames(segment, session, checker, state, fault, index === segments.length - 1)
  }
  if (!state.ended && findings.length === 0)
    findings.push({ session, what: 'open', where: 'ends without a terminal record' })
  return { findings, ...state }
}

function verifyFrames(
  segment: ReadSegment,
  session: string,
  checker: SignatureChecker,
  state: { entries: number; sequence: number; head: string; ended: boolean },
  fault: (what: Finding['what'], where: string) => void,
  last: boolean,
): void {
  let previous: Uint8Array = segment.headerHash
  let entries = 0
  let closed = false
  for (const [index, frame] of segment.frames.entries()) {
    const where = `frame ${index} at byte ${frame.offset}`
    if (closed) fault('after_end', `${where} follows the checkpoint`)
    const head = frameHead(frame.type, frame.firstSequence, frame.count, frame.body.length)
    if (!chain(previous, head, frame.body).equals(frame.hash))
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
  if (segment.torn > 0) fault('cut', `${segment.torn} bytes after the last whole frame`)
  if (!closed && !last) fault('cut', 'it has no checkpoint, and another segment follows')
}

function verifyCheckpoint(
  body: Uint8Array,
  checker: SignatureChecker,
  segment: ReadSegment,
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

function compareWithLog(session: string, result: SessionResult, leaves: readonly Leaf[]): readonly Finding[] {
  const findings: Finding[] = []
  const opened = leaves.find((leaf) => leaf.event === 'opened')
  const closed = leaves.find((leaf) => leaf.event === 'closed')
  if (opened === undefined) findings.push({ session, what: 'not_in_log', where: 'the log has no opening of it' })
  else if (opened.head !== result.first)
    findings.push({ session, what: 'changed', where: 'its first segment is not the one that was opened' })
  if (closed !== undefined && closed.head !== result.head)
    findings.push({ session, what: 'cut', where: 'it does not end where the log says it was closed' })
  return findings
}

function verifyLog(
  log: ReturnType<typeof readLog>,
  checker: SignatureChecker,
  anchors: readonly TreeHead[],
): readonly Finding[] {
  const findings: Finding[] = []
  const fault = (what: Finding['what'], where: string): void => void findings.push({ session: '', what, where })
  if (log.damaged > 0) fault('log_changed', `${log.damaged} lines of the log do not read`)
  const roots = new Map<number, string>()
  const tree = new MerkleTree()
  roots.set(0, tree.root().toString('hex'))
  for (const { text } of log.leaves) {
    tree.append(Buffer.from(text))
    roots.set(tree.size, tree.root().toString('hex'))
  }
  for (const [index, head] of [...log.heads, ...anchors].entries()) {
    const where = index < log.heads.length ? `head ${index} of the log` : `anchored head ${index - log.heads.length}`
    if (!headHolds(head, checker)) fault('wrong_key', `${where} is not signed by this key`)
    const root = roots.get(head.size)
    if (root === undefined) fault('log_cut', `${where} counts ${head.size} leaves, and there are ${tree.size}`)
    else if (root !== head.root) fault('log_changed', `${where} has another root than the leaves`)
  }
  const newest = log.heads.at(-1)
  if (tree.size > 0 && (newest === undefined || newest.size !== tree.size))
    fault('log_cut', 'the last leaves stand under no signed head')
  return findings
}
