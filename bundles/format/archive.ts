// Reads a `.tar.gz` bundle from any stream of bytes, within limits on what comes in and what it unpacks to.
import { once } from 'node:events'
import { createGunzip } from 'node:zlib'
import { BundleError } from './error.ts'
import { type BundleLimits, bundleLimits } from './limits.ts'
import { type BundleFile, TarReader } from './tar.ts'

const ratioCheckedFromBytes = 1024 * 1024

/** The files of an archive. Throws BundleError; nothing is kept of an archive that breaks a limit. */
export async function readArchive(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: BundleLimits = bundleLimits,
): Promise<readonly BundleFile[]> {
  const reader = new TarReader(limits)
  const gunzip = createGunzip()
  let packed = 0
  let unpacked = 0
  let failure: unknown
  gunzip.on('data', (chunk: Uint8Array) => {
    if (failure !== undefined) return
    try {
      unpacked += chunk.length
      // Padding and headers count too, hence the slack for each entry.
      if (unpacked > limits.unpackedBytesMax + limits.entriesMax * 1536) {
        throw new BundleError('archive_too_large', `the archive unpacks to more than ${limits.unpackedBytesMax} bytes`)
      }
      if (unpacked > ratioCheckedFromBytes && unpacked > packed * limits.ratioMax) {
        throw new BundleError('ratio_too_high', `the archive unpacks to more than ${limits.ratioMax} times its size`)
      }
      reader.push(chunk)
    } catch (error) {
      failure = error
      gunzip.destroy()
    }
  })
  const ended = new Promise<void>((resolve) => {
    gunzip.on('end', resolve)
    gunzip.on('close', resolve)
    gunzip.on('error', (cause) => {
      failure ??= new BundleError('bad_gzip', 'the archive is not intact gzip', { cause })
      resolve()
    })
  })
  for await (const chunk of source) {
    if (failure !== undefined) break
    if (packed === 0 && chunk.length > 0 && chunk[0] !== 0x1f)
      throw new BundleError('not_gzip', 'the bundle is not a gzip archive')
    packed += chunk.length
    if (packed > limits.archiveBytesMax) {
      failure = new BundleError('archive_too_large', `the archive is larger than ${limits.archiveBytesMax} bytes`)
      break
    }
    if (!gunzip.write(chunk)) await Promise.race([once(gunzip, 'drain').catch(() => undefined), ended])
  }
  if (packed === 0) throw new BundleError('not_gzip', 'the bundle is empty')
  if (failure === undefined) gunzip.end()
  else gunzip.destroy()
  await ended
  if (failure !== undefined) throw failure
  return reader.end()
}
