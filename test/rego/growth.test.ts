// Whatever grows in a policy, the time to parse, check, plan, emit and print it grows with the text and not with its square.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileModules, strictErrors } from '../../rego/compile/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'
import { parseModule } from '../../rego/syntax/index.ts'
import { printModule } from '../../rego/syntax/printer/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { type Shape, shapes } from '../support/policy-shapes.ts'

/** How much longer the text gets: what takes time with its square takes sixteen times as long. */
const times = 4
/** What is linear stays below this on a machine that does other things, within so many tries. */
const ratioMax = 9
const triesMax = 6

for (const shape of shapes)
  test(`time grows with the text: ${shape.name}`, () => {
    // The first warms: it must not make the short text seem slow.
    let short = spent(shape, shape.parts)
    let long = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < triesMax; attempt++) {
      short = Math.min(short, spent(shape, shape.parts))
      long = Math.min(long, spent(shape, shape.parts * times))
      if (long / short < ratioMax) return
    }
    assert.fail(`${times} times the text took ${(long / short).toFixed(1)} times as long`)
  })

/** Processor time in milliseconds: the clock tells who else was running. */
function spent(shape: Shape, parts: number): number {
  const sources = shape.files(parts).map((text, at) => ({ file: `${at}.rego`, text }))
  const before = process.cpuUsage()
  for (const { file, text } of sources) {
    const { module } = parseModule(text, { file })
    assert.ok(module !== undefined)
    printModule(module)
    strictErrors(module)
  }
  const { compilation, diagnostics } = compileModules(sources)
  assert.equal(diagnostics.length > 0, shape.isWrong === true, diagnostics[0]?.message)
  if (compilation !== undefined) emitModule(planEntrypoints(compilation, sources.length === 1 ? ['p'] : ['p0']))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
