// The rows of OPA's answers once more, through modules: built-ins that the module has itself answer as those in TypeScript.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { compileModules } from '../../../rego/compile/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import { declarations } from '../../../rego/types/declarations.ts'
import { isObject, RegoObject } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'

type Row = readonly [name: string, operands: readonly string[], answer: string | null]

const rows: readonly Row[] = JSON.parse(
  readFileSync(new URL('../../rego/builtins/opa-answers.json', import.meta.url), 'utf8'),
)

/** What calls of one built-in answer in a module, by the place of their row. */
function answers(name: string, called: readonly Row[]): RegoObject {
  const rules = called.map(([, operands], at) => {
    // Operands whose type is not known when the module is checked.
    const known = operands.map((operand) => `object.get({}, "k", ${operand})`)
    return `r[${at}] := sprintf("%v", [[v]]) if v := ${name}(${known.join(', ')})`
  })
  const text = `package t\n\nimport future.keywords\n\n${rules.join('\n\n')}\n`
  const { compilation, diagnostics } = compileModules([{ file: name, text, regoVersion: 0 }])
  assert.ok(compilation, `${name}: ${diagnostics[0]?.message}`)
  const program = new WasmProgram(new WebAssembly.Module(emitModule(planEntrypoints(compilation, ['t/r']))), builtins)
  program.setData(new RegoObject())
  const { results, error } = program.evaluate('t/r', {
    data: new RegoObject(),
    nowNs: 0n,
    random: (length) => new Uint8Array(length),
  })
  assert.equal(error, undefined, name)
  const [first] = results
  const made = isObject(first) ? first.get('result') : undefined
  assert.ok(isObject(made), name)
  return made
}

test('modules answer odd operands as OPA does', () => {
  let compared = 0
  for (const name of new Set(rows.map(([one]) => one))) {
    const declared = declarations.get(name)
    if (declared === undefined || declared.infix !== undefined || name.startsWith('internal.')) continue
    const called = rows.filter(([one]) => one === name)
    const made = answers(name, called)
    for (const [at, [, operands, answer]] of called.entries()) {
      assert.equal(made.get(at) ?? null, answer, `${name}(${operands.join(', ')})`)
      compared++
    }
  }
  assert.ok(compared > 700, `${compared}`)
})
