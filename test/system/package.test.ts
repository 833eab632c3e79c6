// The package: two trees at two places give the same bytes, and what they give starts, tests policies and runs the demo in
// an empty folder with an empty home.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const outer = mkdtempSync(join(tmpdir(), 'package-'))
const home = join(outer, 'home')
const app = join(outer, 'app')
const env = { PATH: process.env['PATH'], HOME: home, NO_COLOR: '1', npm_config_update_notifier: 'false' }

const running = new Set<ChildProcess>()
after(() => {
  for (const child of running)
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL')
})

interface Packed {
  readonly file: string
  readonly integrity: string
  readonly printed: string
}

/** Copies what the repository holds to a place of its own, and packs it there. */
function pack(place: string): Packed {
  const tree = join(outer, place)
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  for (const file of files.filter((one) => one !== '')) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    cpSync(join(root, file), join(tree, file))
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  const out = join(outer, `${place}-out`)
  const printed = execFileSync(process.execPath, ['tools/package.mjs', '--out', out], { cwd: tree, encoding: 'utf8' })
  const [file = '', integrity = ''] = printed.split('\n')
  return { file, integrity, printed }
}

function sallyport(args: readonly string[]): { readonly status: number | null; readonly out: string } {
  const bin = join(app, 'node_modules', '.bin', 'sallyport')
  const { status, stdout, stderr } = spawnSync(bin, args, { cwd: app, env, encoding: 'utf8', timeout: 60_000 })
  return { status, out: stdout + stderr }
}

test('the package is the same from any place, and works where it is installed', { timeout: 900_000 }, async (t) => {
  const one = pack('one')
  const other = pack('other/deeper')
  assert.equal(one.integrity, other.integrity)
  t.diagnostic(one.printed.split('\n').slice(2).join(', '))
  // A bare `npm pack` builds what a clone lacks, and gives the same.
  const bare = join(outer, 'bare')
  mkdirSync(bare)
  rmSync(join(outer, 'one', 'dist'), { recursive: true })
  execFileSync('npm', ['pack', '--pack-destination', bare], { cwd: join(outer, 'one'), stdio: 'ignore' })
  const [packed = ''] = readdirSync(bare)
  const sum = createHash('sha512')
    .update(readFileSync(join(bare, packed)))
    .digest('base64')
  assert.equal(`sha512-${sum}`, one.integrity)
  mkdirSync(home)
  mkdirSync(app)
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim()
  const install = [
    'install',
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--cache',
    cache,
    one.file,
  ]
  execFileSync('npm', install, { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] })

  const installed = join(app, 'node_modules', 'sallyport')
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  assert.equal(sallyport(['--version']).out, `sallyport ${version}\n`)
  assert.deepEqual(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'bin', 'dist', 'package.json'])

  const bill = JSON.parse(readFileSync(join(installed, 'dist', 'sbom.cdx.json'), 'utf8'))
  assert.equal(bill.bomFormat, 'CycloneDX')
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const installs = Object.entries<{ dev?: boolean }>(packages).filter(
    ([place, { dev }]) => place !== '' && dev !== true,
  )
  assert.equal(bill.components.length, installs.length, 'all that an installation gets is in the bill of materials')
  const named: readonly string[] = bill.components.map(({ name }: { name: string }) => name)
  for (const name of ['jose', 'ssh2', 'libpg-query', 're2js']) assert.ok(named.includes(name), `${name} is not named`)
  assert.ok(!named.includes('typescript'), 'what only developers need is no part of the package')

  assert.equal(sallyport(['policy', 'new', 'guard']).status, 0)
  const tested = sallyport(['policy', 'test', 'guard'])
  assert.equal(tested.status, 0, tested.out)
  assert.match(tested.out, /^PASS: [1-9]/)

  await demo()
  const refused = sallyport(['demo', 'sql', 'DELETE FROM customers'])
  assert.match(refused.out, /no_unbounded_write/)
})

/** Starts the demo of the installed package, and waits for its guide. */
async function demo(): Promise<void> {
  const bin = join(app, 'node_modules', '.bin', 'sallyport')
  const child = spawn(bin, ['demo'], { cwd: app, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  let guide = ''
  for await (const chunk of child.stdout) {
    guide += String(chunk)
    if (guide.includes('Ctrl-C ends it.')) return
  }
  assert.fail(`the demo ended: ${guide}`)
}
