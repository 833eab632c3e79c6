// The policy store of the kill test, in the process that is killed and in the one that looks at what it left.
import { httpSource } from '../../bundles/source/index.ts'
import {
  CompilerThread,
  Keeper,
  type LoaderParts,
  loadPolicy,
  loadPolicyAside,
  PolicyStore,
  packageOfModule,
  type StoreEvent,
} from '../../bundles/store/index.ts'

/** The key that signs the bundles of the kill test. */
export const killKey = { key: 'the key of the kill test', algorithm: 'HS256' } as const

const parts: LoaderParts = {
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
  random: (length) => new Uint8Array(length),
}

/** A store on one signed bundle of ordered revisions, fetched over HTTP and kept below a folder. */
export function killedStore(options: {
  readonly folder: string
  readonly url: string
  readonly pollMs: number
  readonly onEvent: (event: StoreEvent) => void
  /** Compiles on a thread, as a gateway does; else in this one, which starts sooner. */
  readonly aside: boolean
}): PolicyStore {
  const compiler = options.aside ? new CompilerThread() : undefined
  return new PolicyStore({
    bundles: [
      {
        name: 'main',
        source: httpSource({ url: options.url, poll: { minDelayMs: options.pollMs, maxDelayMs: options.pollMs } }),
        verification: {
          keys: new Map([['k', killKey]]),
          keyId: 'k',
          scope: '',
          excludeFiles: [],
          allowWeakHashes: false,
        },
        freshness: { order: 'integer', expiryGraceMs: 0, requireExpiry: false },
      },
    ],
    load: (composition) =>
      compiler === undefined
        ? Promise.resolve(loadPolicy(composition, parts))
        : loadPolicyAside(composition, parts, compiler.compile),
    packageOf: packageOfModule,
    keeper: new Keeper(options.folder),
    nowMs: Date.now,
    onEvent: options.onEvent,
    closing: () => compiler?.close() ?? Promise.resolve(),
  })
}
