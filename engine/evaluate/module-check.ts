// A wasm module is checked before it runs: that it is ours, that it asks for nothing but what we grant, that its memory
// has a maximum of our making.
import { MODULE_SECTION, MODULE_VERSION, type ModuleDescription } from '../../rego/wasm/index.ts'
import { EvaluateError } from './contract.ts'
import type { CacheExports } from './decision-cache.ts'

/** What a module of ours exports to our host. */
export interface ModuleExports extends CacheExports {
  readonly rego_eval: (entrypoint: number, input: number, data: number) => number
  readonly rego_answer: (entrypoint: number, input: number, data: number, heap: number, fuel: number) => number
  readonly rego_index: (object: number) => void
  readonly rego_read: (text: number, length: number, shape: number) => number
  readonly rego_heap: WebAssembly.Global
  readonly rego_fuel: WebAssembly.Global
  readonly rego_fuel_limit: WebAssembly.Global
  readonly rego_failure: WebAssembly.Global
  readonly rego_failure_file: WebAssembly.Global
  readonly rego_failure_row: WebAssembly.Global
  readonly rego_failure_col: WebAssembly.Global
  readonly rego_hosted: WebAssembly.Global
  /** The counter of a module that came as wasm. */
  readonly rego_meter?: WebAssembly.Global
}

const functionNames = [
  'rego_eval',
  'rego_answer',
  'rego_index',
  'rego_read',
  'rego_region_hash',
  'rego_region_same',
] as const
const globalNames = [
  'rego_heap',
  'rego_fuel',
  'rego_fuel_limit',
  'rego_failure',
  'rego_failure_file',
  'rego_failure_row',
  'rego_failure_col',
  'rego_hosted',
] as const

/** The functions that modules may import, from `env`. */
export type ModuleImports = Readonly<Record<string, (...words: number[]) => number | undefined>>

/** Whether bytes are a module that says it is ours. */
export function isOwnModule(bytes: Uint8Array): boolean {
  try {
    return WebAssembly.Module.customSections(new WebAssembly.Module(bytes), MODULE_SECTION).length > 0
  } catch {
    return false
  }
}

/** What our own section of a module says. Throws EvaluateError `bad_module` where there is none, or one of no sense. */
export function describedModule(module: WebAssembly.Module): ModuleDescription {
  const [section] = WebAssembly.Module.customSections(module, MODULE_SECTION)
  if (section === undefined) throw new EvaluateError('bad_module', 'the module was not made by this compiler')
  let read: unknown
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(section))
  } catch (cause) {
    throw new EvaluateError('bad_module', 'the module describes itself in no JSON', { cause })
  }
  if (!isDescription(read)) throw new EvaluateError('bad_module', 'the module describes itself in another version')
  return read
}

function isDescription(read: unknown): read is ModuleDescription {
  if (typeof read !== 'object' || read === null) return false
  const {
    version,
    pages,
    entrypoints,
    builtins,
    files,
    sites,
    constants,
    shapes,
    changing = [],
  } = read as Partial<Record<keyof ModuleDescription, unknown>>
  return (
    version === MODULE_VERSION &&
    Number.isSafeInteger(pages) &&
    [entrypoints, builtins, files].every(
      (list) => Array.isArray(list) && list.every((name) => typeof name === 'string'),
    ) &&
    [sites, constants, shapes, changing].every(
      (list) => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n)),
    )
  )
}

/** Instantiates a module with a memory of at most so many pages. Throws EvaluateError `bad_module`. */
export function moduleExports(
  module: WebAssembly.Module,
  pages: { readonly initial: number; readonly maximum: number },
  functions: ModuleImports,
): { readonly exports: ModuleExports; readonly memory: WebAssembly.Memory } {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const granted = from === 'env' && (kind === 'memory' ? name === 'memory' : kind === 'function' && name in functions)
    if (!granted) throw new EvaluateError('bad_module', `the module asks for \`${from}.${name}\`, which is not granted`)
  }
  try {
    const memory = new WebAssembly.Memory(pages)
    const instance = new WebAssembly.Instance(module, { env: { memory, ...functions } })
    return { exports: narrowed(instance.exports), memory }
  } catch (cause) {
    if (cause instanceof EvaluateError) throw cause
    throw new EvaluateError('bad_module', 'the module cannot be instantiated', { cause })
  }
}

function narrowed(exports: WebAssembly.Exports): ModuleExports {
  for (const name of functionNames) {
    if (typeof exports[name] !== 'function') throw new EvaluateError('bad_module', `the module has no \`${name}\``)
  }
  for (const name of globalNames) {
    if (!(exports[name] instanceof WebAssembly.Global))
      throw new EvaluateError('bad_module', `the module has no \`${name}\``)
  }
  return exports as unknown as ModuleExports
}
