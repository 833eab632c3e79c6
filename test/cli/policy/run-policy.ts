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
