// A policy host over a module that OPA made (`opa build -t wasm`), run by OPA's own SDK with all of our built-ins. The
// module is metered first and its memory has a maximum, so that neither an endless loop nor a flood of values gets far.
import { createRequire } from 'node:module'
import { type BuiltinContext, BuiltinError, builtins, EvaluationHalted } from '../../rego/builtins/index.ts'
import { dataFromValue, RegoObject, valueFromData, writeJson } from '../../rego/value/index.ts'
import { METER_EXPORT, meterModule } from '../../rego/wasm/index.ts'
import { EvaluateError, type PolicyHost } from './contract.ts'
import { MEMORY_PAGES_DEFAULT, METER_FUEL } from './wasm-program.ts'

/** What a host is made of. */
export interface OpaParts {
  readonly module: Uint8Array
  readonly data: RegoObject
  readonly revision: string
  readonly digest: string
  readonly nowNs: () => bigint
  readonly random: (length: number) => Uint8Array
  readonly memoryPagesMax?: number
  /** Calls and turns of loops that one evaluation may take. */
  readonly meterFuel?: number
}

/** The SDK's policy, as far as we use it. */
interface SdkPolicy {
  readonly wasmInstance: { readonly exports: Readonly<Record<string, unknown>> }
  readonly entrypoints: Readonly<Record<string, unknown>>
  setData(data: ArrayBuffer): void
  evaluate(input: ArrayBuffer | undefined, entrypoint: string): unknown
}

type SdkLoad = (
  module: WebAssembly.Module,
  memory: { initial: number; maximum: number },
  customBuiltins: Readonly<Record<string, (...args: unknown[]) => unknown>>,
) => SdkPolicy

/** The functions that OPA's ABI lets a module import. */
const granted: ReadonlySet<string> = new Set([
  'opa_abort',
  'opa_println',
  'opa_builtin0',
  'opa_builtin1',
  'opa_builtin2',
  'opa_builtin3',
  'opa_builtin4',
])

/** What every module that OPA made exports, from the first version of its ABI on. */
const needed = ['opa_wasm_abi_version', 'eval', 'builtins', 'entrypoints', 'opa_json_parse', 'opa_json_dump']

/** What the SDK gives a module at first. */
const PAGES_INITIAL = 5

/** Makes a host. Throws EvaluateError `bad_module` where the module is none of OPA's. */
export function createOpaHost(parts: OpaParts): PolicyHost {
  let context = contextOf(parts)
  const failures: unknown[] = []
  const policy = loaded(parts, () => context, failures)
  const meter = policy.wasmInstance.exports[METER_EXPORT]
  if (!(meter instanceof WebAssembly.Global)) throw new EvaluateError('bad_module', 'the module has no meter')
  const { meterFuel = METER_FUEL } = parts
  const run = <T>(work: () => T): T => {
    meter.value = meterFuel
    failures.length = 0
    context = contextOf(parts)
    try {
      return work()
    } catch (cause) {
      throw explained(cause, failures, meter.value < 0)
    }
  }
  run(() => policy.setData(bytesOf(writeJson(parts.data))))
  return {
    revision: parts.revision,
    digest: parts.digest,
    has: (entrypoint) => Object.hasOwn(policy.entrypoints, entrypoint),
    evaluate: (entrypoint, input) => {
      if (!Object.hasOwn(policy.entrypoints, entrypoint)) {
        throw new EvaluateError('bad_module', `the module has no entry point \`${entrypoint}\``)
      }
      const json = input === undefined ? undefined : bytesOf(JSON.stringify(input))
      const results = run(() => policy.evaluate(json, entrypoint))
      const first: unknown = Array.isArray(results) ? results[0] : undefined
      return typeof first === 'object' && first !== null && 'result' in first ? first.result : undefined
    },
    fuelSpent: () => 0,
    close: () => undefined,
  }
}

