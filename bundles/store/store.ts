// The live policy. Every delivery is verified, composed and loaded off to the side; only a whole success is swapped in,
// in one assignment. Whatever fails leaves the last good policy where it is, and says so.
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import { type RegoObject, type Turn, writeJson } from '../../rego/value/index.ts'
import {
  applyPatch,
  type Bundle,
  BundleError,
  type BundleFile,
  isDataFile,
  type Manifest,
  type PackageOf,
  readBundle,
  readDocuments,
} from '../format/index.ts'
import { type FileDigest, type SignedClaims, type Verification, verifyFiles } from '../signing/index.ts'
import type { Activation, BundleSource, Delivery } from '../source/index.ts'
import { compose } from './compose.ts'
import type { BundleStatus, LoadPolicy, NamedBundle, StoreEvent } from './contract.ts'
import { checkFreshness, expiryState, type Freshness, orderKey } from './freshness.ts'
import type { Keeper } from './keeper.ts'

/** One configured bundle. */
export interface BundleConfig {
  readonly name: string
  readonly source: BundleSource
  readonly verification: Verification | undefined
  readonly freshness: Freshness
}

/** What the store is made of. */
export interface StoreParts {
  readonly bundles: readonly BundleConfig[]
  readonly load: LoadPolicy
  readonly packageOf: PackageOf
  /** Hashes files of bundles: in this thread unless told otherwise. */
  readonly digest?: FileDigest
  readonly keeper: Keeper | undefined
  readonly nowMs: () => number
  readonly onEvent: (event: StoreEvent) => void
  /** How long a start waits for sources that do not answer, with a policy that was kept and without one. */
  readonly startWait?: { readonly withPolicyMs: number; readonly withoutMs: number }
  /** Told when the store is closed, after the last delivery was judged. */
  readonly closing?: () => Promise<void>
}

/** A version of one bundle that was verified and read. */
interface Version {
  readonly bundle: Bundle
  readonly claims: SignedClaims | undefined
  readonly etag: string | undefined
}

interface Slot {
  readonly config: BundleConfig
  live: Version | undefined
  /** The newest delivery, where it did not load beside the others: one of them may be what it needs, when it is another. */
  waiting: Version | undefined
  highest: string | undefined
  status: BundleStatus
}

type Versions = readonly (readonly [Slot, Version])[]

/** Documents are read for so long before others have their turn. */
const sliceMs = 5

const defaultStartWait = { withPolicyMs: 15_000, withoutMs: 60_000 }

/** Holds the one policy that decides, and replaces it whole. */
export class PolicyStore {
  readonly #parts: StoreParts
  readonly #slots: ReadonlyMap<string, Slot>
  readonly #retired = new Set<PolicyHost>()
  #host: PolicyHost | undefined
  /** Deliveries are judged one after the other, so that two bundles never swap over each other. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#slots = new Map(parts.bundles.map((config) => [config.name, newSlot(config)]))
  }

  /**
   * Loads what was kept, then starts all sources. Resolves when the first answer of every source was judged, or when it
   * is not to be waited for any longer: what was kept serves meanwhile, or nothing does.
   */
  async start(): Promise<void> {
    await this.#loadKept()
    for (const slot of this.#slots.values()) {
      slot.config.source.start({
        deliver: (delivery) => this.#enqueue(() => this.#judge(slot, delivery)),
        // What is there is what is live: what was wrong meanwhile, with the source or with what it had, is so no more.
        unchanged: () => {
          const now = this.#now()
          slot.waiting = undefined
          slot.status = { ...withoutFault(slot.status), last_request: now, last_successful_request: now }
        },
        failed: (error) => {
          this.#note(slot, { last_request: this.#now(), code: 'source_failed', message: error.message })
          this.#parts.onEvent({ on: 'source_failed', bundle: slot.config.name, message: error.message })
        },
      })
    }
    const { withPolicyMs, withoutMs } = this.#parts.startWait ?? defaultStartWait
    await atMost(this.ready() ? withPolicyMs : withoutMs, this.refresh())
  }

