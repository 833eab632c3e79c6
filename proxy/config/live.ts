// The configuration of a running gateway: resources, identity and approvers change under it, verified first and then
// swapped at once; anything else waits for a restart and says so. On a mistake the last good one stays.
import { dirname, resolve } from 'node:path'
import { watch } from 'chokidar'
import { canonicalJson } from '../../engine/action/index.ts'
import { type LoadedConfig, loadConfig } from './load.ts'
import type { ConfigProblem } from './read.ts'
import type { Config } from './types.ts'

/** What came of a reload. */
export type Reloaded =
  | { readonly on: 'unchanged' }
  | { readonly on: 'swapped'; readonly config: Config; readonly waitsForRestart: readonly string[] }
  | { readonly on: 'rejected'; readonly problems: readonly ConfigProblem[] }

/** What changes under a running gateway; the rest waits for a restart. */
export const changeable: readonly ['identity', 'resources', 'approvals'] = ['identity', 'resources', 'approvals']
const restartOnly = [
  'version',
  'gateway',
  'listeners',
  'bundles',
  'storage',
  'recording',
  'limits',
  'telemetry',
] as const

/** How long a changed file must stay as it is before it is read. */
const settledMs = 100

/**
 * A file that was not taken over is looked at again: it may have been read while there were no descriptors, or name keys
 * and upstreams that come back, and nothing tells when.
 */
const retryMs = 2000
const retryMsMax = 60_000

/** Holds the live configuration. */
export class LiveConfig {
  #current: Config
  readonly #load: () => LoadedConfig
  /** `verify` builds what the new configuration needs (keys, upstreams) and throws when that fails; it swaps nothing. */
  readonly #verify: (candidate: Config) => Promise<void>
  #reloading: Promise<Reloaded> = Promise.resolve({ on: 'unchanged' })

  constructor(current: Config, load: () => LoadedConfig, verify: (candidate: Config) => Promise<void>) {
    this.#current = current
    this.#load = load
    this.#verify = verify
  }

  /** The configuration that counts now. */
  get current(): Config {
    return this.#current
  }

  /** Reads again, verifies, swaps. One reload at a time; never rejects. */
  reload(): Promise<Reloaded> {
    this.#reloading = this.#reloading.then(() => this.#reload())
    return this.#reloading
  }

  async #reload(): Promise<Reloaded> {
    const loaded = this.#load()
    if (!loaded.ok) return { on: 'rejected', problems: loaded.problems }
    const { identity, resources, approvals } = loaded.config
    const candidate: Config = Object.freeze({ ...this.#current, identity, resources, approvals })
    const waitsForRestart = restartOnly.filter((key) => differs(loaded.config[key], this.#current[key]))
    const changed = changeable.some((key) => differs(candidate[key], this.#current[key]))
    if (!changed && waitsForRestart.length === 0) return { on: 'unchanged' }
    try {
      await this.#verify(candidate)
    } catch (error) {
      const message = error instanceof Error ? error.message : 'the new configuration could not be put to use'
      return { on: 'rejected', problems: [{ line: 0, column: 0, at: '', message, help: 'the last good one stays' }] }
    }
    this.#current = candidate
    return { on: 'swapped', config: candidate, waitsForRestart }
  }
}

function differs(a: unknown, b: unknown): boolean {
  return canonicalJson(a) !== canonicalJson(b)
}

/** Reloads whenever the file changes; editors and mounted volumes replace files, so its folder is watched. */
export function watchConfig(
  path: string,
  live: LiveConfig,
  told: (result: Reloaded) => void,
): { close(): Promise<void>; ready: Promise<void> } {
  const whole = resolve(path)
  const watcher = watch(dirname(whole), {
    ignoreInitial: true,
    depth: 0,
    ignored: (name) => resolve(name) !== whole && resolve(name) !== dirname(whole),
    // A file that is still being written is half a configuration.
    awaitWriteFinish: { stabilityThreshold: settledMs, pollInterval: settledMs / 4 },
  })
  let retry: NodeJS.Timeout | undefined
  let isClosed = false
  let pauseMs = retryMs
  /** What was wrong at the last look, which is told once. */
  let wrong: string | undefined
  const later = (): void => {
    clearTimeout(retry)
    if (!isClosed) retry = setTimeout(reload, pauseMs).unref()
    pauseMs = Math.min(2 * pauseMs, retryMsMax)
  }
  const reload = (): void => {
    clearTimeout(retry)
    live.reload().then(
      (result) => {
        const before = wrong
        wrong = result.on === 'rejected' ? JSON.stringify(result.problems) : undefined
        if (wrong === undefined || wrong !== before) told(result)
        if (wrong !== undefined) later()
      },
      () => undefined,
    )
  }
  const changed = (name: string) => {
    if (resolve(name) !== whole) return
    pauseMs = retryMs
    wrong = undefined
    reload()
  }
  watcher.on('add', changed).on('change', changed)
  // What cannot be watched now may have changed meanwhile.
  watcher.on('error', later)
  const ready = new Promise<void>((done) => {
    watcher.on('ready', () => done())
  })
  return {
    close: () => {
      isClosed = true
      clearTimeout(retry)
      return watcher.close()
    },
    ready,
  }
}

/** A live configuration over a file, or over what `part` makes of it for one of several processes. */
export function liveConfig(
  path: string,
  current: Config,
  verify: (candidate: Config) => Promise<void>,
  part: (whole: Config) => Config = (whole) => whole,
): LiveConfig {
  const load = (): LoadedConfig => {
    const loaded = loadConfig(path)
    return loaded.ok ? { ...loaded, config: part(loaded.config) } : loaded
  }
  return new LiveConfig(current, load, verify)
}
