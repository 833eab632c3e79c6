// The last known good of each bundle, kept on disk: the archive, and what was known of it. Written aside, synced, then
// renamed, so that a crash leaves the version before or the version after and never a mixture.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BundleFile, type BundleLimits, bundleLimits, readArchive, writeArchive } from '../format/index.ts'

/** What is kept beside the archive. */
export interface Kept {
  readonly files: readonly BundleFile[]
  readonly etag: string | undefined
  /** The highest order key that was ever live; never goes down, even when the archive is lost. */
  readonly highest: string | undefined
}

const stateBytesMax = 64 * 1024

/** Keeps bundles below one folder. */
export class Keeper {
  readonly #folder: string
  readonly #limits: BundleLimits

  constructor(folder: string, limits: BundleLimits = bundleLimits) {
    this.#folder = folder
    this.#limits = limits
  }

  /** Keeps a bundle that went live. The high-water mark is written first: a crash in between can only refuse more. */
  async keep(name: string, kept: Kept): Promise<void> {
    const folder = this.#folderOf(name)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const archive = writeArchive(kept.files)
    const state = { etag: kept.etag, highest: kept.highest, sha256: createHash('sha256').update(archive).digest('hex') }
    const current = await this.#state(name)
    await writeWhole(join(folder, 'state.json'), Buffer.from(JSON.stringify({ ...current, highest: kept.highest })))
    await writeWhole(join(folder, 'bundle.tar.gz'), archive)
    await writeWhole(join(folder, 'state.json'), Buffer.from(JSON.stringify(state)))
  }

  /** What was kept, or undefined. An archive that does not read is as good as none; the mark survives it. */
  async read(name: string): Promise<{ readonly kept: Kept | undefined; readonly highest: string | undefined }> {
    const state = await this.#state(name)
    try {
      const files = await readArchive(createReadStream(join(this.#folderOf(name), 'bundle.tar.gz')), this.#limits)
      const whole = createHash('sha256').update(writeArchive(files)).digest('hex') === state.sha256
      return { kept: { files, etag: whole ? state.etag : undefined, highest: state.highest }, highest: state.highest }
    } catch {
      return { kept: undefined, highest: state.highest }
    }
  }

  async forget(name: string): Promise<void> {
    await rm(this.#folderOf(name), { recursive: true, force: true })
  }

  async #state(name: string): Promise<{ readonly etag?: string; readonly highest?: string; readonly sha256?: string }> {
    try {
      const text = await readFile(join(this.#folderOf(name), 'state.json'), 'utf8')
      if (text.length > stateBytesMax) return {}
      const value: unknown = JSON.parse(text)
      if (typeof value !== 'object' || value === null) return {}
      const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      return Object.fromEntries(texts)
    } catch {
      return {}
    }
  }

  /** Names come from configuration, yet never become paths by themselves. */
  #folderOf(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex').slice(0, 32))
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.new`
  const handle = await open(aside, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, path)
}
