// The parts of a gateway from its configuration. What the configuration asks for and this version cannot do is an error
// at start, never a silent gap.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isSigningAlgorithm, type KeyConfig, type Verification } from '../../bundles/signing/index.ts'
import { type BundleSource, diskSource, httpSource, ociSource, s3Source } from '../../bundles/source/index.ts'
import {
  CompilerThread,
  Keeper,
  loadPolicyAside,
  noFreshness,
  PolicyStore,
  packageOfModule,
  type StoreEvent,
} from '../../bundles/store/index.ts'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { DataImages, type Difference } from '../../engine/evaluate/index.ts'
import type { BundleSourceConfig, Config } from '../../proxy/config/index.ts'
import { type ChangeBus, openEmbeddedStorage, openPostgresStorage, type Storage } from '../../proxy/storage/index.ts'
import { clientTls } from './client-tls.ts'
import { resolveSecret } from './secrets.ts'

/** What this version cannot do although the configuration asks for it. */
export class UnsupportedError extends Error {}

/** The bundle store of a configuration. */
export async function storeOf(
  config: Config,
  onEvent: (event: StoreEvent) => void,
  witnessed: (difference: Difference | undefined) => void = () => undefined,
): Promise<PolicyStore> {
  const { bundles } = config
  // What judges in the shadow has a store of its own.
  const sources = bundles.sources.filter(({ name }) => name !== bundles.shadow)
  const verification = bundles.signed ? await verificationOf(config) : undefined
  const freshness = {
    ...noFreshness,
    ...(bundles.minimumRevision === undefined
      ? {}
      : { order: 'integer' as const, minimumRevision: bundles.minimumRevision }),
  }
  const compiler = new CompilerThread()
  const images = new DataImages()
  return new PolicyStore({
    bundles: sources.map((source) => ({
      name: source.name,
      source: sourceOf(source),
      verification,
      freshness,
    })),
    load: (composition) =>
      loadPolicyAside(
        composition,
        {
          nowNs: () => BigInt(Date.now()) * 1_000_000n,
          random: (length) => randomBytes(length),
          images,
          witness: {
            share: bundles.witness,
            chance: Math.random,
            later: setImmediate,
            onDifference: witnessed,
            onSeen: () => witnessed(undefined),
          },
        },
        compiler.compile,
      ),
    digest: compiler.digest,
    closing: () => compiler.close(),
    packageOf: packageOfModule,
    keeper: new Keeper(bundles.cache),
    nowMs: Date.now,
    onEvent,
  })
}

async function verificationOf(config: Config): Promise<Verification> {
  const keys = new Map<string, KeyConfig>()
  for (const { id, algorithm, publicKey, secret, scope } of config.bundles.keys) {
    if (!isSigningAlgorithm(algorithm))
      throw new UnsupportedError(`the bundle key ${id} has an algorithm that is not supported`)
    const key =
      publicKey !== undefined
        ? readFileSync(publicKey, 'utf8')
        : secret === undefined
          ? ''
          : await resolveSecret(secret)
    keys.set(id, { key, algorithm, ...(scope === undefined ? {} : { scope }) })
  }
  return { keys, keyId: '', scope: '', excludeFiles: [], allowWeakHashes: false }
}

function sourceOf(source: BundleSourceConfig): BundleSource {
  const bearer = (reference: string | undefined) => async (): Promise<{ readonly [name: string]: string }> =>
    reference === undefined ? {} : { authorization: `Bearer ${await resolveSecret(reference)}` }
  switch (source.kind) {
    case 'folder':
    case 'file':
      return diskSource({ path: source.path, kind: source.kind })
    case 'http':
      return httpSource({
        url: source.url,
        headers: bearer(source.credential),
        poll: { minDelayMs: source.pollMs, maxDelayMs: source.pollMs * 2 },
        ...(source.longPoll ? { longPollSeconds: 30 } : {}),
        ...tlsOf(source.ca),
      })
    case 's3':
      return s3Source({
        endpoint: source.endpoint,
        bucket: source.bucket,
        key: source.key,
        poll: { minDelayMs: source.pollMs, maxDelayMs: source.pollMs * 2 },
        credentials: async () => ({
          accessKeyId: await resolveSecret(source.accessKey),
          secretAccessKey: await resolveSecret(source.secretKey),
          region: source.region,
        }),
      })
    case 'oci': {
      const [, registry = '', repository = '', reference = ''] = /^([^/]+)\/([^:@]+)[:@](.+)$/.exec(source.image) ?? []
      if (registry === '')
        throw new UnsupportedError(`the image ${source.image} is not written as registry/repository:tag`)
      return ociSource({
        registry: `https://${registry}`,
        repository,
        reference,
        headers: bearer(source.credential),
        poll: { minDelayMs: source.pollMs, maxDelayMs: source.pollMs * 2 },
        ...tlsOf(source.ca),
      })
    }
  }
}

function tlsOf(ca: string | undefined): { readonly tls?: { readonly ca: string } } {
  return ca === undefined ? {} : { tls: { ca: readFileSync(ca, 'utf8') } }
}

/** The shared state of a configuration. */
export async function storageOf(config: Config, bus?: ChangeBus): Promise<Storage> {
  const { storage } = config
  if (storage.kind === 'embedded') {
    makeFolder(dirname(storage.path), 0o700)
    return openEmbeddedStorage(storage.path, bus)
  }
  const { host, port, database, user, credential, tls, connectionsMax } = storage
  return openPostgresStorage({
    host,
    port,
    database,
    user,
    password: () => resolveSecret(credential),
    ssl: (await clientTls(tls, host)) ?? false,
    connectionsMax,
  })
}
