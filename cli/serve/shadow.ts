// A policy in the shadow: it judges what the live one judged, afterwards and without effect, and every difference is told.
// So a new policy is tried on real traffic before it counts.
import { isDeepStrictEqual } from 'node:util'
import type { PolicyStore } from '../../bundles/store/index.ts'
import type { ActionDocument } from '../../engine/action/index.ts'
import { type Decision, readDecision, resultOn, stageOf } from '../../engine/decision/index.ts'
import type { Config } from '../../proxy/config/index.ts'
import type { Log, Metrics } from '../../proxy/telemetry/index.ts'
import { storeOf } from './parts.ts'

/** Actions that wait for the shadow; beyond them none is judged, so that it never holds much memory or time. */
const waitingMax = 256

/** A shadow that runs. */
export interface Shadow {
  /** Judges an action once more, later. */
  decided(document: ActionDocument, decision: Decision): void
  close(): Promise<void>
}

/** Starts the shadow of a configuration; undefined where it names none. */
export async function startShadow(config: Config, metrics: Metrics, log: Log): Promise<Shadow | undefined> {
  const { shadow, sources } = config.bundles
  if (shadow === undefined) return undefined
  const own = { ...config.bundles, shadow: undefined, sources: sources.filter(({ name }) => name === shadow) }
  const { shadow: _none, ...bundles } = own
  const store = await storeOf({ ...config, bundles }, (event) => log.info({ ...event }, 'shadow bundle'))
  await store.start()
  let waiting = 0
  return {
    decided: (document, decision) => {
      if (waiting >= waitingMax) {
        metrics.shadow.inc({ outcome: 'passed_over' })
        return
      }
      waiting++
      setImmediate(() => {
        waiting--
        compare(store, document, decision, metrics, log)
      })
    },
    close: () => store.close(),
  }
}

function compare(store: PolicyStore, document: ActionDocument, live: Decision, metrics: Metrics, log: Log): void {
  const host = store.current()
  if (host === undefined) {
    metrics.shadow.inc({ outcome: 'failed' })
    return
  }
  try {
    const bundle = { revision: host.revision, digest: host.digest }
    const result = resultOn(host, document)
    const judged = readDecision(result, { id: live.id, bundle, cost: { micros: 0, fuel: 0 } }, stageOf(document))
    const same = isDeepStrictEqual(told(live), told(judged))
    metrics.shadow.inc({ outcome: same ? 'same' : 'different' })
    if (!same)
      log.info(
        { decision: live.id, live: told(live), shadow: told(judged), revision: host.revision },
        'the shadow policy decides otherwise',
      )
  } catch {
    metrics.shadow.inc({ outcome: 'failed' })
    log.info({ decision: live.id, live: told(live), revision: host.revision }, 'the shadow policy fails')
  }
}

/** What of a decision counts: its effect, its rules, and what it asks for. */
function told(decision: Decision): object {
  const { effect, rules } = decision
  if (effect !== 'allow') return { effect, rules }
  const { masks, filters, limits, headers = [] } = decision
  return { effect, rules, masks, filters, limits, headers }
}
