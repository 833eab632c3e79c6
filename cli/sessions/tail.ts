// `sallyport sessions tail`: follows a session while it is recorded, line by line, until it is closed.
import { setTimeout as wait } from 'node:timers/promises'
import { type KeyUnwrapper, RecordingError, readEntries, type StoredEntry } from '../../proxy/recording/index.ts'
import { shown } from './transcript.ts'

const lookMs = 250

/** Follows a session; ends with it, or when `stopped` says so. */
export async function tail(
  dir: string,
  session: string,
  unwrapper: KeyUnwrapper | undefined,
  write: (text: string) => void,
  stopped: () => boolean = () => false,
): Promise<void> {
  let next = 0
  while (!stopped()) {
    for (const stored of newEntries(dir, session, unwrapper, next)) {
      next = stored.sequence + 1
      const line = shown(stored)
      if (line !== undefined) write(`${line}\n`)
      if (stored.entry.kind === 'closed') return
    }
    await wait(lookMs)
  }
}

/** What was written since; a header that is just being written is looked for again. */
function newEntries(
  dir: string,
  session: string,
  unwrapper: KeyUnwrapper | undefined,
  from: number,
): readonly StoredEntry[] {
  try {
    return [...readEntries(dir, session, unwrapper, from)].filter(({ sequence }) => sequence >= from)
  } catch (error) {
    if (error instanceof RecordingError && error.code === 'damaged') return []
    throw error
  }
}