  /** The policy that decides now. Take it once an action: the next action may have another. */
  current(): PolicyHost | undefined {
    for (const slot of this.#slots.values()) {
      if (
        slot.live !== undefined &&
        expiryState(ageOf(slot.live), slot.config.freshness, this.#parts.nowMs()) === 'expired'
      )
        return undefined
    }
    return this.#host
  }

  /** True when every configured bundle is live and none is past its grace. */
  ready(): boolean {
    return [...this.#slots.values()].every((slot) => slot.live !== undefined) && this.current() !== undefined
  }

  /** How each bundle stands. */
  status(): readonly BundleStatus[] {
    return [...this.#slots.values()].map((slot) => ({ ...slot.status, expiry: this.#expiry(slot) }))
  }

  /** Asks all sources now. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.config.source.refresh()))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.config.source.close()))
    await this.#queue.catch(() => undefined)
    await this.#parts.closing?.()
    for (const host of this.#retired) host.close()
    this.#host?.close()
    this.#host = undefined
  }

  async #loadKept(): Promise<void> {
    const { keeper } = this.#parts
    if (keeper === undefined) return
    for (const slot of this.#slots.values()) {
      const { kept, highest } = await keeper.read(slot.config.name)
      slot.highest = highest
      if (kept === undefined) continue
      await this.#enqueue(() => this.#judge(slot, { files: kept.files, etag: kept.etag }))
    }
  }

  #enqueue(work: () => Promise<Activation>): Promise<Activation> {
    const done = this.#queue.then(work, work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #judge(slot: Slot, delivery: Delivery): Promise<Activation> {
    const started = this.#parts.nowMs()
    this.#note(slot, {
      last_request: this.#now(),
      last_successful_request: this.#now(),
      last_successful_download: this.#now(),
    })
    let version: Version | undefined
    try {
      version = { ...(await this.#check(slot, delivery.files)), etag: delivery.etag }
      const { host, versions } = await this.#load(slot, version)
      if ((await delivery.whole?.()) === false) {
        host?.close()
        return superseded()
      }
      await this.#take(versions)
      if (host !== undefined) this.#swap(host, started)
      return { live: true }
    } catch (error) {
      // What is wrong with half of a change is nobody's mistake.
      if ((await delivery.whole?.()) === false) return superseded()
      slot.waiting = version
      const code = error instanceof BundleError ? error.code : 'load_failed'
      const message = error instanceof Error ? error.message : 'the bundle cannot be loaded'
      this.#note(slot, { code, message })
      this.#parts.onEvent({ on: 'refused', bundle: slot.config.name, code, message })
      return { live: false, error: error instanceof Error ? error : new Error(message) }
    }
  }

  /**
   * Loads a version beside the others. Versions of other bundles that wait are tried with it: bundles that were changed
   * together load together. Without a host where a bundle has not come yet. Throws why the version does not load alone.
   */
  async #load(slot: Slot, version: Version): Promise<{ readonly host?: PolicyHost; readonly versions: Versions }> {
    const waiting = [...this.#slots.values()].flatMap((one): Versions[number][] =>
      one === slot || one.waiting === undefined || !this.#isFresh(one, one.waiting) ? [] : [[one, one.waiting]],
    )
    const together = waiting.length > 1 ? [waiting, ...waiting.map((one) => [one])] : waiting.map((one) => [one])
    for (const others of together) {
      try {
        return await this.#loadAll([[slot, version], ...others])
      } catch {
        // What waited may be wrong by itself.
      }
    }
    return this.#loadAll([[slot, version]])
  }

  async #loadAll(versions: Versions): Promise<{ readonly host?: PolicyHost; readonly versions: Versions }> {
    const changed = new Map(versions)
    const composition = compose(
      [...this.#slots].flatMap(([name, slot]): readonly NamedBundle[] => {
        const bundle = (changed.get(slot) ?? slot.live)?.bundle
        return bundle === undefined ? [] : [{ name, bundle }]
      }),
    )
    if (composition.bundles.length < this.#slots.size) return { versions }
    return { host: await this.#parts.load(composition), versions }
  }

  /** Keeps versions on disk, and only when all are there they are the live ones. */
  async #take(versions: Versions): Promise<void> {
    const kept = versions.map(([slot, version]) => {
      const { bundle, claims } = version
      const highest = orderKey({ revision: bundle.manifest.revision, claims }, slot.config.freshness.order)
      return { slot, version, highest }
    })
    for (const { slot, version, highest } of kept)
      await this.#parts.keeper?.keep(slot.config.name, { files: version.bundle.files, etag: version.etag, highest })
    for (const { slot, version, highest } of kept) {
      slot.live = version
      slot.waiting = undefined
      slot.highest = highest
      slot.status = {
        ...withoutFault(slot.status),
        type: version.bundle.patch === undefined ? 'snapshot' : 'delta',
        active_revision: version.bundle.manifest.revision,
        last_successful_activation: this.#now(),
      }
    }
  }

  #isFresh(slot: Slot, { bundle, claims }: Version): boolean {
    try {
      const age = { revision: bundle.manifest.revision, claims }
      checkFreshness(age, slot.highest, slot.config.freshness, this.#parts.nowMs())
      return true
    } catch {
      return false
    }
  }

  async #check(
    slot: Slot,
    files: readonly BundleFile[],
  ): Promise<{ readonly bundle: Bundle; readonly claims: SignedClaims | undefined }> {
    const nowMs = this.#parts.nowMs()
    // Nothing is parsed, neither data nor Rego, of what nobody has signed.
    const claims = await verifyFiles(files, slot.config.verification, nowMs, this.#parts.digest)
    const delivered = readBundle(files, this.#parts.packageOf, await readDocuments(files, inTurns()))
    if (delivered.patch !== undefined) return { bundle: this.#patched(slot, delivered), claims: slot.live?.claims }
    checkFreshness({ revision: delivered.manifest.revision, claims }, slot.highest, slot.config.freshness, nowMs)
    return { bundle: delivered, claims }
  }

  /** A delta carries no signature, so it is only taken where none is asked for. */
  #patched(slot: Slot, delta: Bundle): Bundle {
    if (slot.config.verification !== undefined)
      throw new BundleError('signature_missing', 'a delta bundle cannot be signed, and this bundle must be')
    const base = slot.live?.bundle
    if (base === undefined || delta.patch === undefined)
      throw new BundleError('bad_patch', 'a delta bundle came before any snapshot')
    const sameRoots =
      delta.manifest.roots.length === base.manifest.roots.length &&
      delta.manifest.roots.every((root) => base.manifest.roots.includes(root))
    if (delta.files.some((file) => file.path === '.manifest') && !sameRoots)
      throw new BundleError('bad_patch', 'a delta bundle has other roots than its snapshot')
    checkFreshness(
      { revision: delta.manifest.revision, claims: undefined },
      slot.highest,
      slot.config.freshness,
      this.#parts.nowMs(),
    )
    const data = applyPatch(base.data, delta.patch)
    const manifest = { ...base.manifest, revision: delta.manifest.revision, metadata: delta.manifest.metadata }
    return { ...base, manifest, data, files: patchedFiles(base, data, manifest) }
  }

  #swap(host: PolicyHost, startedMs: number): void {
    const before = this.#host
    this.#host = host
    // Whoever took the old host for a decision is synchronous and done; one generation is kept for what holds it longer.
    for (const retired of this.#retired) retired.close()
    this.#retired.clear()
    if (before !== undefined) this.#retired.add(before)
    this.#parts.onEvent({
      on: 'swapped',
      revision: host.revision,
      digest: host.digest,
      tookMs: this.#parts.nowMs() - startedMs,
    })
  }

