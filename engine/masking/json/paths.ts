// JSON paths of masks, and the automaton that follows all of them at once while a document goes by.
import { starsOf } from '../text.ts'

/** One step of a path: a member, every member or element, or any place below. */
export type JsonStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'every' }
  | { readonly kind: 'below' }

/** A path with the strategy for what it names. */
export interface JsonPathRule {
  readonly path: string
  readonly strategy: string
}

const stepsMax = 64
const pathBytesMax = 1024
const nameEnd = '.["\']'

/** `$.users[*].card`, `$..card`, `$["a b"]`, `$[0]`; undefined for what is not understood. */
function stepsOf(path: string): readonly JsonStep[] | undefined {
  if (!path.startsWith('$') || path.length > pathBytesMax) return undefined
  const steps: JsonStep[] = []
  let at = 1
  while (at < path.length) {
    if (steps.length >= stepsMax) return undefined
    if (path.startsWith('..', at)) {
      steps.push({ kind: 'below' })
      at += path[at + 2] === '[' ? 2 : 1
      continue
    }
    const taken = path[at] === '[' ? bracketStep(path, at, steps) : dottedStep(path, at, steps)
    if (taken === 0) return undefined
    at += taken
  }
  return steps.length === 0 || steps.at(-1)?.kind === 'below' ? undefined : steps
}

function dottedStep(path: string, at: number, steps: JsonStep[]): number {
  if (path[at] !== '.') return 0
  let end = at + 1
  while (end < path.length && !nameEnd.includes(path[end] ?? '')) end++
  const name = path.slice(at + 1, end)
  if (name === '') return 0
  steps.push(name === '*' ? { kind: 'every' } : { kind: 'name', name })
  return end - at
}

function bracketStep(path: string, at: number, steps: JsonStep[]): number {
  const quote = path[at + 1]
  if (quote === '"' || quote === "'") {
    const end = path.indexOf(`${quote}]`, at + 2)
    const name = path.slice(at + 2, end)
    if (end < 0 || name.includes('\\') || name.includes(quote)) return 0
    steps.push({ kind: 'name', name })
    return end + 2 - at
  }
  const end = path.indexOf(']', at)
  const inner = path.slice(at + 1, end)
  if (end < 0) return 0
  if (inner === '*') steps.push({ kind: 'every' })
  else if (/^(0|[1-9]\d{0,8})$/.test(inner)) steps.push({ kind: 'index', index: Number(inner) })
  else return 0
  return end + 1 - at
}

/** A name that a state waits for. */
export interface NamedNext {
  readonly bytes: Uint8Array
  readonly next: PathState
}

/** Where all paths stand at one value. */
export class PathState {
  /** Strategies for the value itself; empty where it is shown. */
  readonly strategies: readonly string[]
  /** Which paths end here, by their place in the list. */
  readonly ends: readonly number[]
  /** Set where all that happens to a text is that stars stand for characters. */
  readonly stars: ReturnType<typeof starsOf>
  /** Elements have one state whatever their index. */
  readonly uniform: boolean
  /** Bytes of the longest name that this state waits for. */
  readonly nameBytesMax: number
  /** The states of named members. Like `other` and `each`, good once the state was opened. */
  names: readonly NamedNext[] = []
  /** Bit `n & 31` is set when a name of `n` bytes is waited for. */
  lengths = 0
  /** The state of any other member. */
  other: PathState = this
  /** The state of an element that no path names by its index. */
  each: PathState = this
  readonly #automaton: PathAutomaton
  readonly #positions: readonly Position[]
  readonly #wanted: readonly string[]
  readonly #indexes: ReadonlySet<number>
  #isOpened = false

