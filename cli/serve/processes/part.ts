// What one of several processes has of a configuration: its part of every bound, and files that no other writes. The
// first process has the names that the configuration says, so that a gateway may change between one process and several.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { type Config, type ListenerConfig, processesOf, shareOf } from '../../../proxy/config/index.ts'
import { processFolder } from '../../../proxy/recording/index.ts'

/** The configuration of one of several processes. */
export function partOf(config: Config, process: number, processes: number): Config {
  if (processes === 1) return config
  const { limits, bundles, telemetry, recording } = config
  const share = (bound: number): number => shareOf(bound, processes)
  const { file } = telemetry.decisionLog
  const { store } = recording
  return Object.freeze({
    ...config,
    listeners: config.listeners.map(
      (listener): ListenerConfig =>
        listener.protocol === 'admin' ? listener : { ...listener, connectionsMax: share(listener.connectionsMax) },
    ),
    limits: { ...limits, sessionsMax: share(limits.sessionsMax), holdsMax: share(limits.holdsMax) },
    bundles: { ...bundles, cache: fileOf(bundles.cache, process) },
    recording:
      store.kind === 'folder'
        ? { ...recording, store: { ...store, path: processFolder(store.path, process) } }
        : recording,
    telemetry: {
      ...telemetry,
      decisionLog: { ...telemetry.decisionLog, ...(file === undefined ? {} : { file: fileOf(file, process) }) },
    },
  })
}

/** A file or folder of one process: `decisions.jsonl`, `decisions.2.jsonl`. */
export function fileOf(path: string, process: number): string {
  if (process === 1) return path
  const end = extname(path)
  return join(dirname(path), `${basename(path, end)}.${process}${end}`)
}

/**
 * Before the processes start: each has the bundles that the first kept, and its marks, so that none takes an older bundle
 * than the gateway had.
 */
export function spreadBundles(config: Config): void {
  const { cache } = config.bundles
  for (let process = 2; process <= processesOf(config); process++) {
    const own = fileOf(cache, process)
    rmSync(own, { recursive: true, force: true })
    if (existsSync(cache)) cpSync(cache, own, { recursive: true })
  }
}
