// Reads a bundle from a folder. Links are refused: what they point at is not part of the folder. Except for those of a
// volume that Kubernetes mounts (ConfigMap, Secret): its files are links through `..data`, which is one link to a folder
// beside it and is replaced when any of them changes.
import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { BundleError } from './error.ts'
import { type BundleLimits, bundleLimits } from './limits.ts'
import { checkPath } from './paths.ts'
import type { BundleFile } from './tar.ts'

/** Names of folders that hold no policy and are passed over. */
const passedOver = new Set(['.git', 'node_modules'])

/** What all links of a mounted volume lead through. */
const volumeLink = '..data'
/** A volume that changes as often as this while it is read is not read. */
const readingsMax = 5

/** The files of a folder, sorted by path. Throws BundleError. */
export async function readFolder(folder: string, limits: BundleLimits = bundleLimits): Promise<readonly BundleFile[]> {
  for (let reading = 0; reading < readingsMax; reading++) {
    const before = await volumeOf(folder)
    const files = await readOnce(folder, before, limits).catch((error: unknown) => toError(error))
    // What was read while the link was replaced is half of two versions.
    if ((await volumeOf(folder)) !== before) continue
    if (files instanceof Error) throw files
    return files
  }
  throw new BundleError('unreadable', `the bundle's folder changed while it was read, ${readingsMax} times`)
}

async function readOnce(
  folder: string,
  volume: string | undefined,
  limits: BundleLimits,
): Promise<readonly BundleFile[]> {
  const root = await realpath(folder).catch(unreadable)
  const files: BundleFile[] = []
  let total = 0
  let entries = 0
  const visit = async (relative: string): Promise<void> => {
    const names = await list(join(folder, relative))
    for (const name of names) {
      if (++entries > limits.entriesMax)
        throw new BundleError('too_many_entries', `the folder has more than ${limits.entriesMax} entries`)
      // Where a volume keeps what its links lead to, led to, and are about to lead to.
      if (relative === '' && volume !== undefined && name.startsWith('..')) continue
      const path = checkPath(relative === '' ? name : `${relative}/${name}`, limits)
      const full = join(folder, path)
      let status = await lstat(full).catch(unreadable)
      if (status.isSymbolicLink() && relative === '' && volume !== undefined) {
        const target = await realpath(full).catch(unreadable)
        if (target.startsWith(join(root, volume) + sep)) status = await lstat(target).catch(unreadable)
      }
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

/** The folder that a mounted volume's files are in now, by its name; undefined for every other folder. */
async function volumeOf(folder: string): Promise<string | undefined> {
  const target = await readlink(join(folder, volumeLink)).catch(() => undefined)
  return target?.startsWith('..') === true && target.length > 2 && !target.includes(sep) ? target : undefined
}

async function list(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(unreadable)
  return names.sort()
}

function unreadable(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  throw new BundleError('unreadable', `the bundle's folder cannot be read${code}`, { cause })
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('unreadable', { cause: error })
}