  constructor(automaton: PathAutomaton, positions: readonly Position[]) {
    const steps = positions.map((one) => automaton.stepOf(one))
    this.#automaton = automaton
    this.#positions = positions
    this.#wanted = [...new Set(steps.flatMap((step) => (step?.kind === 'name' ? [step.name] : [])))]
    this.#indexes = new Set(steps.flatMap((step) => (step?.kind === 'index' ? [step.index] : [])))
    this.ends = automaton.endsOf(positions)
    this.strategies = this.ends.map((path) => automaton.strategyOf(path))
    this.stars = this.strategies.length === 1 ? starsOf(this.strategies[0] ?? '') : undefined
    this.uniform = this.#indexes.size === 0
    this.nameBytesMax = Math.max(0, ...this.#wanted.map((name) => Buffer.byteLength(name)))
  }

  /** Makes the states below, when a container begins here for the first time. */
  opened(): this {
    if (this.#isOpened) return this
    this.#isOpened = true
    this.other = this.#automaton.after(this.#positions, (step) => step.kind === 'every')
    this.each = this.other
    this.names = this.#wanted.map((name) => ({ bytes: new TextEncoder().encode(name), next: this.member(name) }))
    for (const { bytes } of this.names) this.lengths |= 1 << (bytes.length & 31)
    return this
  }

  /** The state of an element. */
  element(index: number): PathState {
    if (!this.#indexes.has(index)) return this.each
    return this.#automaton.after(
      this.#positions,
      (step) => step.kind === 'every' || (step.kind === 'index' && step.index === index),
    )
  }

  /** The state of a member by its decoded name. */
  member(name: string): PathState {
    if (!this.#wanted.includes(name)) return this.other
    return this.#automaton.after(
      this.#positions,
      (step) => step.kind === 'every' || (step.kind === 'name' && step.name === name),
    )
  }
}

/** A path that was read already, with the strategy for what it names. */
export interface JsonStepsRule {
  readonly steps: readonly JsonStep[]
  readonly strategy: string
}

/** The state in which some paths begin; undefined when one of them is not understood. */
export function compilePaths(rules: readonly JsonPathRule[]): PathState | undefined {
  const read: JsonStepsRule[] = []
  for (const { path, strategy } of rules) {
    const steps = stepsOf(path)
    if (steps === undefined) return undefined
    read.push({ steps, strategy })
  }
  return compileSteps(read)
}

/** The state in which some paths begin. */
export function compileSteps(rules: readonly JsonStepsRule[]): PathState {
  const paths = rules.map(({ steps }) => steps)
  const strategies = rules.map(({ strategy }) => strategy)
  return new PathAutomaton(paths, strategies).state(paths.map((_, path) => ({ path, step: 0 })))
}

interface Position {
  readonly path: number
  readonly step: number
}

class PathAutomaton {
  readonly #paths: readonly (readonly JsonStep[])[]
  readonly #strategies: readonly string[]
  readonly #states = new Map<string, PathState>()

  constructor(paths: readonly (readonly JsonStep[])[], strategies: readonly string[]) {
    this.#paths = paths
    this.#strategies = strategies
  }

  stepOf({ path, step }: Position): JsonStep | undefined {
    return this.#paths[path]?.[step]
  }

  /** The paths that end here. */
  endsOf(positions: readonly Position[]): readonly number[] {
    return positions.filter((one) => this.stepOf(one) === undefined).map(({ path }) => path)
  }

  strategyOf(path: number): string {
    return this.#strategies[path] ?? 'redact'
  }

  /** The state of a set of positions. There are finitely many, made when they are first reached. */
  state(positions: readonly Position[]): PathState {
    const closed = this.#closed(positions)
    const key = closed.map(({ path, step }) => `${path}.${step}`).join()
    const known = this.#states.get(key)
    if (known !== undefined) return known
    const made = new PathState(this, closed)
    this.#states.set(key, made)
    return made
  }

  /** The state below some positions, for what `takes` their steps. */
  after(positions: readonly Position[], takes: (step: JsonStep) => boolean): PathState {
    return this.state(
      positions.flatMap((one) => {
        const step = this.stepOf(one)
        if (step === undefined) return []
        if (step.kind === 'below') return [one]
        return takes(step) ? [{ path: one.path, step: one.step + 1 }] : []
      }),
    )
  }

  /** With what `..` may skip; sorted, each once. */
  #closed(positions: readonly Position[]): readonly Position[] {
    const all = new Map<string, Position>()
    const add = (one: Position): void => {
      all.set(`${one.path}.${one.step}`, one)
      if (this.stepOf(one)?.kind === 'below') add({ path: one.path, step: one.step + 1 })
    }
    for (const one of positions) add(one)
    return [...all.values()].sort((a, b) => a.path - b.path || a.step - b.step)
  }
}

/** The state of the member whose name is these bytes. */
export function memberOf(level: PathState, bytes: Buffer, start: number, end: number): PathState {
  if (((level.lengths >>> ((end - start) & 31)) & 1) === 0) return level.other
  for (const { bytes: wanted, next } of level.names) {
    if (wanted.length !== end - start) continue
    let same = 0
    while (same < wanted.length && wanted[same] === bytes[start + same]) same++
    if (same === wanted.length) return next
  }
  return level.other
}
