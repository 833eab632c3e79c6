// `sallyport sessions verify`: what the proof of a recordings folder found, line by line.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import {
  checkerFromPem,
  folderOfSession,
  RecordingError,
  readAnchored,
  recordedFolders,
  type TreeHead,
  verifyRecordings,
} from '../../proxy/recording/index.ts'
import { printable } from './transcript.ts'

/** What is verified, by which key. */
export interface VerifyAsked {
  readonly dir: string
  /** The public key, PEM. */
  readonly key: string
  readonly session: string | undefined
  /** Files or URLs of heads that were kept elsewhere. */
  readonly anchors: readonly string[]
}

const anchorMs = 10_000
const anchorBytesMax = 1024 ** 3

/** Verifies and tells. 0 when everything is whole, 2 when something is wrong. */
export async function verify(asked: VerifyAsked, write: (text: string) => void): Promise<number> {
  const anchors: TreeHead[] = []
  for (const from of asked.anchors) {
    let damaged = 0
    for (const text of parts(await anchored(from))) {
      const read = readAnchored(text)
      for (const head of read.heads) anchors.push(head)
      damaged += read.damaged
    }
    if (damaged > 0) write(`anchor ${from}: ${damaged} lines are no tree heads\n`)
  }
  const { session } = asked
  const folders = session === undefined ? recordedFolders(asked.dir) : [folderOfSession(asked.dir, session)]
  const total = { sessions: 0, entries: 0, bytes: 0, deleted: 0, whole: true }
  for (const folder of folders) {
    const report = verifyRecordings(folder, checkerFromPem(asked.key), {
      anchors,
      ...(session === undefined ? {} : { session }),
    })
    const of = folder === asked.dir ? '' : `${basename(folder)} `
    for (const { session: one, what, where } of report.findings)
      write(`${printable(`${of}${one === '' ? 'log' : one}: ${what}: ${where}`)}\n`)
    const { heads, covered, leaves } = report.anchors
    if (asked.anchors.length > 0)
      write(`${of}anchors: ${heads} heads of this gateway, the newest over ${covered} of ${leaves} leaves\n`)
    if (asked.anchors.length > 0 && heads === 0 && leaves > 0) {
      // As well signed as ours may be the log of another gateway with the same key, in the place of ours.
      write(`${of}log: log_changed: no anchor has a head of it\n`)
      total.whole = false
    }
    total.sessions += report.sessions
    total.entries += report.entries
    total.bytes += report.bytes
    total.deleted += report.deleted
    total.whole &&= report.whole
  }
  if (total.deleted > 0) write(`${total.deleted} sessions were deleted, and the log says so\n`)
  write(
    `${total.sessions} sessions, ${total.entries} entries, ${total.bytes} bytes: ${total.whole ? 'whole' : 'NOT whole'}\n`,
  )
  return total.whole ? 0 : 2
}

/** What anchors hold may be longer than one text can be. */
const partBytes = 64 * 1024 * 1024

/** Texts of whole lines. */
function* parts(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + partBytes >= bytes.length ? -1 : bytes.indexOf('\n', at + partBytes)
    const next = end === -1 ? bytes.length : end + 1
    yield bytes.toString('utf8', at, next)
    at = next
  }
}

async function anchored(from: string): Promise<Buffer> {
  if (!/^https?:\/\//.test(from)) return readFileSync(from)
  try {
    const response = await fetch(from, { signal: AbortSignal.timeout(anchorMs) })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > anchorBytesMax) throw new Error('it holds too much')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (cause) {
    throw new RecordingError('unreadable', `the anchor ${from} cannot be read`, { cause })
  }
}
