// Recordings in a folder. A name appears when all of its bytes are on the disk.
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { RecordingError } from './error.ts'
import type { RecordingStore, StoredObject } from './store.ts'

/** What a file is called until it is whole. */
const partial = '.partial'

/** A store in a folder. */
export class FolderStore implements RecordingStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write(name, async (path) => {
      const file = await open(path, 'w', 0o600)
      try {
        await file.writeFile(bytes)
        await file.datasync()
      } finally {
        await file.close()
      }
    })
  }

  async putFile(name: string, from: string): Promise<void> {
    await this.#write(name, async (path) => {
      // Nothing is begun in the store for a file that cannot be read.
      const source = await open(from)
      await pipeline(source.createReadStream(), createWriteStream(path, { mode: 0o600, flush: true }))
      if ((await stat(path)).size !== (await stat(from)).size) throw new Error('it was not copied whole')
    })
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const found: StoredObject[] = []
    try {
      // Only the folder that the prefix names has to be looked at.
      const folder = this.#path(prefix.slice(0, prefix.lastIndexOf('/') + 1))
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath ?? entry.path, entry.name)
        const name = relative(this.#root, path).split(sep).join('/')
        if (!entry.isFile() || name.endsWith(partial) || !name.startsWith(prefix)) continue
        found.push({ name, bytes: (await stat(path)).size })
      }
    } catch (cause) {
      if (!isMissing(cause)) throw new RecordingError('unreadable', 'the recordings cannot be listed', { cause })
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async get(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#path(name))
    } catch (cause) {
      if (isMissing(cause)) return undefined
      throw new RecordingError('unreadable', `${name} cannot be read`, { cause })
    }
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name)
    try {
      await rm(path, { force: true })
    } catch (cause) {
      throw new RecordingError('unwritable', `${name} cannot be removed`, { cause })
    }
    // A folder goes with the last that was in it.
    await rmdir(dirname(path)).catch(() => undefined)
  }

  async #write(name: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = this.#path(name)
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await write(`${path}${partial}`)
      await rename(`${path}${partial}`, path)
    } catch (cause) {
      throw new RecordingError('unwritable', `${name} cannot be kept`, { cause })
    }
  }

  #path(name: string): string {
    const parts = name.split('/')
    if (parts.some((part) => part === '..' || part === '.' || part.includes('\0') || part.includes(sep)))
      throw new RecordingError('unreadable', 'a name leads out of the recordings')
    return join(this.#root, ...parts)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
