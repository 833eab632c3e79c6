// Names on the disk: a file that was synced can be lost all the same while the folder that names it was not.
import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Brings the names in a folder to the disk. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Brings the names in folders to the disk, as far as they let themselves be opened. */
export function syncFolders(...paths: readonly string[]): void {
  for (const path of paths) {
    try {
      syncFolder(path)
    } catch {
      // A folder that may not be read, above all the one around the recordings.
    }
  }
}
