// What a gateway tells about itself, from its configuration: metrics, the decision log and traces.
import type { BundleStatus, StoreEvent } from '../../bundles/store/index.ts'
import type { Config } from '../../proxy/config/index.ts'
import type { GateObserver } from '../../proxy/gate/index.ts'
import {
  DecisionLog,
  type DecisionLogOptions,
  LineFile,
  type Log,
  Metrics,
  Traces,
  telemetryObserver,
} from '../../proxy/telemetry/index.ts'
import { resolveSecret } from './secrets.ts'

const standardOutput = 1

/** The telemetry of one gateway. */
export interface Telemetry {
  readonly metrics: Metrics
  readonly observer: GateObserver
  /** Takes what the bundle store tells; `live` is how its bundles stand. */
  bundle(event: StoreEvent, live: () => readonly BundleStatus[]): void
  /** Sends what waits. */
  close(): Promise<void>
}

/** Builds it. `recordLagMs` is asked when metrics are read. */
export function telemetryOf(config: Config, version: string, log: Log, recordLagMs: () => number): Telemetry {
  const metrics = new Metrics(recordLagMs)
  const decisionLog = decisionLogOf(config, metrics)
  const traces = tracesOf(config, version)
  return {
    metrics,
    observer: telemetryObserver({ metrics, decisionLog, log, ...(traces === undefined ? {} : { traces }) }),
    bundle: (event, live) => {
      if (event.on === 'swapped') {
        const bundles = live().map(({ name, active_revision: revision }) => ({ name, revision }))
        metrics.bundlesActivated(bundles)
        decisionLog.activated(event.digest, bundles)
        log.info({ revision: event.revision, digest: event.digest, ms: event.tookMs }, 'policy live')
        return
      }
      if (event.on !== 'expiry') metrics.bundleFailures.inc({ name: event.bundle })
      log.warn({ ...event }, 'bundle')
    },
    close: async () => {
      await Promise.allSettled([decisionLog.close(), traces?.close()])
    },
  }
}

function decisionLogOf(config: Config, metrics: Metrics): DecisionLog {
  const { decisionLog } = config.telemetry
  const { http } = decisionLog
  const dropped: DecisionLogOptions['dropped'] = (reason) => metrics.decisionLogDropped.inc({ reason })
  // Whoever reads the gateway's output may go, and the gateway stays.
  const out = new LineFile(
    standardOutput,
    () => '',
    () => dropped('console_failed'),
  )
  return new DecisionLog({
    labels: { id: config.gateway.id, ...decisionLog.labels },
    erase: decisionLog.erase,
    dropped,
    ...(decisionLog.console ? { console: (line) => out.write(`${line}\n`) } : {}),
    ...(decisionLog.file === undefined ? {} : { file: decisionLog.file }),
    ...(http === undefined ? {} : { upload: { ...http, ...bearerOf(http.credential) } }),
  })
}

function tracesOf(config: Config, version: string): Traces | undefined {
  const { traces } = config.telemetry
  if (traces === undefined) return undefined
  const { endpoint, ratio, queueMax, credential } = traces
  return new Traces({ endpoint, ratio, queueMax, gatewayId: config.gateway.id, version, ...bearerOf(credential) })
}

/** Asked for with every batch, so that a credential that changes is taken up. */
function bearerOf(credential: string | undefined): { readonly bearer?: () => Promise<string> } {
  return credential === undefined ? {} : { bearer: () => resolveSecret(credential) }
}
