// `sallyport policy verify`: whether a bundle is what somebody signed.
import { createReadStream } from 'node:fs'
import { BundleError, bundleLimits, readArchive } from '../../bundles/format/index.ts'
import { verifyFiles } from '../../bundles/signing/index.ts'
import { verificationFlags, verificationOf } from './keys.ts'
import { readOptions, UsageError } from './options.ts'
import { SourceError } from './sources.ts'

/** Runs `verify`. */
export async function verify(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    ...verificationFlags,
    'signing-alg': { type: 'string' },
    scope: { type: 'string' },
  })
  const [path, ...more] = options.paths
  if (path === undefined || more.length > 0 || options.values['verification-key'] === undefined)
    throw new UsageError('name one bundle and its `--verification-key`')
  const verification = verificationOf(options)
  try {
    await verifyFiles(await readArchive(createReadStream(path), bundleLimits), verification, Date.now())
  } catch (error) {
    if (!(error instanceof BundleError)) throw new SourceError(`${path} cannot be read`)
    process.stdout.write(`${path}: ${error.code}: ${error.message}\n`)
    return 2
  }
  process.stdout.write(`${path}: verified by key ${verification.keyId}\n`)
  return 0
}
