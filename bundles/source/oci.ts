// A bundle as a layer in an OCI registry: manifest by tag or digest, then the layer's blob, whose digest is checked.
import { createHash } from 'node:crypto'
import { type BundleLimits, bundleLimits, readArchive } from '../format/index.ts'
import { type BundleSource, type DeliverySink, type SourceTime, systemTime } from './contract.ts'
import { type ClientTls, GetError, type GetResponse, httpGet } from './http-get.ts'
import { defaultPollTimes, Poller, type PollOutcome, type PollTimes } from './poller.ts'

/** Which image holds the bundle. */
export interface OciSourceConfig {
  /** `https://registry.example`, without a path. */
  readonly registry: string
  /** `team/policy`. */
  readonly repository: string
  /** A tag, or `sha256:...`. */
  readonly reference: string
  readonly headers?: () => Promise<{ readonly [name: string]: string }>
  readonly tls?: ClientTls
  readonly poll?: PollTimes
  readonly limits?: BundleLimits
  readonly time?: SourceTime
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const manifestBytesMax = 4 * 1024 * 1024
const headTimeoutMs = 10_000
const idleTimeoutMs = 30_000

/** A source that asks a registry. */
export function ociSource(config: OciSourceConfig): BundleSource {
  const state: { digest: string | undefined } = { digest: undefined }
  return new Poller(config.poll ?? defaultPollTimes, config.time ?? systemTime, (sink, signal) =>
    ask(config, state, sink, signal),
  )
}

async function ask(
  config: OciSourceConfig,
  state: { digest: string | undefined },
  sink: DeliverySink,
  signal: AbortSignal,
): Promise<PollOutcome> {
  let manifest = await readManifest(config, config.reference, signal)
  const [platform] = list(manifest['manifests'])
  if (platform !== undefined) manifest = await readManifest(config, digestOf(platform), signal)
  const layer = list(manifest['layers']).find((item) => item['mediaType'] === layerType)
  if (layer === undefined) throw new GetError('cut', 'the image has no layer that is a bundle')
  const digest = digestOf(layer)
  if (digest === state.digest) {
    sink.unchanged()
    return 'unchanged'
  }
  const response = await get(config, `blobs/${digest}`, undefined, signal)
  const hash = createHash('sha256')
  const files = await readArchive(hashed(response.body, hash), config.limits ?? bundleLimits)
  if (`sha256:${hash.digest('hex')}` !== digest)
    throw new GetError('cut', 'the layer is not the one its manifest names')
  const activation = await sink.deliver({ files, etag: digest })
  if (!activation.live) {
    // It may go live later, beside others; then the version before is a new one.
    state.digest = undefined
    return 'failed'
  }
  state.digest = digest
  return 'live'
}

async function readManifest(
  config: OciSourceConfig,
  reference: string,
  signal: AbortSignal,
): Promise<{ readonly [name: string]: unknown }> {
  const response = await get(config, `manifests/${reference}`, manifestTypes.join(', '), signal)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    if (size > manifestBytesMax)
      throw new GetError('cut', `the image manifest is larger than ${manifestBytesMax} bytes`)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (reference.startsWith('sha256:') && `sha256:${createHash('sha256').update(bytes).digest('hex')}` !== reference) {
    throw new GetError('cut', 'the image manifest is not the one that was asked for')
  }
  try {
    return fields(JSON.parse(bytes.toString('utf8')))
  } catch (cause) {
    throw new GetError('cut', 'the image manifest is not JSON', { cause })
  }
}

async function get(
  config: OciSourceConfig,
  path: string,
  accept: string | undefined,
  signal: AbortSignal,
): Promise<GetResponse> {
  const response = await httpGet({
    url: `${config.registry}/v2/${config.repository}/${path}`,
    headers: { ...(await config.headers?.()), ...(accept === undefined ? {} : { accept }) },
    ...(config.tls === undefined ? {} : { tls: config.tls }),
    headTimeoutMs,
    idleTimeoutMs,
    signal,
  })
  if (response.status === 200) return response
  response.discard()
  throw new GetError('connect', `the registry answered with status ${response.status}`)
}

async function* hashed(
  body: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
}

function digestOf(item: { readonly [name: string]: unknown }): string {
  const digest = item['digest']
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new GetError('cut', 'the image manifest names a layer without a SHA-256 digest')
  return digest
}

function list(value: unknown): readonly { readonly [name: string]: unknown }[] {
  return Array.isArray(value) ? value.map(fields) : []
}

function fields(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
