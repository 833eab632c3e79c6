// A folder or a single archive on disk, watched. A save that is still being written never goes live: files are read
// when nothing has changed for a moment, and again when something changed while they were read.
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { watch } from 'chokidar'
import { type BundleFile, type BundleLimits, bundleLimits, readArchive, readFolder } from '../format/index.ts'
import type { BundleSource, DeliverySink } from './contract.ts'

/** What to watch. */
export interface DiskSourceConfig {
  readonly path: string
  /** A folder of policy files, or one `.tar.gz`. */
  readonly kind: 'folder' | 'file'
  readonly limits?: BundleLimits
  /** Quiet time before changed files are read. */
  readonly settleMs?: number
}

const defaultSettleMs = 60
const rereadsMax = 50

/** A source on disk. */
export function diskSource(config: DiskSourceConfig): BundleSource {
  return new DiskSource(config)
}

class DiskSource implements BundleSource {
  readonly #config: DiskSourceConfig
  #sink: DeliverySink | undefined
  #watcher: ReturnType<typeof watch> | undefined
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined
  #changes = 0
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
    clearTimeout(this.#timer)
    await this.#watcher?.close()
    await this.#reading
  }

  #changed(): void {
    this.#changes++
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => void this.refresh(), this.#config.settleMs ?? defaultSettleMs)
  }

  async #read(): Promise<void> {
    const sink = this.#sink
    if (sink === undefined) return
    for (let attempt = 0; attempt < rereadsMax && !this.#closed; attempt++) {
      const before = this.#changes
      const files = await this.#files().catch((error: unknown) =>
        error instanceof Error ? error : new Error('unreadable'),
      )
      // What changed while it was read is half of two versions; the change itself asks for another read.
      if (this.#changes !== before) continue
      if (files instanceof Error) sink.failed(files)
      else await sink.deliver({ files, etag: undefined })
      if (this.#changes === before) return
    }
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

async function stamp(path: string): Promise<string> {
  const status = await lstat(path, { bigint: true })
  return `${status.ino} ${status.size} ${status.mtimeNs}`
}
