// What the gate tells, passed on to metrics, the decision log, traces and the log of the process.
import type { GateObserver } from '../gate/index.ts'
import type { DecisionLog } from './decision-log.ts'
import { errorFields, type Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Traces } from './traces.ts'

/** An observer that never throws into the gate. */
export function telemetryObserver(parts: {
  readonly metrics: Metrics
  readonly decisionLog: DecisionLog
  readonly log: Log
  readonly traces?: Traces
}): GateObserver {
  const { metrics, decisionLog, log, traces } = parts
  return {
    decided(document, decision) {
      const { protocol } = document.resource
      metrics.decisions.add(protocol, decision.effect)
      metrics.decideSeconds.add(protocol, decision.cost.micros / 1e6)
      decisionLog.write(document, decision)
      traces?.decided(document, decision, Date.now())
    },
    answered({ protocol }, answer, micros) {
      metrics.answers.add(protocol, answer)
      metrics.answerSeconds.add(protocol, micros / 1e6)
    },
    held: ({ protocol }, change) => metrics.held.inc({ protocol }, change),
    masked: ({ protocol }, rule, count) => metrics.masked.inc({ protocol, rule: ruleLabel(rule) }, count),
    session: ({ protocol }, change) => metrics.sessions.inc({ protocol }, change),
    failed(where, error) {
      metrics.failures.inc({ where })
      log.error({ where, ...errorFields(error) }, 'turned a failure into a refusal')
    },
  }
}

/** Policies name few masks; whatever they name, a label has few values. */
const ruleLabelsMax = 200
const ruleCharactersMax = 100
const ruleLabels = new Set<string>()

function ruleLabel(rule: string): string {
  const label = rule.slice(0, ruleCharactersMax)
  if (!ruleLabels.has(label)) {
    if (ruleLabels.size >= ruleLabelsMax) return 'other'
    ruleLabels.add(label)
  }
  return label
}
