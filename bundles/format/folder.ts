// Reads a bundle from a folder. Links are refused: what they point at is not part of the folder.
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BundleError } from './error.ts'
import { type BundleLimits, bundleLimits } from './limits.ts'
import { checkPath } from './paths.ts'
import type { BundleFile } from './tar.ts'

/** Names of folders that hold no policy and are passed over. */
const passedOver = new Set(['.git', 'node_modules'])

/** The files of a folder, sorted by path. Throws BundleError. */
export async function readFolder(folder: string, limits: BundleLimits = bundleLimits): Promise<readonly BundleFile[]> {
  const files: BundleFile[] = []
  let total = 0
  let entries = 0
  const visit = async (relative: string): Promise<void> => {
    const names = await list(join(folder, relative))
    for (const name of names) {
      if (++entries > limits.entriesMax)
        throw new BundleError('too_many_entries', `the folder has more than ${limits.entriesMax} entries`)
      const path = checkPath(relative === '' ? name : `${relative}/${name}`, limits)
      const full = join(folder, path)
      const status = await lstat(full).catch(unreadable)
      if (status.isSymbolicLink()) throw new BundleError('link', `${JSON.stringify(path)} is a link`)
      if (status.isDirectory()) {
        if (!passedOver.has(name)) await visit(path)
        continue
      }
      if (!status.isFile())
        throw new BundleError('special_file', `${JSON.stringify(path)} is neither a file nor a folder`)
      if (status.size > limits.fileBytesMax)
        throw new BundleError('file_too_large', `${JSON.stringify(path)} is larger than ${limits.fileBytesMax} bytes`)
      total += status.size
      if (total > limits.unpackedBytesMax)
        throw new BundleError('archive_too_large', `the folder holds more than ${limits.unpackedBytesMax} bytes`)
      files.push({ path, bytes: await readFile(full).catch(unreadable) })
    }
  }
  await visit('')
  return files
}

async function list(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(unreadable)
  return names.sort()
}

function unreadable(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  throw new BundleError('unreadable', `the bundle's folder cannot be read${code}`, { cause })
}
