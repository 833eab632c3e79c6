// Rego to modules, and wasm modules of other makes, for tests of the hosts that load them.
import { compileModules } from '../../rego/compile/index.ts'
import type { Policy } from '../../rego/ir/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'
import { opaText } from '../../rego/syntax/index.ts'
import { ByteWriter } from '../../rego/wasm/bytes.ts'
import { encodeCode } from '../../rego/wasm/code-section.ts'
import { CodeWriter } from '../../rego/wasm/code-writer.ts'
import { EXPORT, encodeExports } from '../../rego/wasm/export-section.ts'
import { customSection, HEADER, SECTION, section, vector } from '../../rego/wasm/sections.ts'
import { TypeSection } from '../../rego/wasm/type-section.ts'

/** The plan of entry points of one module of Rego. */
export function policyOf(text: string, entrypoints: readonly string[]): Policy {
  const { compilation, diagnostics } = compileModules([{ file: 'policy.rego', text, regoVersion: 1 }])
  if (compilation === undefined) throw new Error(diagnostics.map(opaText).join('\n'))
  return planEntrypoints(compilation, entrypoints)
}

/** What a hand-made module is made of. */
export interface HandMade {
  /** The module and name of each imported function. */
  readonly imports?: readonly (readonly [module: string, name: string])[]
  /** Pages of the imported memory; absent for none. */
  readonly memory?: number
  /** A memory of its own. */
  readonly ownMemory?: boolean
  /** Functions by the name of their export: parameters, results, instructions. */
  readonly functions?: Readonly<
    Record<string, readonly [params: number, results: number, emit: (code: CodeWriter) => void]>
  >
  readonly custom?: readonly [name: string, body: string]
}

/** The bytes of a hand-made module. */
export function handMade(parts: HandMade): Uint8Array {
  const types = new TypeSection(Uint8Array.of(0))
  const imports = (parts.imports ?? []).map(([module, name]) =>
    new ByteWriter().name(module).name(name).byte(0).u32(types.of(0, 0)).finish(),
  )
  if (parts.memory !== undefined) {
    imports.push(new ByteWriter().name('env').name('memory').byte(2).byte(0).u32(parts.memory).finish())
  }
  const functions = Object.entries(parts.functions ?? {})
  const signatures = functions.map(([, [params, results]]) => new ByteWriter().u32(types.of(params, results)).finish())
  const bodies = functions.map(([, [params, , emit]]) => {
    const written = new ByteWriter()
    const code = new CodeWriter(params, written)
    emit(code)
    code.finish()
    return written.finish()
  })
  const exports = functions.map(([name], i) => ({
    name,
    kind: EXPORT.function,
    index: (parts.imports ?? []).length + i,
  }))
  const writer = new ByteWriter().bytes(HEADER).bytes(section(SECTION.type, types.encode()))
  if (imports.length > 0) writer.bytes(section(SECTION.import, vector(imports)))
  writer.bytes(section(SECTION.function, vector(signatures)))
  if (parts.ownMemory === true) writer.bytes(section(SECTION.memory, Uint8Array.of(1, 0, 1)))
  writer.bytes(section(SECTION.export, encodeExports(exports))).bytes(section(SECTION.code, encodeCode(bodies)))
  if (parts.custom !== undefined)
    writer.bytes(customSection(parts.custom[0], new TextEncoder().encode(parts.custom[1])))
  return writer.finish()
}
