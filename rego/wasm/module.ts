// A policy's IR to a wasm module: its functions behind the runtime's, its constants behind the runtime's data, OPA's ABI
// exported. The same policy always gives the same bytes.
import { checkPolicy, type Policy } from '../ir/index.ts'
import { inputShapes, Listings, shapeWithout } from '../optimize/index.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { type CodeBody, CodeWriter } from './code-writer.ts'
import { Constants } from './constants.ts'
import { encodeData } from './data-section.ts'
import { describeModule, MODULE_SECTION } from './description.ts'
import { EXPORT, type Export, encodeExports } from './export-section.ts'
import { GlobalSection } from './global-section.ts'
import { readImports } from './import-section.ts'
import { encodeNames } from './name-section.ts'
import { natives } from './natives.ts'
import { encodePlaces, PLACES_SECTION } from './places.ts'
import { withProbes } from './probes.ts'
import { EmitProgram } from './program.ts'
import { memoRows } from './remember.ts'
import { type Runtime, runtime as shippedRuntime } from './runtime.ts'
import { customSection, HEADER, SECTION, section } from './sections.ts'
import { ShapeEncoder } from './shapes.ts'
import { emitFunc, emitPlan } from './statements.ts'
import { TypeSection } from './type-section.ts'

const PAGE = 65_536
/** Room for the sections of a module besides code and constants. */
const MODULE_BYTES = 65_536
/** Memory beyond the constants that a module asks for at once. */
const FREE_BYTES = 32_768

const ABI_VERSION = 1
const ABI_MINOR_VERSION = 3

/** What OPA's hosts find under its own name in the runtime. */
const ABI_NAMES = [
  'opa_malloc',
  'opa_free',
  'opa_json_parse',
  'opa_json_dump',
  'opa_value_parse',
  'opa_value_dump',
  'opa_value_free',
  'opa_value_add_path',
  'opa_value_remove_path',
  'opa_heap_ptr_get',
  'opa_heap_ptr_set',
  'opa_heap_blocks_stash',
  'opa_heap_blocks_restore',
  'opa_heap_stash_clear',
  'opa_eval_ctx_new',
  'opa_eval_ctx_set_input',
  'opa_eval_ctx_set_data',
  'opa_eval_ctx_set_entrypoint',
  'opa_eval_ctx_get_result',
]

/** A function of the module besides the policy's. */
interface Wrapper {
  readonly name: string
  readonly params: number
  readonly results: number
  emit(code: CodeWriter): void
}

/**
 * Emits a module. `changing` are parts of the input, by their paths, that differ from one evaluation to the next: the
 * module can then be asked whether a result holds although they do. Throws PlanError at a plan that refers to what does
 * not exist, WasmError at one beyond a module.
 */
