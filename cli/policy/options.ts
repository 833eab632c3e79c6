// Reads the options of policy commands, with the names that users of opa, conftest and regal know.
import { parseArgs } from 'node:util'
import { HelpRequested, type OptionTable } from './help.ts'

/** A wrong command line, in words for a person. */
export class UsageError extends Error {}

/** Output formats of the commands. */
export const formats = ['pretty', 'json', 'junit', 'sarif', 'github', 'tap'] as const
/** One output format. */
export type Format = (typeof formats)[number]

/** Options with their values, and what is left over. */
export interface Options {
  readonly values: { readonly [name: string]: string | boolean | undefined }
  readonly lists: { readonly [name: string]: readonly string[] }
  readonly paths: readonly string[]
}

/** Reads a command line. Throws UsageError, or HelpRequested. */
export function readOptions(args: readonly string[], options: OptionTable): Options {
  const end = args.indexOf('--')
  const flags = end < 0 ? args : args.slice(0, end)
  if (!('help' in options) && flags.some((arg) => arg === '--help' || arg === '-h')) throw new HelpRequested(options)
  try {
    const spelled = [...flags.flatMap((arg) => withoutTruth(arg, options)), ...(end < 0 ? [] : args.slice(end))]
    const { values, positionals } = parseArgs({ args: spelled, options, allowPositionals: true, strict: true })
    const single: { [name: string]: string | boolean | undefined } = {}
    const lists: { [name: string]: readonly string[] } = {}
    for (const [name, value] of Object.entries(values)) {
      if (Array.isArray(value)) lists[name] = value.map(String)
      else if (value !== undefined) single[name] = value
    }
    return { values: single, lists, paths: positionals }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the command line cannot be read')
  }
}

/** A flag with a truth behind it (`--watch=false`), which opa takes, as the flag alone or none. */
function withoutTruth(arg: string, options: OptionTable): readonly string[] {
  const at = arg.indexOf('=')
  if (!arg.startsWith('--') || at < 0 || options[arg.slice(2, at)]?.type !== 'boolean') return [arg]
  const truth = arg.slice(at + 1)
  if (['true', 'TRUE', 'True', 't', 'T', '1'].includes(truth)) return [arg.slice(0, at)]
  if (['false', 'FALSE', 'False', 'f', 'F', '0'].includes(truth)) return []
  throw new UsageError(`\`${arg.slice(0, at)}\` is true or false, not \`${truth}\``)
}

/** The flags that say which version of Rego files are in. */
export const regoVersionFlags: {
  readonly 'v0-compatible': { readonly type: 'boolean' }
  readonly 'v1-compatible': { readonly type: 'boolean' }
} = { 'v0-compatible': { type: 'boolean' }, 'v1-compatible': { type: 'boolean' } }

/** The version of Rego that the flags say: v0 wins over v1, as in opa. */
export function regoVersionOf(values: Options['values']): 0 | 1 {
  return values['v0-compatible'] === true ? 0 : 1
}

/** The format asked for. Throws UsageError for one that is not known. */
export function formatOf(value: string | boolean | undefined, allowed: readonly Format[]): Format {
  const found = allowed.find((format) => format === (value ?? 'pretty'))
  if (found === undefined) throw new UsageError(`there is no output format \`${String(value)}\`: ${allowed.join(', ')}`)
  return found
}

/** A number option. Throws UsageError. */
export function numberOf(value: string | boolean | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!Number.isFinite(number)) throw new UsageError(`\`--${name}\` is not a number`)
  return number
}

/** A duration option, as Go writes them (`5s`, `1m30s`, `250ms`), in milliseconds. Throws UsageError. */
export function durationMs(value: string | boolean | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  const units = new Map([
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
    ['us', 0.001],
    ['ns', 0.000_001],
  ])
  const text = String(value)
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)]
  if (parts.map(([whole]) => whole).join('') !== text || parts.length === 0) {
    if (text === '0') return 0
    throw new UsageError(`\`--${name}\` is no duration such as 5s, 1m30s or 250ms`)
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units.get(unit ?? '') ?? 0), 0)
}

/** True when colours are wanted. */
export function colourful(): boolean {
  return process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
}

/** Text in a colour, where colours are wanted. */
export function paint(colour: 'red' | 'green' | 'yellow' | 'grey', text: string): string {
  const code = { red: 31, green: 32, yellow: 33, grey: 90 }[colour]
  return colourful() ? `\u001b[${code}m${text}\u001b[0m` : text
}
