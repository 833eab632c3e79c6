// Finds processes of a gateway that are there and run no more: stopped, or busy with one thing without end. Each is asked
// once a round whether it runs. Rounds are counted and not time, so that a machine that slept, or a parent that was
// stopped itself, finds nobody late.
import { readFileSync } from 'node:fs'

/** A round of asking. */
const roundMs = 1000
/** Rounds that a process which serves may leave without an answer. */
const roundsServing = 15
/** One that starts reads what it recorded before, and compiles; nobody waits for it but its start. */
const roundsStarting = 300

/** A process that is watched. */
export interface Watched {
  readonly process: number
  readonly pid: number
  readonly isReady: boolean
  ask(): void
}

/** What a round that a process left without an answer comes to. */
export interface WatchdogParts {
  /** Those that run now. */
  readonly watched: () => readonly Watched[]
  /** Told once of a process that is held by a debugger, which is left as it is. */
  readonly traced: (one: Watched) => void
  /** Told of a process that has not answered for so long. */
  readonly silent: (one: Watched, seconds: number) => void
  readonly isTraced?: (pid: number) => boolean
}

/** Asks all in rounds. */
export class Watchdog {
  readonly #parts: WatchdogParts
  /** Rounds without an answer, by pid. */
  #unanswered = new Map<number, number>()
  readonly #timer: NodeJS.Timeout

  constructor(parts: WatchdogParts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.round(), roundMs).unref()
  }

  /** A process answered. Whoever is under a debugger may stand still from now on: it counts again with its next answer. */
  answered(pid: number, isDebugged: boolean): void {
    this.#unanswered.set(pid, isDebugged ? Number.NEGATIVE_INFINITY : 0)
  }

  /** One round: tells of those that were silent too long, and asks all again. */
  round(): void {
    const before = this.#unanswered
    this.#unanswered = new Map()
    for (const one of this.#parts.watched()) {
      const rounds = before.get(one.pid) ?? 0
      this.#unanswered.set(one.pid, rounds + 1)
      const most = one.isReady ? roundsServing : roundsStarting
      if (rounds >= most) this.#found(one, rounds)
      else one.ask()
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #found(one: Watched, rounds: number): void {
    const { isTraced = isUnderDebugger, traced, silent } = this.#parts
    if (!isTraced(one.pid)) {
      silent(one, (rounds * roundMs) / 1000)
      return
    }
    this.#unanswered.set(one.pid, Number.NEGATIVE_INFINITY)
    traced(one)
  }
}

/** Whether another process traces this one, as gdb and strace do, where the system tells (Linux). */
function isUnderDebugger(pid: number): boolean {
  try {
    const tracer = readFileSync(`/proc/${pid}/status`, 'latin1')
      .split('\n')
      .find((line) => line.startsWith('TracerPid:'))
    return tracer !== undefined && tracer.slice('TracerPid:'.length).trim() !== '0'
  } catch {
    return false
  }
}
