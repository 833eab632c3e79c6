// Proves the log of sessions: every leaf under its signed head, the heads once more in their own file, and what anchors
// kept. The one state that a gateway killed between two writes can leave is told apart from a log that was cut.
import type { SignatureChecker } from './checkpoint.ts'
import { MerkleTree } from './merkle.ts'
import { headHolds, type Leaf, type ReadLog, type TreeHead } from './session-log.ts'
import type { Finding } from './verify.ts'

/** What anchors add to the proof. */
export interface AnchorsTold {
  /** Heads of this gateway that anchors kept. */
  readonly heads: number
  /** Leaves under the newest of them, and leaves in all. */
  readonly covered: number
  readonly leaves: number
}

/** Verifies a log and the heads of it that were kept elsewhere. Heads of other gateways are passed over. */
export function verifyLog(
  log: ReadLog,
  checker: SignatureChecker,
  anchored: readonly TreeHead[],
): { readonly findings: readonly Finding[]; readonly anchors: AnchorsTold } {
  const findings: Finding[] = []
  const fault = (what: Finding['what'], where: string): void => void findings.push({ session: '', what, where })
  if (log.damaged > 0) fault('log_changed', `${log.damaged} lines of the log do not read`)
  const tree = new MerkleTree()
  const roots = [tree.root().toString('hex')]
  for (const [index, { text, head }] of log.lines.entries()) {
    tree.append(Buffer.from(text))
    roots.push(tree.root().toString('hex'))
    if (!headHolds(head, checker)) fault('wrong_key', `head ${index} of the log is not signed by this key`)
    if (head.size !== tree.size || head.root !== roots[tree.size])
      fault('log_changed', `head ${index} of the log is not the head over the leaves up to there`)
  }
  for (const { leaf } of log.lines)
    if (leaf.event === 'lost')
      fault('open', `its machine went down, and ${leaf.reason ?? 'leaves'} that had been signed were lost`)
  verifyCopies(log, fault)
  const gateway = log.lines[0]?.head.gateway
  const ours = anchored.filter((head) => gateway === undefined || head.gateway === gateway)
  for (const [index, head] of ours.entries()) {
    const root = roots[head.size]
    if (!headHolds(head, checker)) fault('wrong_key', `anchored head ${index} is not signed by this key`)
    else if (root === undefined)
      fault('log_cut', `anchored head ${index} counts ${head.size} leaves, and there are ${tree.size}`)
    else if (root !== head.root) fault('log_changed', `anchored head ${index} has another root than the leaves`)
  }
  const covered = Math.max(0, ...ours.map(({ size }) => size))
  return { findings, anchors: { heads: ours.length, covered, leaves: tree.size } }
}

/** The second file is written after the first: it may lack the last head, and can never have one more. */
function verifyCopies({ lines, heads, torn }: ReadLog, fault: (what: Finding['what'], where: string) => void): void {
  const differs = heads.findIndex((head, index) => {
    const mine = lines[index]?.head
    return mine !== undefined && JSON.stringify(mine) !== JSON.stringify(head)
  })
  if (differs !== -1) fault('log_changed', `head ${differs} is another one in the file of heads`)
  const behind = lines.length - heads.length
  if (behind < 0) fault('log_cut', `there are ${heads.length} heads over ${lines.length} leaves`)
  else if (behind > 1) fault('log_cut', `the file of heads lacks ${behind} heads`)
  else if (torn.heads && behind === 0) fault('log_cut', 'a head was begun of which there is no leaf')
  else if (torn.leaves && behind === 1) fault('log_cut', 'the file of heads lacks a head')
  else if (torn.leaves) fault('open', 'its last line was never finished, and never counted')
  else if (behind === 1) fault('open', 'the last head is not yet in the file of heads')
}

/** What verifying a session's own files found, as far as the log can confirm it. */
export interface SessionFound {
  readonly entries: number
  /** Hash of the first segment's header, and of the last whole frame. */
  readonly first: string
  readonly head: string
  readonly ended: boolean
  /** Hash of the bytes after it; undefined where the format does not promise them. */
  readonly tail: string | undefined
}

/** How it is told that a machine went down before a session's beginning was on its disk. */
export const nothingWhere = 'nothing of it was there when its gateway started again'

/** Whether a session's last leaf says that there was nothing of it. */
export function isNothing(end: Leaf | undefined): boolean {
  return end?.event === 'abandoned' && end.head === ''
}

/** Compares a session with what the log says of it. */
export function compareWithLog(session: string, found: SessionFound, leaves: readonly Leaf[]): readonly Finding[] {
  const findings: Finding[] = []
  const opened = leaves.find((leaf) => leaf.event === 'opened')
  const end = leaves.findLast((leaf) => leaf.event === 'closed' || leaf.event === 'abandoned')
  if (opened === undefined) {
    // The first header is written before the log, and no entry is taken before both are there.
    const isEmpty = found.entries === 0 && !found.ended && found.head === found.first
    if (isEmpty) findings.push({ session, what: 'open', where: 'its gateway ended while it was being opened' })
    else findings.push({ session, what: 'not_in_log', where: 'the log has no opening of it' })
  } else if (found.first === '' && isNothing(end)) findings.push({ session, what: 'open', where: nothingWhere })
  else if (found.first === '') findings.push({ session, what: 'missing_segment', where: 'it has no segment' })
  else if (opened.head !== found.first)
    findings.push({ session, what: 'changed', where: 'its first segment is not the one that was opened' })
  if (end !== undefined && end.head !== found.head)
    findings.push({ session, what: 'cut', where: `it does not end where the log says it was ${end.event}` })
  else if (end?.event === 'abandoned' && found.tail !== undefined && (end.tail ?? '') !== found.tail)
    findings.push({ session, what: 'changed', where: 'what follows its last whole frame is not what its gateway left' })
  if (end === undefined && found.ended && opened !== undefined)
    findings.push({ session, what: 'open', where: 'it is closed and signed, and the log does not say so yet' })
  return findings
}
