// `sallyport sessions verify`: what the proof of a recordings folder found, line by line.
import { readFileSync } from 'node:fs'
import {
  checkerFromPem,
  RecordingError,
  readAnchored,
  type TreeHead,
  verifyRecordings,
} from '../../proxy/recording/index.ts'

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
    const { heads, damaged } = readAnchored(await anchored(from))
    anchors.push(...heads)
    if (damaged > 0) write(`anchor ${from}: ${damaged} lines are no tree heads\n`)
  }
  const report = verifyRecordings(asked.dir, checkerFromPem(asked.key), {
    anchors,
    ...(asked.session === undefined ? {} : { session: asked.session }),
  })
  for (const { session, what, where } of report.findings)
    write(`${session === '' ? 'log' : session}: ${what}: ${where}\n`)
  const { heads, covered, leaves } = report.anchors
  if (asked.anchors.length > 0)
    write(`anchors: ${heads} heads of this gateway, the newest over ${covered} of ${leaves} leaves\n`)
  if (report.deleted > 0) write(`${report.deleted} sessions were deleted, and the log says so\n`)
  const whole = report.whole ? 'whole' : 'NOT whole'
  write(`${report.sessions} sessions, ${report.entries} entries, ${report.bytes} bytes: ${whole}\n`)
  return report.whole ? 0 : 2
}

async function anchored(from: string): Promise<string> {
  if (!/^https?:\/\//.test(from)) return readFileSync(from, 'utf8')
  try {
    const response = await fetch(from, { signal: AbortSignal.timeout(anchorMs) })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    if (Number(response.headers.get('content-length') ?? 0) > anchorBytesMax) throw new Error('it holds too much')
    return await response.text()
  } catch (cause) {
    throw new RecordingError('unreadable', `the anchor ${from} cannot be read`, { cause })
  }
}
