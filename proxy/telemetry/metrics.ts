// Prometheus metrics. Labels are bounded: protocols, effects, codes and configured names; never a subject or a text.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { SecondsTally, Tally } from './tally.ts'

const decideBuckets = [5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 5e-3, 2.5e-2, 0.1]
const answerBuckets = [1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 2.5e-2, 0.1, 0.5, 2.5, 10, 60, 900]

/** Every metric of a gateway. */
export class Metrics {
  readonly registry: Registry = new Registry()
  // Those of every action; what is rarer is prom-client's.
  readonly decisions: Tally = new Tally({
    name: 'sallyport_decisions_total',
    help: 'Decisions by effect',
    label: 'effect',
  })
  readonly answers: Tally = new Tally({
    name: 'sallyport_answers_total',
    help: 'Answers given to protocols',
    label: 'answer',
  })
  readonly decideSeconds: SecondsTally = new SecondsTally(
    { name: 'sallyport_decide_seconds', help: 'Time that the policy took' },
    decideBuckets,
  )
  readonly answerSeconds: SecondsTally = new SecondsTally(
    { name: 'sallyport_added_latency_seconds', help: 'Time from submit to the answer, people included' },
    answerBuckets,
  )
  readonly held: Gauge<'protocol'>
  readonly masked: Counter<'protocol' | 'rule'>
  readonly sessions: Gauge<'protocol'>
  readonly failures: Counter<'where'>
  readonly decodeErrors: Counter<'protocol' | 'side'>
  readonly bundle: Gauge<'name' | 'revision'>
  readonly bundleFailures: Counter<'name'>
  readonly witnessed: Counter<'outcome'>
  readonly shadow: Counter<'outcome'>
  readonly decisionLogDropped: Counter<'reason'>

  /** `recordLagMs` tells the age of the oldest entry that is not kept yet. */
  constructor(recordLagMs: () => number = () => 0) {
    const registers = [this.registry]
    this.held = new Gauge({
      name: 'sallyport_held',
      help: 'Actions that wait for people',
      labelNames: ['protocol'],
      registers,
    })
    this.masked = new Counter({
      name: 'sallyport_masked_values_total',
      help: 'Values masked on their way to clients',
      labelNames: ['protocol', 'rule'],
      registers,
    })
    this.sessions = new Gauge({
      name: 'sallyport_sessions',
      help: 'Open sessions',
      labelNames: ['protocol'],
      registers,
    })
    this.failures = new Counter({
      name: 'sallyport_internal_failures_total',
      help: 'Failures inside, each turned into a refusal or an end',
      labelNames: ['where'],
      registers,
    })
    this.decodeErrors = new Counter({
      name: 'sallyport_decode_errors_total',
      help: 'Messages that could not be decoded',
      labelNames: ['protocol', 'side'],
      registers,
    })
    this.bundle = new Gauge({
      name: 'sallyport_bundle_info',
      help: 'The live revision of each bundle',
      labelNames: ['name', 'revision'],
      registers,
    })
    this.witnessed = new Counter({
      name: 'sallyport_witnessed_decisions_total',
      help: 'Decisions that the interpreter made once more; any that differ are a fault of the compiler',
      labelNames: ['outcome'],
      registers,
    })
    this.bundleFailures = new Counter({
      name: 'sallyport_bundle_failures_total',
      help: 'Bundles that were not activated',
      labelNames: ['name'],
      registers,
    })
    new Gauge({
      name: 'sallyport_recorder_lag_seconds',
      help: 'Age of the oldest entry that is not kept yet',
      registers,
      collect() {
        this.set(recordLagMs() / 1000)
      },
    })
    this.shadow = new Counter({
      name: 'sallyport_shadow_decisions_total',
      help: 'Decisions that the shadow policy made once more, and how they compare',
      labelNames: ['outcome'],
      registers,
    })
    this.decisionLogDropped = new Counter({
      name: 'sallyport_decision_log_dropped_total',
      help: 'Decision log events that were dropped',
      labelNames: ['reason'],
      registers,
    })
    collectDefaultMetrics({ register: this.registry, prefix: 'sallyport_' })
  }

  /** All of them as Prometheus reads them. */
  async text(): Promise<string> {
    const { decisions, answers, decideSeconds, answerSeconds } = this
    const rare = await this.registry.metrics()
    return rare + [decisions, answers, decideSeconds, answerSeconds].map((tally) => tally.text()).join('')
  }

  /** The type of that text. */
  get contentType(): string {
    return this.registry.contentType
  }

  /** Tells which revision of each bundle is live; those before are no more. */
  bundlesActivated(bundles: readonly { readonly name: string; readonly revision: string }[]): void {
    this.bundle.reset()
    for (const { name, revision } of bundles) this.bundle.set({ name, revision }, 1)
  }
}
