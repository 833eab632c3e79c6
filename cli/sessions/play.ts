// `sallyport sessions play`: a terminal as it was, at the speed that is asked for; any other session as its transcript.
import { setTimeout as wait } from 'node:timers/promises'
import type { StoredEntry } from '../../proxy/recording/index.ts'
import { TerminalFilter } from './terminal-filter.ts'
import { shown } from './transcript.ts'

/** How it is played. */
export interface PlayOptions {
  /** Twice is twice as fast. */
  readonly speed: number
  /** Seconds into the session where playing begins. */
  readonly from: number
  /** Pauses are cut to so many seconds. */
  readonly idle: number
  readonly write: (bytes: Buffer) => void
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/** Plays a session. */
export async function play(entries: Iterable<StoredEntry>, options: PlayOptions): Promise<void> {
  const pause = options.wait ?? wait
  const filter = new TerminalFilter()
  const transcript: string[] = []
  let begin: number | undefined
  let before: number | undefined
  let hasTerminal = false
  for (const stored of entries) {
    const { entry, monotonicMs } = stored
    begin ??= monotonicMs
    if (entry.kind !== 'terminal' || entry.stream !== 'output') {
      const line = shown(stored)
      if (line !== undefined) transcript.push(line)
      continue
    }
    hasTerminal = true
    const text = filter.push(entry.bytes)
    const due = monotonicMs >= begin + options.from * 1000
    if (due && before !== undefined)
      await pause(Math.min(Math.max(0, monotonicMs - before), options.idle * 1000) / options.speed)
    if (due) before = monotonicMs
    // What came before the place to begin at is shown at once: it is what stands on the screen there.
    options.write(Buffer.from(text, 'latin1'))
  }
  if (!hasTerminal) for (const line of transcript) options.write(Buffer.from(`${line}\n`))
}
