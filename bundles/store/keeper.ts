// The last known good of each bundle, kept on disk: archives named by their own hash, and one file that says which of
// them is the last. That file is renamed into place, so that a crash leaves the version before or the version after.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BundleFile, type BundleLimits, bundleLimits, readArchive, writeArchiveAside } from '../format/index.ts'
import { makeFolderSoon } from './make-folder.ts'

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
  /** What is known to stand on disk, by name: keeping it again writes nothing. */
  readonly #standing = new Map<string, string>()

  constructor(folder: string, limits: BundleLimits = bundleLimits) {
    this.#folder = folder
    this.#limits = limits
  }

  /** Keeps a bundle that goes live. Nothing of it counts before the state file names it. */
  async keep(name: string, kept: Kept): Promise<void> {
    const folder = this.#folderOf(name)
    const archive = await writeArchiveAside(kept.files)
    const state = { etag: kept.etag, highest: kept.highest, sha256: createHash('sha256').update(archive).digest('hex') }
    const text = JSON.stringify(state)
    if (this.#standing.get(name) === text) return
    this.#standing.delete(name)
    await makeFolderSoon(folder, 0o700)
    await writeWhole(folder, archiveName(state.sha256), archive)
    await writeWhole(folder, stateName, Buffer.from(text))
    this.#standing.set(name, text)
    const past = (await readdir(folder)).filter((entry) => entry !== stateName && entry !== archiveName(state.sha256))
    await Promise.all(past.map((entry) => rm(join(folder, entry), { force: true })))
  }

  /** What was kept, or undefined. An archive that is damaged is as good as none; the mark survives it. */
  async read(name: string): Promise<{ readonly kept: Kept | undefined; readonly highest: string | undefined }> {
    const { etag, highest, sha256 } = await this.#state(name)
    if (sha256 === undefined || !isHash(sha256)) return { kept: undefined, highest }
    try {
      const archive = createReadStream(join(this.#folderOf(name), archiveName(sha256)))
      const files = await readArchive(archive, this.#limits)
      const whole =
        createHash('sha256')
          .update(await writeArchiveAside(files))
          .digest('hex') === sha256
      if (whole) this.#standing.set(name, JSON.stringify({ etag, highest, sha256 }))
      return { kept: whole ? { files, etag, highest } : undefined, highest }
    } catch {
      return { kept: undefined, highest }
    }
  }

  async forget(name: string): Promise<void> {
    this.#standing.delete(name)
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

const stateName = 'state.json'

function archiveName(sha256: string): string {
  return `${sha256}.tar.gz`
}

/** The name of a file comes out of the state file: nothing but a hash is one. */
function isHash(text: string): boolean {
  return text.length === 64 && [...text].every((digit) => '0123456789abcdef'.includes(digit))
}

async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const aside = join(folder, `${name}.new`)
  const handle = await open(aside, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, join(folder, name))
  const place = await open(folder, 'r')
  try {
    await place.sync()
  } finally {
    await place.close()
  }
}
