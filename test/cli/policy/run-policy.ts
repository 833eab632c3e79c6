// Runs `sallyport policy` as a person does, in a folder of its own.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))

/** A new folder that holds these files. */
export function folderWith(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** What a command did. */
export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** Runs one command line in a folder, without colours. */
export function policy(cwd: string, ...args: string[]): Ran {
  return sallyport(cwd, 'policy', ...args)
}

/** Runs any command of the product in a folder, without colours. */
export function sallyport(cwd: string, ...args: string[]): Ran {
  return sallyportWith('', cwd, ...args)
}

/** The same with something on standard input. */
export function sallyportWith(input: string, cwd: string, ...args: string[]): Ran {
  const env = { ...process.env, NO_COLOR: '1' }
  const run = spawnSync(process.execPath, [bin, ...args], { cwd, encoding: 'utf8', env, input })
  return { status: run.status, out: run.stdout, err: run.stderr }
}

const batch = `
const runs = JSON.parse(process.argv[1])
const { run } = await import(process.argv[2])
const write = process.stdout.write.bind(process.stdout)
const done = []
for (const { cwd, args } of runs) {
  const ran = { status: null, out: '', err: '' }
  process.stdout.write = (text) => { ran.out += text; return true }
  process.stderr.write = (text) => { ran.err += text; return true }
  process.chdir(cwd)
  ran.status = await run(args)
  done.push(ran)
}
write(JSON.stringify(done))
`

/** Many command lines in one process, for tests that would start too many. */
export function policies(runs: readonly { readonly cwd: string; readonly args: readonly string[] }[]): readonly Ran[] {
  // The program itself brings what is built up to date.
  sallyport('.', '--version')
  const built = new URL('../../../dist/cli/policy/policy.js', import.meta.url).href
  const env = { ...process.env, NO_COLOR: '1' }
  const args = ['--input-type=module', '-e', batch, JSON.stringify(runs), built]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}
