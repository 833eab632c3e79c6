// The journal of a recordings folder: what several sessions wrote in one round, synced as one file instead of many. It
// holds bytes of segments as they stand there, sealed where they are, and is read once: after the machine went down.
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readPlainFile } from './plain-file.ts'
import { syncFolders } from './sync-folder.ts'

/** Bytes of a journal. */
export const journalBytes: number = 8 * 1024 * 1024
/** A block begins with this, then run (16), sequence (8, double), length (4); its SHA-256 ends it. */
export const journalMagic = 'SALLYJNL1'
const headBytes = journalMagic.length + 16 + 8 + 4
const hashBytes = 32

/** The journal's path in a recordings folder. */
export function journalPath(folder: string): string {
  return join(folder, 'journal')
}

interface Piece {
  readonly path: string
  readonly offset: number
  readonly bytes: Buffer
}

/**
 * Brings back what the journal has and the segments of these sessions have not, and removes the journal. Only a machine
 * that went down leaves such bytes: a process that died leaves them in the segments too. In a spool a segment that is
 * not there may be elsewhere, whole; none is made anew where the session had gone on in another.
 */
export function replayJournal(folder: string, sessions: ReadonlySet<string>, isSpool = false): void {
  const path = journalPath(folder)
  if (!existsSync(path)) return
  const files = new Map<string, Piece[]>()
  for (const piece of piecesOf(readPlainFile(path, journalBytes))) {
    const [session = '', name = '', ...more] = piece.path.split('/')
    if (more.length > 0 || !sessions.has(session) || !/^\d{6,}\.segment$/.test(name)) continue
    const before = files.get(piece.path)
    if (before === undefined) files.set(piece.path, [piece])
    else before.push(piece)
  }
  const whole = new Set(isSpool ? [...files.keys()].filter((name) => hasLater(folder, name, files)) : [])
  for (const [name, pieces] of files) restore(join(folder, 'sessions', name), pieces, !whole.has(name))
  syncFolders(join(folder, 'sessions'))
  rmSync(path)
}

/** Whether a session has a segment after this one: what a segment holds is on the disk before the next is begun. */
function hasLater(folder: string, name: string, files: ReadonlyMap<string, unknown>): boolean {
  const [session = '', segment = ''] = name.split('/')
  const own = join(folder, 'sessions', session)
  const others = [...files.keys()].flatMap((other) => (other.startsWith(`${session}/`) ? [basename(other)] : []))
  return [...others, ...(existsSync(own) ? readdirSync(own) : [])].some(
    (other) => other.endsWith('.segment') && Number.parseInt(other, 10) > Number.parseInt(segment, 10),
  )
}

/** Writes pieces where they stood, as far as there is no gap. The chain judges what came of it. */
function restore(path: string, pieces: readonly Piece[], mayBeMade: boolean): void {
  const isThere = existsSync(path)
  // Without its beginning it would be no segment, and would stand where a whole one was.
  if (!isThere && (!mayBeMade || pieces[0]?.offset !== 0)) return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const fd = openSync(path, isThere ? 'r+' : 'wx', 0o600)
  try {
    let { size } = fstatSync(fd)
    for (const { offset, bytes } of pieces) {
      if (offset > size) continue
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, offset + done)
      size = Math.max(size, offset + bytes.length)
    }
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
  syncFolders(dirname(path))
}

/** The pieces of all whole blocks of the run that began the journal, in order. */
function* piecesOf(journal: Buffer): Generator<Piece> {
  let run: Buffer | undefined
  let sequence = 0
  for (let at = 0; at + headBytes + hashBytes <= journal.length; ) {
    if (journal.toString('latin1', at, at + journalMagic.length) !== journalMagic) return
    const runAt = at + journalMagic.length
    const own = journal.subarray(runAt, runAt + 16)
    const number = journal.readDoubleBE(runAt + 16)
    const length = journal.readUInt32BE(runAt + 24)
    const end = at + headBytes + length
    if (end + hashBytes > journal.length) return
    const hash = createHash('sha256').update(journal.subarray(at, end)).digest()
    if (!hash.equals(journal.subarray(end, end + hashBytes))) return
    if (run !== undefined && (!run.equals(own) || number !== sequence + 1)) return
    run = own
    sequence = number
    yield* piecesOfBlock(journal.subarray(at + headBytes, end))
    at = end + hashBytes
  }
}

function* piecesOfBlock(block: Buffer): Generator<Piece> {
  for (let at = 0; at + 2 <= block.length; ) {
    const pathBytes = block.readUInt16BE(at)
    const numbers = at + 2 + pathBytes
    if (numbers + 12 > block.length) return
    const start = numbers + 12
    const end = start + block.readUInt32BE(numbers + 8)
    if (end > block.length) return
    yield {
      path: block.toString('utf8', at + 2, numbers),
      offset: block.readDoubleBE(numbers),
      bytes: block.subarray(start, end),
    }
    at = end
  }
}
