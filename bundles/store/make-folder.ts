// Makes folders. Node's own way to make those above as well never ends where the folder above is there and takes none,
// as below /proc.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder and those it is in, as far as they are not there. Throws what the system says. */
export function makeFolder(path: string, mode?: number): void {
  for (const one of missingOf(path)) {
    try {
      mkdirSync(one, mode)
    } catch (error) {
      if (!isThere(error, one)) throw error
    }
  }
}

/** The same without holding anybody up. */
export async function makeFolderSoon(path: string, mode?: number): Promise<void> {
  for (const one of missingOf(path)) {
    try {
      await mkdir(one, mode)
    } catch (error) {
      if (!isThere(error, one)) throw error
    }
  }
}

/** The folders on a way that are not there, the highest first; the last of it always among them. */
function missingOf(path: string): readonly string[] {
  const missing = [path]
  for (let place = dirname(path); !existsSync(place) && place !== dirname(place); place = dirname(place))
    missing.unshift(place)
  return missing
}

/** Whether it was there, or somebody made it meanwhile. */
function isThere(error: unknown, path: string): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST' && statSync(path).isDirectory()
}
