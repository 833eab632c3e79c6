// Which gateways live, without comparing clocks: each run beats, and whoever sees a run's beat stand still over several of
// its own rounds ends that run's holds. A round in which the store fails says nothing about anybody.
import type { Storage } from '../storage/index.ts'

/** Rounds without a new beat after which a run is over. A gateway that only stalled refuses what it held: nobody lies. */
export const silentRoundsMax = 8

/** One run's own beats, and what it sees of the others. */
export class Presence {
  readonly #storage: Storage
  readonly #run: string
  readonly #seen = new Map<string, { readonly beat: number; readonly silent: number }>()

  constructor(storage: Storage, run: string) {
    this.#storage = storage
    this.#run = run
  }

  /** The first beat. In a store of its own a gateway ends at once what its earlier runs left. */
  async start(): Promise<void> {
    if (!this.#storage.isShared) {
      const runs = [...(await this.#storage.beats()).map(({ run }) => run), ...(await this.#storage.holdingRuns())]
      for (const run of new Set(runs)) if (run !== this.#run) await this.#storage.endRun(run)
    }
    await this.#storage.beat(this.#run)
  }

  /** Beats, and ends the runs that are over: how many holds that ended. In a store of its own nobody listens. */
  async round(): Promise<number> {
    if (!this.#storage.isShared) return 0
    try {
      await this.#storage.beat(this.#run)
      const alive = this.#watch(await this.#storage.beats())
      let ended = 0
      for (const run of new Set([...this.#seen.keys(), ...(await this.#storage.holdingRuns())])) {
        if (run === this.#run || alive.has(run)) continue
        ended += await this.#storage.endRun(run)
        this.#seen.delete(run)
      }
      return ended
    } catch (error) {
      this.#seen.clear()
      throw error
    }
  }

  #watch(beats: Awaited<ReturnType<Storage['beats']>>): ReadonlySet<string> {
    const alive = new Set<string>()
    for (const { run, beat } of beats) {
      const before = this.#seen.get(run)
      const silent = before?.beat === beat ? before.silent + 1 : 0
      this.#seen.set(run, { beat, silent })
      if (silent < silentRoundsMax) alive.add(run)
    }
    return alive
  }

  /** The run ends in order: what it still holds is cancelled. */
  async close(): Promise<void> {
    await this.#storage.endRun(this.#run)
  }
}
