// From a file to a checked configuration, or to every mistake in it.
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkConfig, checkSecretFiles } from './check.ts'
import { type ConfigProblem, configBytesMax, readConfigText } from './read.ts'
import type { Config } from './types.ts'

/** A configuration that may be used, or what is wrong with it. */
export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Loads and checks a file, with overrides from the environment. Never throws. */
export function loadConfig(path: string, environment: NodeJS.ProcessEnv = process.env): LoadedConfig {
  const whole = resolve(path)
  try {
    if (statSync(whole).size > configBytesMax) return unreadable(`is larger than ${configBytesMax} bytes`)
    return checkConfigText(readFileSync(whole, 'utf8'), dirname(whole), environment)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return unreadable(`cannot be read (${code})`)
  }
}

function unreadable(why: string): LoadedConfig {
  const help = 'name the file with `--config FILE` or SALLYPORT_CONFIG'
  return { ok: false, problems: [{ line: 0, column: 0, at: '', message: `the file ${why}`, help }] }
}

/** Checks the text of a file that lies in `folder`. */
export function checkConfigText(text: string, folder: string, environment: NodeJS.ProcessEnv): LoadedConfig {
  const { value, problems, files, position } = readConfigText(text, folder, environment)
  const located = (finding: {
    readonly at: string
    readonly message: string
    readonly help: string
  }): ConfigProblem => ({
    ...position(finding.at),
    ...finding,
  })
  const ofFiles = checkSecretFiles(files).map(located)
  if (problems.length > 0 || !isConfig(value)) return { ok: false, problems: [...problems, ...ofFiles] }
  const all = [...checkConfig(value).map(located), ...ofFiles]
  all.sort((a, b) => a.line - b.line || a.column - b.column)
  return all.length > 0 ? { ok: false, problems: all } : { ok: true, config: freeze(value) }
}

/** The reader has checked every field by the shape, which the compiler ties to the type; this is the last look. */
function isConfig(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
  return value
}
