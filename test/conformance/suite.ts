// What a conformance suite is: a folder of cases, run by one engine.

/** What became of one case. */
export interface CaseOutcome {
  /** File, index and note: unique within the suite. */
  readonly id: string
  readonly passed: boolean
  /** Why it failed: what was wanted and what came. */
  readonly reason?: string
  /** The case is of a feature that released Rego does not have; it is counted apart and does not count for the gate. */
  readonly experimental?: boolean
  /** How the engine that ran it differs from the interpreter, where it was compared and does. */
  readonly disagreement?: string
  /** The case cannot run here at all, for the reason given; it is counted apart. */
  readonly skipped?: boolean
}

/** One suite run by one engine. Each file in suites/ exports `suites`. */
export interface Suite {
  /** The name of the suite in the results: mostly the data folder's. */
  readonly suite: string
  /** What runs it: `interpreter`, `wasm`, `compiler`, `printer`. */
  readonly engine: string
  /** The share of cases that must pass, or the run fails; undefined for what is only tracked. */
  readonly gate?: number
  /** The folder (or file) below the data folder that must be there. */
  readonly needs: string
  /** True for what only gives a share: its failures are counted and not listed. */
  readonly shareOnly?: boolean
  /** Runs every case below the data folder. */
  run(dataDir: string, report: (outcome: CaseOutcome) => void): Promise<void>
}
