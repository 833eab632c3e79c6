// A disk with a quota, for tests: writes through node:fs take from it, the last one only in part, and then the disk is
// full.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** A disk that can fill. */
export interface FullDisk {
  /** Bytes that can still be written. */
  quota(bytes: number): void
  /** Makes synced writes fail, as a disk that breaks does. */
  breakSyncs(broken: boolean): void
  /** Gives the real disk back. */
  restore(): void
}

/** Stands between the modules under test and the disk until it is restored. */
export function fullDisk(): FullDisk {
  const real = { writeSync: fs.writeSync, fdatasync: fs.fdatasync, fdatasyncSync: fs.fdatasyncSync }
  let left = Number.POSITIVE_INFINITY
  let broken = false
  const failure = (code: string): Error => Object.assign(new Error(`${code}: no disk`), { code })
  const writeSync = (
    fd: number,
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length - offset,
    at?: number,
  ): number => {
    if (left <= 0) throw failure('ENOSPC')
    const taken = Math.min(length, left)
    left -= taken
    return real.writeSync(fd, bytes, offset, taken, at ?? null)
  }
  Object.assign(fs, {
    writeSync,
    fdatasync: (fd: number, done: (error: Error | null) => void) =>
      broken ? setImmediate(done, failure('EIO')) : real.fdatasync(fd, done),
    fdatasyncSync: (fd: number) => {
      if (broken) throw failure('EIO')
      real.fdatasyncSync(fd)
    },
  })
  syncBuiltinESMExports()
  return {
    quota: (bytes) => {
      left = bytes
    },
    breakSyncs: (now) => {
      broken = now
    },
    restore: () => {
      Object.assign(fs, real)
      syncBuiltinESMExports()
    },
  }
}
