// Detectors of a policy's own: `re2:EXPRESSION`. The automaton of all detectors finds where a match ends; from there it is
// followed back to where it begins, and on to where the longest one ends.
import { Automaton } from './automaton.ts'
import { has, word } from './bytes.ts'
import {
  type Detector,
  found,
  type Hit,
  lookAheadBytesMax,
  lookBehindBytes,
  more,
  no,
  type Tail,
  tailEnds,
  type Verdict,
} from './detector.ts'
import { type Positions, positionsOf } from './expression.ts'

/** What the names of such detectors begin with. */
export const customPrefix = 're2:'

/** An expression whose automaton has more states could make every other detector slow. */
const statesMax = 256

const known = new Map<string, Detector | undefined>()
const knownMax = 256

/** The detector that an expression describes; undefined for one that cannot be one. */
export function customDetector(name: string): Detector | undefined {
  if (!name.startsWith(customPrefix)) return undefined
  if (known.has(name)) return known.get(name)
  const made = detectorOf(name)
  if (known.size >= knownMax) known.clear()
  known.set(name, made)
  return made
}

function detectorOf(name: string): Detector | undefined {
  const positions = positionsOf(name.slice(customPrefix.length))
  if (positions === undefined) return undefined
  const forward = new Walker(positions)
  const backward = new Walker(reversed(positions))
  const everywhere = new Automaton([{ pattern: positions, owner: 0, group: 1 }])
  if (!everywhere.isWithin(statesMax) || !forward.isSmall || !backward.isSmall) return undefined
  return {
    name,
    looks: [
      {
        triggers: [positions],
        look: (view, at, limit, final, hit) => look(positions, forward, backward, view, at, limit, final, hit),
        judges: true,
      },
    ],
    alive: (view, from, to) => forward.lives(view, from, to),
  }
}

function look(
  { beginsWord, endsWord }: Positions,
  forward: Walker,
  backward: Walker,
  view: Uint8Array,
  at: number,
  limit: number,
  final: boolean,
  hit: Hit,
): Verdict {
  const floor = Math.max(0, at - lookBehindBytes)
  let start = -1
  let state = backward.start
  for (let index = at - 1; index >= floor && state >= 0; index--) {
    state = backward.step(state, view[index] ?? 0)
    if (backward.accepts(state) && !(beginsWord && goesOn(view, index, limit))) start = index
  }
  if (start < 0) return no
  hit.start = start
  let end = -1
  let index = start
  state = forward.start
  const ceiling = Math.min(limit, at + lookAheadBytesMax)
  while (index < ceiling) {
    state = forward.step(state, view[index] ?? 0)
    if (state < 0) break
    index++
    if (forward.accepts(state) && !(endsWord && index < limit && goesOn(view, index, limit))) {
      if (endsWord && index >= limit && !final) return more
      end = index
    }
  }
  if (state >= 0 && index < at + lookAheadBytesMax && !final) return more
  if (end < 0) return no
  hit.end = end
  hit.judged = end
  // A match of any length: everything that can still belong to it is hidden.
  if (state >= 0 && index >= at + lookAheadBytesMax) {
    hit.end = index
    hit.judged = index
    hit.tail = tailFrom(forward, state)
  }
  return found
}

/** Whether a word goes on over a place. */
function goesOn(view: Uint8Array, at: number, limit: number): boolean {
  return has(word, view, at - 1) && at < limit && has(word, view, at)
}

function tailFrom(forward: Walker, first: number): Tail {
  return {
    step: (state, byte) => {
      const next = forward.step(state === 0 ? first : state - 1, byte)
      return next < 0 ? tailEnds : next + 1
    },
  }
}

function reversed({ sets, follow, first, last, beginsWord, endsWord }: Positions): Positions {
  const before: number[][] = sets.map(() => [])
  for (const [from, nexts] of follow.entries()) for (const next of nexts) before[next]?.push(from)
  return { sets, follow: before, first: last, last: first, beginsWord, endsWord }
}

/** A deterministic automaton from one place on, all of it made at once. */
class Walker {
  /** Entry `state * 256 + byte`: the next state, or -1. State 0 is the first. */
  #table: Int16Array = new Int16Array(256).fill(-1)
  #accepts: boolean[] = [false]
  readonly isSmall: boolean

  constructor(positions: Positions) {
    this.isSmall = this.#fill(positions)
  }

  get start(): number {
    return 0
  }

  step(state: number, byte: number): number {
    return this.#table[state * 256 + byte] ?? -1
  }

  accepts(state: number): boolean {
    return state >= 0 && this.#accepts[state] === true
  }

  /** Whether a match may begin at `from` and go on at `to`. */
  lives(view: Uint8Array, from: number, to: number): boolean {
    let state = 0
    for (let at = from; at < to && state >= 0; at++) state = this.step(state, view[at] ?? 0)
    return state >= 0
  }

  #fill({ sets, follow, first, last }: Positions): boolean {
    // Each state is the places whose byte was just taken; the first one has none.
    const states: (readonly number[])[] = [[]]
    const ids = new Map<string, number>([['', 0]])
    const lasts = new Set(last)
    for (let state = 0; state < states.length; state++) {
      const places = states[state] ?? []
      const candidates = state === 0 ? first : [...new Set(places.flatMap((place) => follow[place] ?? []))]
      for (let byte = 0; byte < 256; byte++) {
        const next = candidates.filter((place) => sets[place]?.[byte] === 1).sort((a, b) => a - b)
        if (next.length === 0) continue
        const key = next.join()
        let id = ids.get(key)
        if (id === undefined) {
          if (states.length >= statesMax) return false
          id = states.push(next) - 1
          ids.set(key, id)
          this.#accepts.push(next.some((place) => lasts.has(place)))
          const larger = new Int16Array(states.length * 256).fill(-1)
          larger.set(this.#table)
          this.#table = larger
        }
        this.#table[state * 256 + byte] = id
      }
    }
    return true
  }
}
