// `sallyport sessions tail`: follows a session while it is recorded, line by line, until it is closed.
import { setTimeout as wait } from 'node:timers/promises'
import { type KeyUnwrapper, RecordingError, readEntries, type StoredEntry } from '../../proxy/recording/index.ts'
import { shown } from './transcript.ts'

const lookMs = 250
/** Looks in a row at what does not read: what is just being written reads at one of the next. */
const damagedLooksMax = 20

/** Follows a session; ends with it, or when `stopped` says so. */
export async function tail(
  dir: string,
  session: string,
  unwrapper: KeyUnwrapper | undefined,
  write: (text: string) => void,
  stopped: () => boolean = () => false,
): Promise<void> {
  let next = 0
  let damaged = 0
  while (!stopped()) {
    let entries: readonly StoredEntry[] = []
    try {
      entries = newEntries(dir, session, unwrapper, next)
      damaged = 0
    } catch (error) {
      if (!(error instanceof RecordingError) || error.code !== 'damaged' || ++damaged >= damagedLooksMax) throw error
    }
    for (const stored of entries) {
      next = stored.sequence + 1
      const line = shown(stored)
      if (line !== undefined) write(`${line}\n`)
      if (stored.entry.kind === 'closed') return
    }
    await wait(lookMs)
  }
}

/** What was written since. Throws RecordingError where that does not read. */
function newEntries(
  dir: string,
  session: string,
  unwrapper: KeyUnwrapper | undefined,
  from: number,
): readonly StoredEntry[] {
  return [...readEntries(dir, session, unwrapper, from)].filter(({ sequence }) => sequence >= from)
}
