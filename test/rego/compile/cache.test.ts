// A compile that keeps what the last one made answers as one that keeps nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CompileCache, compileModules, type SourceModule } from '../../../rego/compile/index.ts'
import { writePlanJson } from '../../../rego/ir/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import { opaText } from '../../../rego/syntax/index.ts'

function answer(sources: readonly SourceModule[], cache?: CompileCache): string {
  const { compilation, diagnostics } = compileModules(sources, cache === undefined ? {} : { cache })
  if (compilation === undefined) return diagnostics.map(opaText).join('\n')
  return writePlanJson(planEntrypoints(compilation, ['a', 'b']))
}

const texts = {
  'a.rego': [
    'package a\n\np if q with input.x as 1\n\nq if input.x\n',
    'package a\n\np := f(input.x)\n\nf(x) := [y | some y in x]\n',
    'package a\n\np := $"{data.b.r} and {input.y}"\n\nq contains x if some x in data.b.s\n',
    'package a\n\np := f(1, 2)\n\nf(x, y) := x + y\n',
    'package a\n\np if data.b.r == "one"\n',
    'package a\n\np := \n',
  ],
  'b.rego': [
    'package b\n\nr := 1\n\ns := [1]\n',
    'package b\n\nr := data.a.f(1)\n\ns := {1}\n',
    'package b\n\nr := "one" if data.a.p with data.a.q as true\n',
    'package b\n\nr := 2 if not data.a.q\n\ns contains x if x := 1\n',
    'package b\n\nr := x\n',
  ],
  'a2.rego': [
    'package a\n\nextra := 1\n',
    'package a\n\nq := 2\n',
    'package a\n\nimport data.b\n\nextra := b.r\n',
    '# METADATA\n# scope: subpackages\n# title: all\npackage a\n\nextra := rego.metadata.chain()\n',
  ],
} as const

test('after any sequence of edits the answer is that of a compile from nothing', () => {
  const edit = fc.record({
    'a.rego': fc.nat(texts['a.rego'].length - 1),
    'b.rego': fc.nat(texts['b.rego'].length - 1),
    'a2.rego': fc.option(fc.nat(texts['a2.rego'].length - 1)),
  })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 2, maxLength: 8 }), (edits) => {
      const cache = new CompileCache()
      for (const chosen of edits) {
        const sources: SourceModule[] = [
          { file: 'a.rego', text: texts['a.rego'][chosen['a.rego']] ?? '' },
          { file: 'b.rego', text: texts['b.rego'][chosen['b.rego']] ?? '' },
        ]
        const { 'a2.rego': third } = chosen
        if (third !== null) sources.push({ file: 'a2.rego', text: texts['a2.rego'][third] ?? '' })
        assert.equal(answer(sources, cache), answer(sources))
      }
    }),
    { numRuns: 150 },
  )
})

test('other options do not get what was made without them', () => {
  const cache = new CompileCache()
  const sources = [{ file: 'a.rego', text: 'package a\n\np if print(input.x)\n' }]
  assert.deepEqual(compileModules(sources, { cache }).diagnostics, [])
  const kept = compileModules(sources, { cache, print: 'keep' })
  assert.match(JSON.stringify(kept.compilation?.modules[0]?.rules), /internal/)
  const refused = compileModules(sources, { cache, forbiddenBuiltins: new Set(['internal.print']), print: 'keep' })
  assert.equal(refused.diagnostics.length, 1)
})
