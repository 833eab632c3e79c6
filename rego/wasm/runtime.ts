// The compiled runtime (rego/runtime/runtime.wasm), taken apart once for linking.
import { readFileSync } from 'node:fs'
import { ByteReader } from './bytes.ts'
import { readData, type Segment } from './data-section.ts'
import { EXPORT, type Export, readExports } from './export-section.ts'
import type { FunctionName } from './name-section.ts'
import { HEADER, SECTION } from './sections.ts'

/** The runtime's sections and what it exports. */
export interface Runtime {
  section(id: number): Uint8Array
  /** The bodies of its functions, one behind the other, and how many they are. */
  readonly code: Uint8Array
  readonly bodyCount: number
  readonly segments: readonly Segment[]
  /** Where its data ends: an address for what comes after, eight-byte aligned. */
  readonly end: number
  /** The index of an exported function; throws RangeError where there is none. */
  func(name: string): number
  /** The index of an exported global; throws RangeError where there is none. */
  global(name: string): number
  /** The names of exported functions, each function once, by index. */
  readonly names: readonly FunctionName[]
}

let loaded: Runtime | undefined

/** The runtime that ships with the compiler. */
export function runtime(): Runtime {
  loaded ??= readRuntime(readFileSync(new URL('../runtime/runtime.wasm', import.meta.url)))
  return loaded
}

/** Takes a runtime apart. Throws RangeError when it is none. */
export function readRuntime(bytes: Uint8Array): Runtime {
  const reader = new ByteReader(bytes)
  if (!HEADER.every((byte) => reader.byte() === byte)) throw new RangeError('no wasm module')
  const sections = new Map<number, Uint8Array>()
  while (!reader.done) {
    const id = reader.byte()
    const body = reader.take(reader.u32())
    if (id !== SECTION.custom) sections.set(id, body)
  }
  for (const id of [SECTION.start, SECTION.table, SECTION.element]) {
    if (sections.has(id)) throw new RangeError(`the runtime has a section ${id}, which linking does not know`)
  }
  const section = (id: number): Uint8Array => sections.get(id) ?? Uint8Array.of(0)
  const exports = readExports(section(SECTION.export))
  const indices = (kind: number): ReadonlyMap<string, number> =>
    new Map(exports.filter((each) => each.kind === kind).map(({ name, index }) => [name, index]))
  const [funcs, globals] = [indices(EXPORT.function), indices(EXPORT.global)]
  const indexOf = (among: ReadonlyMap<string, number>, name: string): number => {
    const index = among.get(name)
    if (index === undefined) throw new RangeError(`the runtime has no \`${name}\``)
    return index
  }
  const segments = readData(section(SECTION.data))
  const end = segments.reduce((last, { address, bytes: data }) => Math.max(last, address + data.length), 0)
  const code = new ByteReader(section(SECTION.code))
  const bodyCount = code.u32()
  return {
    section,
    code: code.rest(),
    bodyCount,
    segments,
    end: (end + 15) & ~15,
    func: (name) => indexOf(funcs, name),
    global: (name) => indexOf(globals, name),
    names: namesOf(exports),
  }
}

/** What exported functions are called; of several names of one the first. */
function namesOf(exports: readonly Export[]): readonly FunctionName[] {
  const names = new Map<number, string>()
  for (const { kind, index, name } of exports) {
    if (kind === EXPORT.function && !names.has(index)) names.set(index, name)
  }
  return [...names].sort((a, b) => a[0] - b[0])
}
