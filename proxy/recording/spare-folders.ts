// Folders with the first file of sessions to come, made by the thread that syncs: a session that opens gives one of them
// its name, which takes an eighth of the time. Where there is none, or it went away, a session makes its own.
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const prefix = 'next-'
/** Folders that wait at the most: more than the sessions that begin while one round of the thread lasts. */
const sparesMax = 8

/** What the thread that makes them is given. */
export interface SparePlaces {
  /** For each folder the open file in it and one more, or 0 where one is to be made. The last says that any is. */
  readonly places: Int32Array
  /** Where they stand: this and the number of the place. */
  readonly base: string
  /** The name of the file in each. */
  readonly file: string
}

/** The folders that wait. */
export class SpareFolders implements SparePlaces {
  readonly places: Int32Array = new Int32Array(new SharedArrayBuffer((sparesMax + 1) * 4))
  readonly base: string
  readonly file: string
  readonly #folder: string

  /** `folder` is where they wait. What a gateway that died left there is removed. */
  constructor(folder: string, file: string) {
    this.#folder = folder
    this.file = file
    this.#removeAll()
    // Names of their own: whoever else takes this folder for its own must not find them.
    this.base = join(folder, `${prefix}${randomUUID()}-`)
  }

  /** Gives one of them a session's name, and tells the open file; undefined where none waits, or the name is taken. */
  take(path: string): number | undefined {
    const { places } = this
    for (let place = 0; place < sparesMax; place++) {
      const fd = Atomics.exchange(places, place, 0) - 1
      if (fd < 0) continue
      Atomics.store(places, sparesMax, 1)
      try {
        renameSync(`${this.base}${place}`, path)
        return fd
      } catch {
        closeSync(fd)
        return undefined
      }
    }
    Atomics.store(places, sparesMax, 1)
    return undefined
  }

  /** Removes what waits, once no thread makes more. */
  close(): void {
    for (let place = 0; place < sparesMax; place++) {
      const fd = Atomics.exchange(this.places, place, 0) - 1
      if (fd >= 0) closeSync(fd)
    }
    this.#removeAll()
  }

  #removeAll(): void {
    try {
      for (const name of existsSync(this.#folder) ? readdirSync(this.#folder) : [])
        if (name.startsWith(prefix)) rmSync(join(this.#folder, name), { recursive: true, force: true })
    } catch {
      // An empty folder beside the sessions is in nobody's way.
    }
  }
}
