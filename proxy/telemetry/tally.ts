// What is counted with every action: a few additions, written out as Prometheus text when somebody reads it. A metric of
// prom-client takes longer than the decision it counts.

/** What every metric is called. */
export interface TallyName {
  readonly name: string
  readonly help: string
}

/** A counter by protocol and one more label. Labels come from closed sets, so they need no escape and no bound. */
export class Tally {
  readonly #about: TallyName & { readonly label: string }
  readonly #counts = new Map<string, Map<string, { count: number }>>()

  constructor(about: TallyName & { readonly label: string }) {
    this.#about = about
  }

  /** One more. */
  add(protocol: string, value: string): void {
    const found = this.#counts.get(protocol)?.get(value)
    if (found !== undefined) found.count++
    else this.#begin(protocol, value)
  }

  #begin(protocol: string, value: string): void {
    const counts = this.#counts.get(protocol) ?? new Map<string, { count: number }>()
    this.#counts.set(protocol, counts)
    counts.set(value, { count: 1 })
  }

  /** All of it as Prometheus reads it. */
  text(): string {
    const { name, label } = this.#about
    const lines = head(this.#about, 'counter')
    for (const [protocol, counts] of this.#counts)
      for (const [value, { count }] of counts)
        lines.push(`${name}{protocol="${protocol}",${label}="${value}"} ${count}`)
    return `${lines.join('\n')}\n`
  }
}

/** A histogram of seconds by protocol. */
export class SecondsTally {
  readonly #about: TallyName
  readonly #bounds: readonly number[]
  readonly #spreads = new Map<string, { readonly within: number[]; sum: number; count: number }>()

  /** `bounds` are the upper bounds of the buckets, smallest first. */
  constructor(about: TallyName, bounds: readonly number[]) {
    this.#about = about
    this.#bounds = bounds
  }

  /** One more that took so long. */
  add(protocol: string, seconds: number): void {
    const bounds = this.#bounds
    let spread = this.#spreads.get(protocol)
    if (spread === undefined) {
      spread = { within: bounds.map(() => 0), sum: 0, count: 0 }
      this.#spreads.set(protocol, spread)
    }
    spread.sum += seconds
    spread.count++
    for (let at = 0; at < bounds.length; at++) {
      if (seconds > (bounds[at] ?? 0)) continue
      spread.within[at] = (spread.within[at] ?? 0) + 1
      return
    }
  }

  /** All of it as Prometheus reads it. */
  text(): string {
    const { name } = this.#about
    const lines = head(this.#about, 'histogram')
    for (const [protocol, { within, sum, count }] of this.#spreads) {
      let below = 0
      for (const [at, bound] of this.#bounds.entries()) {
        below += within[at] ?? 0
        lines.push(`${name}_bucket{le="${bound}",protocol="${protocol}"} ${below}`)
      }
      lines.push(`${name}_bucket{le="+Inf",protocol="${protocol}"} ${count}`)
      lines.push(`${name}_sum{protocol="${protocol}"} ${sum}`, `${name}_count{protocol="${protocol}"} ${count}`)
    }
    return `${lines.join('\n')}\n`
  }
}

function head({ name, help }: TallyName, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
}
