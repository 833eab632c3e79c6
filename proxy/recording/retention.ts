// How long recordings are kept: by days and by the labels of what they were about, unless somebody holds them. What is
// removed is told by a leaf of the signed log first, so that a proof can tell a removal from a loss.
import { RecordingError } from './error.ts'
import type { Leaf } from './session-log.ts'
import type { RecordingStore } from './store.ts'

/** What decides how long a recording is kept. */
export interface RetentionRules {
  /** Days where no rule fits; absent means for ever. */
  readonly days?: number
  /** The first whose labels the resource has, counts. */
  readonly rules: readonly { readonly labels: { readonly [name: string]: string }; readonly days: number }[]
}

/** What retention is made of. */
export interface RetentionParts {
  readonly store: RecordingStore
  /** All leaves of the log. */
  readonly leaves: () => AsyncIterable<Leaf> | Iterable<Leaf>
  /** Whether somebody held a session while the leaves were read, or since. */
  readonly isHeld: (session: string) => boolean
  /** Adds a leaf to the log. Throws where that cannot be written. */
  readonly tell: (leaf: Omit<Leaf, 'wallMs'>) => void
  readonly rules: RetentionRules
  /** The labels of a resource by its name; undefined for one that is no more. */
  readonly labelsOf: (resource: string) => { readonly [name: string]: string } | undefined
  readonly nowMs: () => number
}

const dayMs = 86_400_000
/** Sessions that one round removes at most; the next round goes on. */
const removedMax = 10_000

/** What the log says about one session. */
interface Kept {
  readonly endedMs: number | undefined
  readonly head: string
  readonly resource: string | undefined
  readonly isHeld: boolean
  readonly isDeleted: boolean
}

/** Removes what is due. Resolves with how many sessions went. Rejects with RecordingError; the next round goes on. */
export async function retain(parts: RetentionParts): Promise<number> {
  const { store, tell, isHeld, nowMs } = parts
  let removed = 0
  const present = new Set((await store.list('sessions/')).map(({ name }) => name.split('/')[1] ?? ''))
  for (const [session, kept] of await sessionsOf(parts.leaves())) {
    if (!present.has(session) || removed >= removedMax) continue
    if (!kept.isDeleted) {
      const days = daysOf(kept, parts)
      if (kept.isHeld || isHeld(session) || kept.endedMs === undefined || days === undefined) continue
      if (nowMs() < kept.endedMs + days * dayMs) continue
      tell({ session, event: 'deleted', head: kept.head, reason: `kept for ${days} days` })
    }
    // The last segment goes last: until then what is left is a recording with its end, not one without.
    for (const { name } of await store.list(`sessions/${session}/`)) await store.remove(name)
    removed++
  }
  return removed
}

/** Holds a session, or frees it. Throws RecordingError when its leaves tell of none, or that it is gone. */
export function hold(
  leaves: readonly Leaf[],
  tell: RetentionParts['tell'],
  change: { readonly session: string; readonly event: 'held' | 'freed'; readonly reason: string },
): void {
  const own = leaves.filter(({ session, event }) => session === change.session && event !== 'process')
  if (own.length === 0 || own.some(({ event }) => event === 'deleted'))
    throw new RecordingError('unreadable', `there is no recording of session ${change.session.slice(0, 100)}`)
  tell({ ...change, head: '' })
}

async function sessionsOf(leaves: AsyncIterable<Leaf> | Iterable<Leaf>): Promise<ReadonlyMap<string, Kept>> {
  const sessions = new Map<string, Kept>()
  for await (const leaf of leaves) {
    const { session, event, head, wallMs, resource } = leaf
    if (event === 'process' || event === 'lost') continue
    const before = sessions.get(session) ?? {
      endedMs: undefined,
      head: '',
      resource: undefined,
      isHeld: false,
      isDeleted: false,
    }
    const isEnd = event === 'closed' || event === 'abandoned'
    sessions.set(session, {
      endedMs: isEnd ? wallMs : before.endedMs,
      head: isEnd ? head : before.head,
      resource: resource ?? before.resource,
      isHeld: event === 'held' || (event !== 'freed' && before.isHeld),
      isDeleted: before.isDeleted || event === 'deleted',
    })
  }
  return sessions
}

/** Where it is not known any more what a recording was about, it is kept as long as anything is. */
function daysOf({ resource }: Kept, { rules: { days, rules }, labelsOf }: RetentionParts): number | undefined {
  const labels = resource === undefined ? undefined : labelsOf(resource)
  if (labels === undefined) return days === undefined ? undefined : Math.max(days, ...rules.map((rule) => rule.days))
  const fits = rules.find((rule) => Object.entries(rule.labels).every(([name, value]) => labels[name] === value))
  return fits?.days ?? days
}
