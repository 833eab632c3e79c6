// `sallyport sessions play`: a terminal as it was, at the speed that is asked for; any other session as its transcript.
import { setTimeout as wait } from 'node:timers/promises'
import type { StoredEntry } from '../../proxy/recording/index.ts'
import { Reading } from './reading.ts'
import { TerminalFilter } from './terminal-filter.ts'

/** How it is played. */
export interface PlayOptions {
  /** Twice is twice as fast. */
  readonly speed: number
  /** Seconds into the session where playing begins. */
  readonly from: number
  /** Pauses are cut to so many seconds. */
  readonly idle: number
  /** Rows of each result that are shown where there is no terminal. */
  readonly rows?: number
  readonly write: (bytes: Buffer) => void
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/** Rows that are shown where nothing else is asked for. */
export const rowsDefault = 20

/** Protocols that have no terminals: their transcript need not wait to its end until it is known that there is none. */
const readAtOnce: ReadonlySet<string> = new Set(['postgres', 'http'])
/** Lines that wait at the most there. */
const waitingMax = 1000

/** Plays a session. */
export async function play(entries: Iterable<StoredEntry>, options: PlayOptions): Promise<void> {
  const pause = options.wait ?? wait
  const filter = new TerminalFilter()
  const reading = new Reading(options.rows ?? rowsDefault)
  let transcript: string[] = []
  let begin: number | undefined
  let before: number | undefined
  let hasTerminal = false
  let mayTell = false
  const tell = (): void => {
    for (const line of transcript) options.write(Buffer.from(`${line}\n`))
    transcript = []
  }
  for (const stored of entries) {
    const { entry, monotonicMs } = stored
    begin ??= monotonicMs
    const due = monotonicMs >= begin + options.from * 1000
    if (entry.kind !== 'terminal' || entry.stream !== 'output') {
      if (entry.kind === 'identity') mayTell = readAtOnce.has(entry.resource.protocol)
      const lines = reading.lines(stored)
      if (due && !hasTerminal) transcript.push(...lines)
      if (mayTell && (entry.kind === 'wire' || transcript.length > waitingMax)) tell()
      continue
    }
    hasTerminal = true
    transcript = []
    const text = filter.push(entry.bytes)
    if (due && before !== undefined)
      await pause(Math.min(Math.max(0, monotonicMs - before), options.idle * 1000) / options.speed)
    if (due) before = monotonicMs
    // What came before the place to begin at is shown at once: it is what stands on the screen there.
    options.write(Buffer.from(text, 'latin1'))
  }
  tell()
}
