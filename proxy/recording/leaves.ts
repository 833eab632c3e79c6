// The leaves of a log while a gateway runs: read a piece at a time, so that the log of a hundred thousand sessions holds
// nobody up. What proves a log reads it whole (`readLog`).
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { RecordingError } from './error.ts'
import { lineBytesMax } from './log-file.ts'
import { type Leaf, readLine } from './session-log.ts'

const pieceBytes = 256 * 1024
const newline = 10

/** The leaves of a folder's log in order, or those of one session. Rejects with RecordingError where it cannot be read. */
export async function* leavesIn(folder: string, session?: string): AsyncGenerator<Leaf> {
  const file = await opened(join(folder, 'log', 'leaves'))
  if (file === undefined) return
  const wanted = session === undefined ? '' : JSON.stringify(session)
  try {
    if (!(await file.stat()).isFile()) throw new RecordingError('unreadable', 'the log is no file')
    let rest: Buffer = Buffer.alloc(0)
    for (let at = 0; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at)
      if (bytesRead === 0) return
      at += bytesRead
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      const end = rest.lastIndexOf(newline) + 1
      if (end > 0) {
        const text = rest.toString('utf8', 0, end - 1)
        rest = rest.subarray(end)
        if (!text.includes(wanted)) continue
        for (const line of text.split('\n')) {
          if (!line.includes(wanted)) continue
          const read = readLine(line)
          if (read !== undefined && (session === undefined || read.leaf.session === session)) yield read.leaf
        }
      }
      if (rest.length > lineBytesMax) throw new RecordingError('damaged', 'the log holds a line that is too long')
    }
  } finally {
    await file.close()
  }
}

/** The leaves of one session. */
export async function leavesOf(folder: string, session: string): Promise<readonly Leaf[]> {
  const found: Leaf[] = []
  for await (const leaf of leavesIn(folder, session)) found.push(leaf)
  return found
}

async function opened(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new RecordingError('unreadable', 'the log cannot be read', { cause })
  }
}