function loaded(parts: OpaParts, context: () => BuiltinContext, failures: unknown[]): SdkPolicy {
  try {
    const metered = meterModule(parts.module)
    const module = new WebAssembly.Module(metered.bytes)
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      const isGranted =
        from === 'env' && (kind === 'memory' ? name === 'memory' : kind === 'function' && granted.has(name))
      if (!isGranted)
        throw new EvaluateError('bad_module', `the module asks for \`${from}.${name}\`, which is not granted`)
    }
    const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name))
    for (const name of needed) {
      if (!exported.has(name)) throw new EvaluateError('bad_module', `the module has no \`${name}\``)
    }
    const maximum = parts.memoryPagesMax ?? MEMORY_PAGES_DEFAULT
    const initial = Math.max(metered.pagesMin, PAGES_INITIAL)
    return sdkLoad()(module, { initial, maximum }, customBuiltins(context, failures))
  } catch (cause) {
    if (cause instanceof EvaluateError) throw cause
    throw new EvaluateError('bad_module', 'the module cannot be loaded', { cause })
  }
}

function sdkLoad(): SdkLoad {
  const sdk: unknown = createRequire(import.meta.url)('@open-policy-agent/opa-wasm')
  if (
    typeof sdk !== 'object' ||
    sdk === null ||
    !('loadPolicySync' in sdk) ||
    typeof sdk.loadPolicySync !== 'function'
  ) {
    throw new TypeError('the SDK has no loadPolicySync')
  }
  return sdk.loadPolicySync as SdkLoad
}

/** Our built-ins as the SDK calls them: values are plain data, sets are arrays both ways. */
function customBuiltins(
  context: () => BuiltinContext,
  failures: unknown[],
): Readonly<Record<string, (...args: unknown[]) => unknown>> {
  const custom: Record<string, (...args: unknown[]) => unknown> = Object.create(null)
  for (const [name, builtin] of builtins) {
    custom[name] = (...args) => {
      try {
        const result = builtin(context(), args.map(valueFromData))
        return result === undefined ? undefined : dataFromValue(result)
      } catch (error) {
        if (error instanceof BuiltinError) return undefined
        failures.push(error)
        throw error
      }
    }
  }
  return custom
}

function contextOf(parts: OpaParts): BuiltinContext {
  let left = BUILTIN_FUEL
  return {
    nowNs: parts.nowNs(),
    random: parts.random,
    cache: new Map(),
    spend: (units) => {
      left -= units
      if (left < 0) throw new EvaluationHalted('fuel')
    },
    print: () => undefined,
    note: () => undefined,
    testCase: () => undefined,
    place: { file: '', row: 0, col: 0 },
    runtime: new RegoObject(),
  }
}

/** What built-ins may spend in one evaluation; a unit is about a microsecond. */
const BUILTIN_FUEL = 2_000_000

function bytesOf(json: string): ArrayBuffer {
  const bytes = new TextEncoder().encode(json)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}

/** The texts in which OPA's modules say that a rule gave two values: there is nothing else to know it by. */
const conflictTexts = ['var assignment conflict', 'object insert conflict']

function explained(cause: unknown, failures: readonly unknown[], meterSpent: boolean): EvaluateError {
  if (cause instanceof EvaluateError) return cause
  const because = { cause }
  if (failures.some((failure) => failure instanceof EvaluationHalted)) {
    return new EvaluateError('fuel_spent', 'a built-in spent the fuel', because)
  }
  if (failures.length > 0) return new EvaluateError('builtin_failed', 'a built-in broke', because)
  if (cause instanceof WebAssembly.RuntimeError) {
    return meterSpent
      ? new EvaluateError('fuel_spent', 'fuel spent', because)
      : new EvaluateError('aborted', 'the module trapped', because)
  }
  if (cause instanceof RangeError) return new EvaluateError('memory_spent', 'memory spent', because)
  const text = typeof cause === 'string' ? cause : cause instanceof Error ? cause.message : ''
  if (conflictTexts.some((conflict) => text.includes(conflict))) return new EvaluateError('conflict', text, because)
  return new EvaluateError('aborted', 'the module gave up', because)
}
