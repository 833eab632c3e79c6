// OPA's bundle service protocol over HTTP(S): ETag, polling with jitter, long polling, snapshots and deltas.
import { type BundleLimits, bundleLimits, readArchive } from '../format/index.ts'
import { type BundleSource, type DeliverySink, type SourceTime, systemTime } from './contract.ts'
import { type ClientTls, GetError, httpGet } from './http-get.ts'
import { defaultPollTimes, Poller, type PollOutcome, type PollTimes } from './poller.ts'

/** How to reach a bundle service. */
export interface HttpSourceConfig {
  readonly url: string
  /** Headers of every request; called each time, so that tokens can be fresh. */
  readonly headers?: () => Promise<{ readonly [name: string]: string }>
  readonly tls?: ClientTls
  readonly poll?: PollTimes
  /** Seconds the server may keep a request open; undefined polls. */
  readonly longPollSeconds?: number
  readonly headTimeoutMs?: number
  readonly idleTimeoutMs?: number
  readonly bodyTimeoutMs?: number
  readonly limits?: BundleLimits
  readonly time?: SourceTime
}

const defaultHeadTimeoutMs = 10_000
const defaultIdleTimeoutMs = 30_000
const etagBytesMax = 1024
const longPollType = 'application/vnd.openpolicyagent.bundles'

/** A source that asks a bundle service. */
export function httpSource(config: HttpSourceConfig): BundleSource {
  const state: { etag: string | undefined; longPolls: boolean } = {
    etag: undefined,
    longPolls: config.longPollSeconds !== undefined,
  }
  return new Poller(config.poll ?? defaultPollTimes, config.time ?? systemTime, (sink, signal) =>
    ask(config, state, sink, signal),
  )
}

async function ask(
  config: HttpSourceConfig,
  state: { etag: string | undefined; longPolls: boolean },
  sink: DeliverySink,
  signal: AbortSignal,
): Promise<PollOutcome> {
  const waitSeconds = state.longPolls ? (config.longPollSeconds ?? 0) : 0
  const response = await httpGet({
    url: config.url,
    headers: {
      ...(await config.headers?.()),
      prefer: `modes=snapshot,delta${waitSeconds > 0 ? `;wait=${waitSeconds}` : ''}`,
      ...(state.etag === undefined ? {} : { 'if-none-match': state.etag }),
    },
    ...(config.tls === undefined ? {} : { tls: config.tls }),
    headTimeoutMs: (config.headTimeoutMs ?? defaultHeadTimeoutMs) + waitSeconds * 1000,
    idleTimeoutMs: config.idleTimeoutMs ?? defaultIdleTimeoutMs,
    ...(config.bodyTimeoutMs === undefined ? {} : { bodyTimeoutMs: config.bodyTimeoutMs }),
    signal,
  })
  if (config.longPollSeconds !== undefined) state.longPolls = response.headers['content-type'] === longPollType
  const next = state.longPolls ? 'again' : 'unchanged'
  if (response.status === 304) {
    response.discard()
    // A server that says "not modified" to a question without a condition has given us nothing.
    if (state.etag === undefined)
      throw new GetError('cut', 'the bundle service answered 304 to an unconditional request')
    sink.unchanged()
    return next
  }
  if (response.status !== 200) {
    response.discard()
    throw new GetError('connect', `the bundle service answered with status ${response.status}`)
  }
  const files = await readArchive(response.body, config.limits ?? bundleLimits)
  const etag = response.headers['etag']
  const bounded = etag !== undefined && etag.length <= etagBytesMax ? etag : undefined
  const activation = await sink.deliver({ files, etag: bounded })
  if (!activation.live) {
    // It may go live later, beside others; then the version before is a new one.
    state.etag = undefined
    return 'failed'
  }
  state.etag = bounded
  return state.longPolls ? 'again' : 'live'
}
