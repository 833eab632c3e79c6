// Paths inside a bundle: relative, with forward slashes, without anything that could name a file elsewhere.
import { BundleError } from './error.ts'
import type { BundleLimits } from './limits.ts'

/** The path without its leading `/` or `./`, checked. Throws BundleError for every path that is not plain. */
export function checkPath(raw: string, limits: BundleLimits): string {
  if (Buffer.byteLength(raw) > limits.pathBytesMax)
    throw new BundleError('path_too_long', `a path is longer than ${limits.pathBytesMax} bytes`)
  let path = raw
  if (path.startsWith('./')) path = path.slice(2)
  else if (path.startsWith('/')) path = path.slice(1)
  const shown = JSON.stringify(raw)
  if (path === '') throw new BundleError('bad_path', `${shown} names no file`)
  const segments = path.split('/')
  if (segments.length > limits.pathDepthMax)
    throw new BundleError('path_too_deep', `${shown} is nested deeper than ${limits.pathDepthMax}`)
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..')
      throw new BundleError('bad_path', `${shown} is not a plain path`)
  }
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at)
    if (code < 32 || code === 127 || code === 92 || (code === 58 && at === 1)) {
      throw new BundleError('bad_path', `${shown} holds a character that no bundle path has`)
    }
  }
  return path
}

/** The last segment of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The segments of the folder that holds the file. */
export function folderOf(path: string): readonly string[] {
  return path.split('/').slice(0, -1)
}