export function emitModule(given: Policy, changing: readonly (readonly string[])[] = []): Uint8Array {
  checkPolicy(given)
  const listings = new Listings()
  const { policy, probes } = withProbes(given, listings, changing)
  const runtime = shippedRuntime()
  const types = new TypeSection(runtime.section(SECTION.type))
  const imports = readImports(runtime.section(SECTION.import))
  const globals = new GlobalSection(runtime.section(SECTION.global))
  const constants = new Constants(runtime.end)
  const first = imports.functions + runtime.bodyCount
  const rows = memoRows(policy, listings)
  const program = new EmitProgram(policy, runtime, constants, first, rows, listings)

  const bodies: CodeBody[] = []
  const signatures: number[] = []
  for (const func of policy.funcs) {
    bodies.push(emitFunc(program, func))
    signatures.push(types.of(func.params.length, 1))
  }
  const firstPlan = first + bodies.length
  for (const plan of policy.plans) {
    bodies.push(emitPlan(program, plan))
    signatures.push(types.of(3, 0))
  }
  const encoder = new ShapeEncoder(constants)
  const shapes = inputShapes(policy, listings).map((shape) => encoder.address(shape))
  const steady = probes.map(({ plan, probe, apart }) => {
    const of = policy.plans[plan]
    return of === undefined ? [] : [plan, probe, encoder.address(shapeWithout(policy, listings, of, apart))]
  })
  const wrappers = wrappersOf(given, program, firstPlan)
  const firstWrapper = first + bodies.length
  for (const wrapper of wrappers) {
    const code = new CodeWriter(wrapper.params, program.bodies)
    wrapper.emit(code)
    bodies.push(code.finish())
    signatures.push(types.of(wrapper.params, wrapper.results))
  }
  const { end } = constants
  const packed = constants.finish()
  // The constants are packed behind where they will lie, in what is free memory later.
  const starter = new CodeWriter(0, program.bodies)
  bodies.push(starter.constant(end).constant(runtime.end).call(runtime.func('expand')).finish())
  signatures.push(types.of(0, 0))
  const start = first + bodies.length - 1
  globals.set(runtime.global('heap'), end)
  globals.set(runtime.global('memoBytes'), rows.size * 4)
  const exports = exportsOf(runtime, globals, wrappers, firstWrapper)
  const names = [
    ...runtime.names,
    ...policy.funcs.map((func, i) => [first + i, func.name] as const),
    ...policy.plans.map((plan, i) => [firstPlan + i, `plan ${plan.name}`] as const),
    ...wrappers.map((wrapper, i) => [firstWrapper + i, wrapper.name] as const),
  ]
  const { bodies: code } = program
  const writer = new ByteWriter(runtime.code.length + code.length * 2 + packed.length + MODULE_BYTES).bytes(HEADER)
  const put = (id: number, body: Uint8Array): void => {
    writer.bytes(section(id, body))
  }
  put(SECTION.type, types.encode())
  const pages = Math.ceil((end + Math.max(packed.length, FREE_BYTES)) / PAGE)
  put(SECTION.import, imports.encode(pages))
  put(SECTION.function, functionSection(runtime.section(SECTION.function), signatures))
  put(SECTION.global, globals.encode())
  put(SECTION.export, encodeExports(exports))
  put(SECTION.start, new ByteWriter().u32(start).finish())
  const from = writer.byte(SECTION.code).length
  writer
    .u32(runtime.bodyCount + bodies.length)
    .bytes(runtime.code)
    .bytes(code.view())
    .sizeFrom(from)
  const places = encodePlaces(bodies.slice(0, firstWrapper - first), writer.length - code.length)
  put(SECTION.data, encodeData([...runtime.segments, { address: end, bytes: packed }]))
  writer.bytes(customSection('name', encodeNames(names)))
  writer.bytes(customSection(PLACES_SECTION, places))
  writer.bytes(
    customSection(
      MODULE_SECTION,
      describeModule(given, program, [runtime.end, end, end + packed.length], shapes, pages, steady.flat()),
    ),
  )
  return writer.finish()
}

function functionSection(runtime: Uint8Array, signatures: readonly number[]): Uint8Array {
  const reader = new ByteReader(runtime)
  const own = reader.u32()
  const writer = new ByteWriter().u32(own + signatures.length).bytes(runtime.subarray(reader.at))
  for (const signature of signatures) writer.u32(signature)
  return writer.finish()
}

