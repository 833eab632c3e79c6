// Opens files of a recordings folder. Whoever can write there may have put a pipe, a device or an endless file in the
// place of a recording: nobody who opens one waits for it, and no more of it is read than it may have.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { RecordingError } from './error.ts'

/** Opens a file to read it; the open itself never waits. Throws RecordingError where there is no file to be read. */
export function openPlainFile(path: string): { readonly fd: number; readonly bytes: number } {
  const fd = openedToRead(path)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new RecordingError('unreadable', `${basename(path)} is no file`)
    return { fd, bytes: stat.size }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Opens a file to append to it, or makes it. Throws what the disk says, or RecordingError where it is no file. */
export function openForAppending(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600)
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  throw new RecordingError('unwritable', `${basename(path)} is no file`)
}

/** Reads a whole file of at most `bytesMax`. Throws RecordingError where there is none, or one that holds more. */
export function readPlainFile(path: string, bytesMax: number): Buffer {
  const { fd, bytes } = openPlainFile(path)
  try {
    if (bytes > bytesMax) throw new RecordingError('unreadable', `${basename(path)} holds more than it may`)
    const all = Buffer.allocUnsafe(bytes)
    let done = 0
    while (done < bytes) {
      const read = readSync(fd, all, done, bytes - done, done)
      // It was cut while it was read.
      if (read === 0) break
      done += read
    }
    return all.subarray(0, done)
  } finally {
    closeSync(fd)
  }
}

function openedToRead(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw new RecordingError('unreadable', `${basename(path)} cannot be read`, { cause })
  }
}
