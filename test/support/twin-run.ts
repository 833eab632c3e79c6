// Random queries to both twins, through the gateway and around it, many at once: what told them apart, and what was refused.
import type { ProtectionMode } from '../../engine/action/sql/index.ts'
import { seeded } from './detect-corpus.ts'
import { queryGenerator } from './twin-generator.ts'
import type { Seen } from './twin-session.ts'
import { sessionGenerator } from './twin-session-generator.ts'
import { startTwins } from './twins.ts'

/** What a run has seen up to now. */
export interface TwinRun {
  readonly mode: ProtectionMode
  readonly seed: number
  readonly queries: number
  /** Queries that tell the databases apart through the gateway. */
  readonly leaks: readonly string[]
  /** How many tell them apart around it. */
  readonly telling: number
  /** How many do not, and how many of them were answered. */
  readonly harmless: number
  readonly answered: number
  /** How many fail on the server. */
  readonly failed: number
  /** How many were not compared, because they, or one before them in the same batch, took longer than a statement may. */
  readonly skipped: number
  readonly refusals: Readonly<Record<string, number>>
}

/** Queries that are said at once on each of the four sessions. */
const batch = 100
/** Leaks that are kept as text: one is too many. */
const leaksKept = 20

/** Makes queries from a seed, and compares; `seen` hears after every batch. */
export async function runTwins(
  { mode, seed, count }: { readonly mode: ProtectionMode; readonly seed: number; readonly count: number },
  seen: (run: TwinRun) => void = () => undefined,
): Promise<TwinRun> {
  const random = seeded(seed)
  const generators = [0.6, 0.2, 0, 0].map((share) => sessionGenerator(random, queryGenerator(random, share)))
  const twins = await startTwins([], mode)
  const leaks: string[] = []
  const refusals: { [why: string]: number } = {}
  let [made, telling, harmless, answered, failed, skipped] = [0, 0, 0, 0, 0, 0]
  const now = (): TwinRun => ({
    mode,
    seed,
    queries: made,
    leaks,
    telling,
    harmless,
    answered,
    failed,
    skipped,
    refusals,
  })
  try {
    while (made < count) {
      const texts = Array.from(
        { length: Math.min(batch, count - made) },
        (_, index) => generators[(made + index) % generators.length]?.() ?? '',
      )
      const [[ones, others], [raws, rawOthers]] = await Promise.all([twins.queryAll(texts), twins.directAll(texts)])
      for (const [index, text] of texts.entries()) {
        const [one, raw] = [ones[index], raws[index]]
        if ([one, others[index], raw, rawOthers[index]].some(isLate)) {
          // Only one of the databases may have been too slow, and its session goes on as another.
          skipped += texts.length - index
          await twins.reconnect()
          break
        }
        if (!isSame(one, others[index]) && leaks.push(text) > leaksKept) return now()
        if (raw?.some((line) => line.startsWith('E ')) !== false) failed++
        // Around the gateway nothing may be written: of what does that cannot be said whether it tells.
        if (raw?.some((line) => line.includes('C25006\0')) === true) continue
        if (!isSame(raw, rawOthers[index])) {
          telling++
          continue
        }
        harmless++
        const refused = one?.find((line) => line.includes('refused by policy'))
        if (refused === undefined) answered++
        else {
          const why = /refused by policy: ([^\0]*)/.exec(refused)?.[1] ?? ''
          refusals[why] = (refusals[why] ?? 0) + 1
        }
      }
      made += texts.length
      if (texts.some(writes)) await twins.vacuum()
      twins.forget()
      seen(now())
    }
    return now()
  } finally {
    await twins.stop()
  }
}

/** Whether a statement was ended because it took too long. */
function isLate(seen: Seen | undefined): boolean {
  return seen?.some((line) => line.startsWith('E ') && line.includes('C57014\0')) === true
}

/** Whether a text may write to a table, even if that is taken back. */
function writes(text: string): boolean {
  return ['update ', 'insert ', 'delete ', 'merge '].some((word) => text.includes(word))
}

/** Whether two clients saw the same, byte for byte; what was not seen is never the same. */
function isSame(one: Seen | undefined, other: Seen | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.length === other.length &&
    one.length > 0 &&
    one.every((line, index) => line === other[index])
  )
}
