// A folder or a single archive on disk, watched. A save that is still being written never goes live: files count as whole
// when nothing has changed for a moment, and are read again when something changed while they were read. They are judged
// while that moment passes, so that the edit of one who waits for it is live at its end.
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { watch } from 'chokidar'
import {
  BundleError,
  type BundleFile,
  type BundleLimits,
  bundleLimits,
  readArchive,
  readFolder,
} from '../format/index.ts'
import type { BundleSource, DeliverySink } from './contract.ts'

/** What to watch. */
export interface DiskSourceConfig {
  readonly path: string
  /** A folder of policy files, or one `.tar.gz`. */
  readonly kind: 'folder' | 'file'
  readonly limits?: BundleLimits
  /** Quiet time before changed files count as whole. */
  readonly settleMs?: number
  /** Pause before what failed is tried again for the first time. */
  readonly retryMs?: number
}

const defaultSettleMs = 60
const rereadsMax = 50

/** One save is told as several changes; they are waited for before anything is read. */
const burstMs = 8

/**
 * Files that could not be read, or kept (no descriptors left, a mount that went, a full disk), are tried again: nothing
 * tells when they can be. Each pause is twice the one before.
 */
const retryMsFirst = 2000
const retryMsMax = 60_000

/** Files that take longer to judge are not judged before they are whole: a change in many parts would only be held up. */
const judgedAheadMs = 1000

/** A source on disk. */
export function diskSource(config: DiskSourceConfig): BundleSource {
  return new DiskSource(config)
}

class DiskSource implements BundleSource {
  readonly #config: DiskSourceConfig
  #sink: DeliverySink | undefined
  #watcher: ReturnType<typeof watch> | undefined
  #burst: NodeJS.Timeout | undefined
  #settling: NodeJS.Timeout | undefined
  #settled: ((whole: boolean) => void)[] = []
  #reading: Promise<void> | undefined
  #changes = 0
  #judged = -1
  #judgedMs = 0
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  /** What was last told of files that cannot be read; the same is told once. */
  #unread: string | undefined
  #closed = false

  constructor(config: DiskSourceConfig) {
    this.#config = config
  }

  start(sink: DeliverySink): void {
    this.#sink = sink
    this.#watcher = watch(this.#config.path, { ignoreInitial: true, followSymlinks: false })
    this.#watcher.on('all', () => this.#changed())
    this.#watcher.on('error', (error) =>
      sink.failed(error instanceof Error ? error : new Error('the folder cannot be watched')),
    )
    void this.refresh()
  }

  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#burst)
    clearTimeout(this.#retry)
    this.#settle(false)
    await this.#watcher?.close()
    await this.#reading
  }

  #changed(): void {
    this.#changes++
    this.#failures = 0
    this.#settle(false)
    if (this.#closed) return
    this.#settling = setTimeout(() => {
      this.#settle(true)
      if (this.#judged !== this.#changes) void this.refresh()
    }, this.#config.settleMs ?? defaultSettleMs)
    clearTimeout(this.#burst)
    if (this.#judgedMs <= judgedAheadMs) this.#burst = setTimeout(() => void this.refresh(), burstMs)
  }

  /** Tells who waits whether what was read is whole. */
  #settle(whole: boolean): void {
    clearTimeout(this.#settling)
    this.#settling = undefined
    for (const tell of this.#settled.splice(0)) tell(whole)
  }

  /** Whether nothing is told to change, for a moment, since so many changes. */
  #unchangedSince(changes: number): Promise<boolean> {
    if (this.#closed || this.#changes !== changes) return Promise.resolve(false)
    if (this.#settling === undefined) return Promise.resolve(true)
    return new Promise((tell) => this.#settled.push(tell))
  }

  /** Whether files that were read are all of a change. A watch may leave out a change soon after another: they are compared. */
  async #whole(files: readonly BundleFile[], changes: number): Promise<boolean> {
    if (this.#settling === undefined) return this.#unchangedSince(changes)
    if (!(await this.#unchangedSince(changes))) return false
    const now = await this.#files().catch(() => undefined)
    if (now === undefined || !sameFiles(files, now)) this.#changes++
    return this.#changes === changes && !this.#closed
  }

  async #quiet(): Promise<void> {
    while (!this.#closed && !(await this.#unchangedSince(this.#changes)));
  }

  async #read(): Promise<void> {
    const sink = this.#sink
    if (sink === undefined) return
    for (let attempt = 0; attempt < rereadsMax && !this.#closed; attempt++) {
      const before = this.#changes
      const files = await this.#files().catch((error: unknown) =>
        error instanceof Error ? error : new Error('unreadable'),
      )
      // What changed while it was read is half of two versions, and is read again once it is quiet.
      if (this.#changes !== before) {
        await this.#quiet()
        continue
      }
      const startedMs = performance.now()
      if (!(files instanceof Error)) {
        let answer: Promise<boolean> | undefined
        const whole = (): Promise<boolean> => (answer ??= this.#whole(files, before))
        this.#unread = undefined
        const activation = await sink.deliver({ files, etag: undefined, whole })
        if (!activation.live && !isOwnFault(activation.error)) this.#later()
      } else if (await this.#unchangedSince(before)) this.#failed(sink, files)
      if (this.#changes !== before) {
        await this.#quiet()
        continue
      }
      this.#judged = before
      this.#judgedMs = performance.now() - startedMs
      return
    }
  }

  #failed(sink: DeliverySink, error: Error): void {
    if (this.#unread !== error.message) sink.failed(error)
    this.#unread = error.message
    this.#later()
  }

  #later(): void {
    clearTimeout(this.#retry)
    if (this.#closed) return
    const pauseMs = (this.#config.retryMs ?? retryMsFirst) * 2 ** Math.min(this.#failures++, 10)
    this.#retry = setTimeout(() => void this.refresh(), Math.min(pauseMs, retryMsMax)).unref()
  }

  async #files(): Promise<readonly BundleFile[]> {
    const limits = this.#config.limits ?? bundleLimits
    if (this.#config.kind === 'folder') return readFolder(this.#config.path, limits)
    const before = await stamp(this.#config.path)
    const files = await readArchive(createReadStream(this.#config.path), limits)
    if ((await stamp(this.#config.path)) !== before) this.#changes++
    return files
  }
}

/** Whether a bundle is refused for what it is, and will be until it changes. */
function isOwnFault(error: Error): boolean {
  return error instanceof BundleError && error.code !== 'not_compiled'
}

function sameFiles(some: readonly BundleFile[], others: readonly BundleFile[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ path, bytes }, at) => {
      const other = others[at]
      return other !== undefined && other.path === path && Buffer.compare(bytes, other.bytes) === 0
    })
  )
}

async function stamp(path: string): Promise<string> {
  const status = await lstat(path, { bigint: true })
  return `${status.ino} ${status.size} ${status.mtimeNs}`
}