/** The functions that hosts call and that need the policy: entry points, their names (those of `given`), evaluation. */
function wrappersOf(
  given: Policy,
  { policy, runtime, constants, bindsOnlyResult }: EmitProgram,
  firstPlan: number,
): readonly Wrapper[] {
  const encoder = new TextEncoder()
  const json = (value: unknown) => (code: CodeWriter) => {
    const text = encoder.encode(JSON.stringify(value))
    code.constant(constants.bytes(text)).constant(text.length).call(runtime.func('opa_json_parse'))
  }
  // Calls the plan of the number in the first parameter, on the input and the data in the next two.
  const dispatch = (code: CodeWriter, results: () => void): void => {
    code.block()
    const done = code.depth
    const labels = policy.plans.map(() => code.block().depth).reverse()
    code.block()
    const unknown = code.depth
    code.get(0).brTable(labels, unknown).end()
    code.call(runtime.func('badEntrypoint')).unreachable()
    for (const [i] of policy.plans.entries()) {
      code.end().get(1).get(2)
      results()
      code.call(firstPlan + i).br(done)
    }
    code.end()
  }
  const ofWrapper = (index: number): number => firstPlan + policy.plans.length + index
  const [REGO_EVAL, EVAL] = [2, 5]
  return [
    {
      name: 'builtins',
      params: 0,
      results: 1,
      emit: json(Object.fromEntries(asked(policy).map(({ name, id }) => [name, id]))),
    },
    {
      name: 'entrypoints',
      params: 0,
      results: 1,
      emit: json(Object.fromEntries(given.plans.map((plan, i) => [plan.name, i]))),
    },
    {
      // Entry point, input, data; gives the result set.
      name: 'rego_eval',
      params: 3,
      results: 1,
      emit: (code) => {
        const results = code.newLocal()
        code.call(runtime.func('evalBegin')).call(runtime.func('makeSet')).set(results)
        dispatch(code, () => code.get(results))
        code.get(results)
      },
    },
    {
      // JSON text, its length and a shape; gives what of it is read, 0 where it is no JSON.
      name: 'rego_read',
      params: 3,
      results: 1,
      emit: (code) => {
        code.get(0).get(1).get(2).call(runtime.func('readShaped'))
      },
    },
    {
      // Entry point, input, data, heap, fuel; gives the value of `result` in the first binding.
      name: 'rego_answer',
      params: 5,
      results: 1,
      emit: (code) => {
        code.get(3).get(4)
        if (bindsOnlyResult) {
          code.call(runtime.func('answerBegin'))
          dispatch(code, () => code.constant(0))
          code.call(runtime.func('answerEnd'))
        } else {
          const results = code.newLocal()
          code.call(runtime.func('evalFrom')).call(runtime.func('makeSet')).set(results)
          dispatch(code, () => code.get(results))
          code.get(results).call(runtime.func('answerOf'))
        }
      },
    },
    {
      name: 'eval',
      params: 1,
      results: 1,
      emit: (code) => {
        code.get(0).get(0).load(12).get(0).load(0).get(0).load(4).call(ofWrapper(REGO_EVAL)).store(8).constant(0)
      },
    },
    {
      name: 'opa_eval',
      params: 7,
      results: 1,
      emit: (code) => {
        const context = code.newLocal()
        for (let i = 0; i < 6; i++) code.get(i)
        code.call(runtime.func('evalPrepare')).tee(context).call(ofWrapper(EVAL)).set(0)
        code.get(context).get(6).call(runtime.func('evalFinish'))
      },
    },
  ]
}

/** The built-ins that a host may be asked for, with their numbers. */
function asked(policy: Policy): { readonly name: string; readonly id: number }[] {
  return policy.builtins
    .map(({ name }, id) => ({ name, id }))
    .filter(({ name }) => natives.get(name)?.asksHost !== false)
}

function exportsOf(
  runtime: Runtime,
  globals: GlobalSection,
  wrappers: readonly Wrapper[],
  firstWrapper: number,
): readonly Export[] {
  const func = (name: string, index: number): Export => ({ name, kind: EXPORT.function, index })
  const global = (name: string, index: number): Export => ({ name, kind: EXPORT.global, index })
  return [
    { name: 'memory', kind: EXPORT.memory, index: 0 },
    ...ABI_NAMES.map((name) => func(name, runtime.func(name))),
    ...wrappers.map((wrapper, i) => func(wrapper.name, firstWrapper + i)),
    global('opa_wasm_abi_version', globals.constant(ABI_VERSION)),
    global('opa_wasm_abi_minor_version', globals.constant(ABI_MINOR_VERSION)),
    global('rego_failure', runtime.global('failure')),
    global('rego_failure_file', runtime.global('failureFile')),
    global('rego_failure_row', runtime.global('failureRow')),
    global('rego_failure_col', runtime.global('failureCol')),
    global('rego_fuel', runtime.global('fuel')),
    global('rego_fuel_limit', runtime.global('fuelLimit')),
    global('rego_heap', runtime.global('heap')),
    global('rego_hosted', runtime.global('hosted')),
    func('rego_index', runtime.func('buildTable')),
    func('rego_hash', runtime.func('hashOf')),
    func('rego_region_hash', runtime.func('regionHash')),
    func('rego_region_same', runtime.func('regionSame')),
  ]
}
