// How long the steps of a command took, under OPA's names for them, once or over several runs.

/** Collects times by name. */
export class Timings {
  readonly #runs: Map<string, number[]> = new Map()
  readonly #clockNs: () => bigint

  constructor(clockNs: () => bigint) {
    this.#clockNs = clockNs
  }

  /** Runs a step and keeps its time. */
  async time<T>(name: string, step: () => T | Promise<T>): Promise<T> {
    const begin = this.#clockNs()
    try {
      return await step()
    } finally {
      this.#runs.set(name, [...(this.#runs.get(name) ?? []), Number(this.#clockNs() - begin)])
    }
  }

  /** The time of each step, by name: the last run's. */
  metrics(): { readonly [name: string]: number } {
    return Object.fromEntries(this.#sorted().map(([name, times]) => [metricName(name), times.at(-1) ?? 0]))
  }

  /** The times of all runs, by name. */
  aggregated(): { readonly [name: string]: Aggregate } {
    return Object.fromEntries(this.#sorted().map(([name, times]) => [metricName(name), aggregate(times)]))
  }

  #sorted(): readonly [string, readonly number[]][] {
    return [...this.#runs].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

function metricName(name: string): string {
  return `timer_${name}_ns`
}

/** What several runs of one step took. */
export interface Aggregate {
  readonly [name: string]: number
}

const quantiles = [75, 90, 95, 99, 99.9, 99.99] as const

/** The statistics of a list of times. */
export function aggregate(times: readonly number[]): Aggregate {
  const sorted = [...times].sort((a, b) => a - b)
  const count = sorted.length
  const mean = sorted.reduce((sum, one) => sum + one, 0) / count
  const at = (percent: number): number => sorted[Math.min(count - 1, Math.ceil((percent / 100) * count))] ?? 0
  const variance = sorted.reduce((sum, one) => sum + (one - mean) ** 2, 0) / count
  return {
    ...Object.fromEntries(quantiles.map((percent) => [`${percent}%`, at(percent)])),
    count,
    max: sorted.at(-1) ?? 0,
    mean,
    median: ((sorted[Math.floor((count - 1) / 2)] ?? 0) + (sorted[Math.floor(count / 2)] ?? 0)) / 2,
    min: sorted[0] ?? 0,
    stddev: Math.sqrt(variance),
  }
}
