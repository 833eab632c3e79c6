// `sallyport init`: a folder for a real deployment, with its configuration, a policy that has tests, keys, a CI workflow and
// a systemd unit. Nothing that exists is touched.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { policyFiles } from '../policy/new.ts'
import { configurationText, ignoredText, unitText } from './templates.ts'

const usage = `usage: sallyport init [DIR]

Writes sallyport.yaml, policy/ with a test and a fixture, keys/ (mode 600), a CI workflow and a systemd unit into DIR
(here, when it is not given). Stops, and writes nothing, when one of them is there. Needs nothing but a folder; what it wrote
passes \`sallyport config check\`, and \`sallyport doctor\` says what is still to be filled in: the issuer and the database.

Exit 0 written, 1 something is there already or the usage is wrong.
`

interface NewFile {
  readonly path: string
  readonly text: string
  readonly mode: number
}

/** Runs `sallyport init`. Exit 0 written, 1 something is there already or the usage is wrong. */
export function run(args: readonly string[]): Promise<number> {
  return Promise.resolve(runNow(args))
}

function runNow(args: readonly string[]): number {
  const [folder = '.', ...more] = args
  if (folder === '--help' || folder === '-h') {
    process.stdout.write(usage)
    return 0
  }
  if (more.length > 0 || folder.startsWith('-')) {
    process.stderr.write(usage)
    return 1
  }
  const files = filesOf(resolve(folder))
  const there = files.map(({ path }) => join(folder, path)).filter((path) => existsSync(path))
  if (there.length > 0) {
    process.stderr.write(`sallyport init: already there, nothing written: ${there.join(', ')}\n`)
    return 1
  }
  for (const { path, text, mode } of files) {
    const target = join(folder, path)
    makeFolder(dirname(target), path.startsWith('keys/') ? 0o700 : undefined)
    writeFileSync(target, text, { mode, flag: 'wx' })
    process.stdout.write(`${target}\n`)
  }
  process.stdout.write(`
next:
  edit sallyport.yaml: the issuer that you trust, the database that clients may reach
  sallyport policy test ${join(folder, 'policy')}
  sallyport doctor --config ${join(folder, 'sallyport.yaml')}
  sallyport serve  --config ${join(folder, 'sallyport.yaml')}
`)
  return 0
}

function filesOf(folder: string): readonly NewFile[] {
  const signing = generateKeyPairSync('ed25519')
  const secret = (path: string, text: string): NewFile => ({ path, text, mode: 0o600 })
  const open = (path: string, text: string): NewFile => ({ path, text, mode: 0o644 })
  const policy = policyFiles('orders', 'postgres').map(([path, text]) =>
    open(path.startsWith('.github/') ? path : `policy/${path}`, path.startsWith('.github/') ? onPolicy(text) : text),
  )
  return [
    open('sallyport.yaml', configurationText),
    ...policy,
    secret('keys/recording-sign.pem', signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    open('keys/recording-verify.pem', signing.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    secret('keys/recording-seal.key', `${randomBytes(32).toString('hex')}\n`),
    secret('keys/orders-password', 'put the password of the database role here\n'),
    open('sallyport.service', unitText(folder)),
    open('.gitignore', ignoredText),
  ]
}

/** The workflow of one policy, for a policy that lies in a folder of its own. */
function onPolicy(workflow: string): string {
  return workflow.replaceAll(/ \.$/gm, ' policy')
}