  #note(slot: Slot, change: Partial<BundleStatus>): void {
    slot.status = { ...slot.status, ...change }
  }

  #expiry(slot: Slot): BundleStatus['expiry'] {
    return slot.live === undefined ? 'fresh' : expiryState(ageOf(slot.live), slot.config.freshness, this.#parts.nowMs())
  }

  #now(): string {
    return new Date(this.#parts.nowMs()).toISOString()
  }
}

function ageOf(live: NonNullable<Slot['live']>): {
  readonly revision: string
  readonly claims: SignedClaims | undefined
} {
  return { revision: live.bundle.manifest.revision, claims: live.claims }
}

/** The files of a snapshot that says what base and delta say together, so that what is kept on disk is whole. */
function patchedFiles(base: Bundle, data: RegoObject, manifest: Manifest): readonly BundleFile[] {
  const rest = base.files.filter((file) => !isDataFile(file.path) && file.path !== '.manifest')
  const written = {
    revision: manifest.revision,
    roots: manifest.roots,
    metadata: manifest.metadata,
    ...(manifest.wasm.length > 0 ? { wasm: manifest.wasm } : {}),
    ...(manifest.regoVersion === undefined ? {} : { rego_version: manifest.regoVersion }),
    ...(manifest.fileRegoVersions.length > 0
      ? {
          file_rego_versions: Object.fromEntries(manifest.fileRegoVersions.map(({ glob, version }) => [glob, version])),
        }
      : {}),
  }
  return [
    ...rest,
    { path: 'data.json', bytes: Buffer.from(writeJson(data)) },
    { path: '.manifest', bytes: Buffer.from(JSON.stringify(written)) },
  ]
}

/** Leaves the thread to others whenever it was used for so long. */
function inTurns(): Turn {
  let since = performance.now()
  return () => {
    if (performance.now() - since < sliceMs) return undefined
    return new Promise((resume) => {
      setImmediate(() => {
        since = performance.now()
        resume()
      })
    })
  }
}

async function atMost(waitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs)
  })
  await Promise.race([work, waited])
  clearTimeout(timer)
}

function superseded(): Activation {
  return { live: false, error: new BundleError('superseded', 'the files changed while they were judged') }
}

function withoutFault(status: BundleStatus): BundleStatus {
  const { code: _code, message: _message, ...rest } = status
  return rest
}

function newSlot(config: BundleConfig): Slot {
  return {
    config,
    live: undefined,
    waiting: undefined,
    highest: undefined,
    status: {
      name: config.name,
      type: 'snapshot',
      active_revision: '',
      last_request: '',
      last_successful_request: '',
      last_successful_download: '',
      last_successful_activation: '',
      expiry: 'fresh',
    },
  }
}
