// Mutated archives of a signed bundle: none goes live unless what it holds is what was signed, none is a crash, and nothing
// is written outside the store's folder.
import { mkdtempSync, readdirSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import {
  BundleError,
  type BundleFile,
  bundleLimits,
  readArchive,
  readBundle,
  writeArchive,
} from '../../bundles/format/index.ts'
import { signFiles, type Verification } from '../../bundles/signing/index.ts'
import type { DeliverySink } from '../../bundles/source/index.ts'
import { Keeper, noFreshness, PolicyStore, packageOfModule } from '../../bundles/store/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import { writeJson } from '../../rego/value/index.ts'

/** The fuzzer's name. */
export const name = 'bundles'

const secret = { key: 'a secret of the tests', algorithm: 'HS256' } as const
const verification: Verification = {
  keys: new Map([['k', secret]]),
  keyId: 'k',
  scope: '',
  excludeFiles: [],
  allowWeakHashes: false,
}
const content: readonly BundleFile[] = [
  { path: '.manifest', bytes: Buffer.from('{"revision":"1","roots":["policy","limits"]}') },
  { path: 'limits/data.json', bytes: Buffer.from('{"rows": 10, "names": ["a", "b"]}') },
  { path: 'p.rego', bytes: Buffer.from('package policy.p\n\nallow if input.action.verb == "read"\n') },
]

/** Names and numbers that archives have been attacked with. */
const tokens = [
  '../../evil',
  '/etc/passwd',
  '..',
  '\0',
  '.signatures.json',
  '.manifest',
  '"none"',
  '"HS256"',
  '9999999999',
  '{}',
  '[]',
  'null',
]

/** Mutates until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const outer = mkdtempSync(join(tmpdir(), 'bundle-fuzz-'))
  const folder = join(outer, 'store')
  await mkdir(folder)
  const signed = [...content, { path: '.signatures.json', bytes: await signFiles(content, secret, { keyid: 'k' }) }]
  const archive = writeArchive(signed)
  const wanted = digestOf(signed)
  const store = await storeIn(folder)
  const failures: string[] = []
  let cases = 0
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    const bytes = mutated(archive, signed, random)
    cases++
    let files: readonly BundleFile[]
    try {
      files = await readArchive(Readable.from([bytes]), bundleLimits)
    } catch (error) {
      if (!(error instanceof BundleError)) failures.push(`reading: ${String(error)} ${bytes.toString('base64')}`)
      continue
    }
    try {
      const { live } = await store.deliver(files)
      if (live && digestOf(files) !== wanted) failures.push(`went live: ${bytes.toString('base64')}`)
    } catch (error) {
      failures.push(`judging: ${String(error)} ${bytes.toString('base64')}`)
    }
    if (cases % 500 === 0) {
      const beside = readdirSync(outer).filter((one) => one !== 'store')
      if (beside.length > 0) failures.push(`written outside the folder: ${beside.join(' ')}`)
    }
  }
  await store.close()
  await rm(outer, { recursive: true, force: true })
  return { cases, failures }
}

/** What a bundle says: its data and manifest as values, since that is what their signature is over, and its modules. */
function digestOf(files: readonly BundleFile[]): string {
  const { data, manifest, modules } = readBundle(files, packageOfModule)
  return JSON.stringify([writeJson(data), manifest, modules])
}

function mutated(archive: Uint8Array, signed: readonly BundleFile[], random: () => number): Buffer {
  const choice = random()
  if (choice < 0.2) return changed(Buffer.from(archive), random)
  if (choice < 0.6) return gzipSync(changed(gunzipSync(archive), random), { level: 1 })
  const at = Math.floor(random() * signed.length)
  const files = signed.map((file, index) =>
    index === at ? { ...file, bytes: changed(Buffer.from(file.bytes), random) } : file,
  )
  if (choice > 0.9) files.splice(Math.floor(random() * files.length), 1)
  try {
    return Buffer.from(writeArchive(files))
  } catch {
    return Buffer.from(archive)
  }
}

/** Some bytes flipped, cut, doubled, or replaced by a word. */
function changed(bytes: Buffer, random: () => number): Buffer {
  let made = Buffer.from(bytes)
  for (let change = Math.floor(random() * 4); change >= 0; change--) {
    const at = Math.floor(random() * made.length)
    const kind = random()
    if (kind < 0.5) made[at] = Math.floor(random() * 256)
    else if (kind < 0.6) made = made.subarray(0, at)
    else if (kind < 0.75) {
      const end = at + Math.floor(random() * 600)
      made = Buffer.concat([made.subarray(0, end), made.subarray(at, end), made.subarray(end)])
    } else {
      const word = Buffer.from(tokens[Math.floor(random() * tokens.length)] ?? '')
      made = Buffer.concat([made.subarray(0, at), word, made.subarray(at + (random() < 0.7 ? word.length : 0))])
    }
    if (made.length === 0) return made
  }
  return made
}

interface FuzzedStore {
  deliver(files: readonly BundleFile[]): Promise<{ readonly live: boolean }>
  close(): Promise<void>
}

async function storeIn(folder: string): Promise<FuzzedStore> {
  let sink: DeliverySink | undefined
  const store = new PolicyStore({
    bundles: [
      {
        name: 'main',
        source: {
          start: (given) => {
            sink = given
          },
          refresh: () => Promise.resolve(),
          close: () => Promise.resolve(),
        },
        verification,
        freshness: noFreshness,
      },
    ],
    load: ({ revision, digest }) => {
      const host: PolicyHost = {
        revision,
        digest,
        has: () => false,
        evaluate: () => undefined,
        fuelSpent: () => 0,
        close: () => undefined,
      }
      return Promise.resolve(host)
    },
    packageOf: packageOfModule,
    keeper: new Keeper(folder),
    nowMs: Date.now,
    onEvent: () => undefined,
  })
  await store.start()
  return {
    deliver: (files) => sink?.deliver({ files, etag: undefined }) ?? Promise.resolve({ live: false }),
    close: () => store.close(),
  }
}
