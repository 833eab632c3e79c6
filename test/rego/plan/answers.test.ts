// What policies give under both engines, or the mistakes that are told of them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { compileModules } from '../../../rego/compile/index.ts'
import { type Evaluation, Program } from '../../../rego/interpret/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import { opaText } from '../../../rego/syntax/index.ts'
import { valueFromData, writeJson } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'

interface Case {
  readonly note: string
  readonly modules: readonly string[]
  readonly input?: unknown
  readonly data?: unknown
  /** What package `p` is. */
  readonly want?: unknown
  readonly error?: string
  /** `row: code: message` of each. */
  readonly mistakes?: readonly string[]
}

const cases: readonly Case[] = parse(
  readFileSync(new URL('../../../fixtures/rego/answers.yaml', import.meta.url), 'utf8'),
)

function shown({ results, error }: Evaluation): string {
  return error === undefined ? writeJson(results) : `${error.code}: ${error.text}`
}

for (const { note, modules, input, data, want, error, mistakes } of cases) {
  test(note, () => {
    const { compilation, diagnostics } = compileModules(modules.map((text, index) => ({ file: `${index}.rego`, text })))
    assert.deepEqual(
      diagnostics.map((one) => opaText(one).replace(/^[0-9]+\.rego:/, '')),
      mistakes ?? [],
    )
    if (mistakes !== undefined) return
    assert.ok(compilation !== undefined)
    const policy = planEntrypoints(compilation, ['p'])
    const given = input === undefined ? {} : { input: valueFromData(input) }
    const documents = valueFromData(data ?? {})
    const wanted = error ?? writeJson(valueFromData([{ result: want }]))
    assert.equal(shown(new Program(policy, builtins).evaluate('p', { ...given, data: documents })), wanted)
    const wasm = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
    wasm.setData(documents)
    assert.equal(shown(wasm.evaluate('p', given)), wanted)
  })
}
