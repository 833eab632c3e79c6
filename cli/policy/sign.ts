// `sallyport policy sign`: the `.signatures.json` of a folder or bundle, as `opa sign` makes it.
import { createReadStream, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BundleError, type BundleFile, bundleLimits, readArchive, readFolder } from '../../bundles/format/index.ts'
import { signaturesFile } from '../../bundles/signing/index.ts'
import { signatureOf } from './keys.ts'
import { readOptions, UsageError } from './options.ts'
import { SourceError } from './sources.ts'

/** Runs `sign`. */
export async function sign(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    bundle: { type: 'boolean', short: 'b' },
    'signing-key': { type: 'string' },
    'signing-alg': { type: 'string' },
    'signing-key-id': { type: 'string' },
    'claims-file': { type: 'string' },
    scope: { type: 'string' },
    'output-file-path': { type: 'string', short: 'o' },
  })
  const { values, paths } = options
  const [path, ...more] = paths
  if (path === undefined || more.length > 0) throw new UsageError('name exactly one folder or bundle')
  if (values['signing-key'] === undefined) throw new UsageError('name the key with `--signing-key FILE`')
  const files = await filesOf(path)
  const { keyId, bytes } = await signatureOf(files, options)
  const out = join(String(values['output-file-path'] ?? '.'), signaturesFile)
  try {
    writeFileSync(out, bytes)
  } catch {
    throw new SourceError(`\`${out}\` cannot be written`)
  }
  const count = files.filter((file) => file.path !== signaturesFile).length
  process.stdout.write(`${out}: ${count} files signed by key ${keyId}\n`)
  return 0
}

async function filesOf(path: string): Promise<readonly BundleFile[]> {
  if (!existsSync(path)) throw new SourceError(`there is no \`${path}\``)
  try {
    return statSync(path).isDirectory()
      ? await readFolder(path)
      : await readArchive(createReadStream(path), bundleLimits)
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${path}: ${error.code}: ${error.message}`)
    throw error
  }
}
