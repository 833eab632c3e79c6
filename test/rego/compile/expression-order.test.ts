// The order of a body's expressions is the one that going through all of them, pass after pass, would give, and is found
// without going through all of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { orderExpressions } from '../../../rego/compile/expression-order.ts'
import { type Compilation, compileModules } from '../../../rego/compile/index.ts'
import { orderBody } from '../../../rego/compile/safety.ts'
import {
  closureVars,
  exprVars,
  holdsClosures,
  operandVars,
  outputVars,
  type VarSet,
} from '../../../rego/compile/variables.ts'
import { type Body, type Expr, parseModule } from '../../../rego/syntax/index.ts'

function body(lines: readonly string[]): Body {
  const { module, diagnostics } = parseModule(`package a\np if {\n${lines.join('\n')}\n}\n`, { file: 'a.rego' })
  assert.ok(module, JSON.stringify(diagnostics))
  return module.rules[0]?.body ?? []
}

function surroundings(): Compilation {
  const { compilation } = compileModules([{ file: 'a.rego', text: 'package a\n\np := 1\n' }])
  assert.ok(compilation)
  return compilation
}

/** What an expression must have bound, or binds. */
function needed(expr: Expr, compilation: Compilation): VarSet {
  return new Set([...exprVars(expr, { closures: true }), ...operandVars(expr, compilation)])
}

/** All expressions, pass after pass, until none is taken any more; those that are left at the end. */
function orderInPasses(all: Body, compilation: Compilation): readonly Expr[] {
  const inBody: VarSet = new Set(all.flatMap((expr) => [...needed(expr, compilation)]))
  const safe: VarSet = new Set()
  const ordered: Expr[] = []
  for (let before = -1; before !== ordered.length; ) {
    before = ordered.length
    for (const expr of all) {
      if (ordered.includes(expr)) continue
      const closed = holdsClosures(expr) ? [...closureVars(expr)].filter((name) => inBody.has(name)) : []
      if (!closed.every((name) => safe.has(name))) continue
      const outputs = outputVars(expr, safe, compilation)
      if (![...needed(expr, compilation)].every((name) => safe.has(name) || outputs.has(name))) continue
      ordered.push(expr)
      for (const name of needed(expr, compilation)) safe.add(name)
    }
  }
  return [...ordered, ...all.filter((expr) => !ordered.includes(expr))]
}

const variable = fc.integer({ min: 0, max: 7 }).map((at) => `x${at}`)
const line = fc
  .tuple(
    fc.constantFrom(
      'A = B',
      'A = B',
      'A := B',
      'A = input.a',
      'A = [B, C]',
      '[A, B] = C',
      '{"a": A, "b": [B]} = {"a": C, "b": D}',
      '[A, input.x[B]] = C',
      '[A, B] = [C, D]',
      '[A, B] := [C, D]',
      '[A, B, 1] = [B, C, D]',
      '[A, [B, C]] = [C, [D, A]]',
      '[A, B] = [C]',
      '[A, B] = [input.a[C], D]',
      '{"a": A, input[B]: C} = {"a": D, input[B]: B}',
      '{"a": A, "b": B} = {"b": C, "a": {"c": D}}',
      '{"a": A, B: C} = {"a": D, B: A}',
      '[A, {B}] = [C, {D}]',
      'A = {B: C}',
      'A = [input[A], B]',
      'A = {B, C}',
      'A = B[C]',
      'input.a[A] = B',
      'A[B] == C',
      'A > B',
      'not A = B',
      'plus(A, B, C)',
      'plus(A[B], 1, C)',
      'A = [y | y = B[C]]',
      'A = count({y | y = B; z = C})',
      'B = C with input.a as A',
      'every y in A { y > B }',
    ),
    variable,
    variable,
    variable,
    variable,
  )
  .map(([shape, a, b, c, d]) => shape.replaceAll('A', a).replaceAll('B', b).replaceAll('C', c).replaceAll('D', d))

test('bodies are ordered as passes over all expressions would order them', () => {
  const compilation = surroundings()
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 14 }), (lines) => {
      const all = body(lines)
      const places = (exprs: readonly Expr[]): readonly number[] => exprs.map(({ location }) => location.offset)
      assert.deepEqual(places(orderBody(all, new Set(), compilation)), places(orderInPasses(all, compilation)))
    }),
    { numRuns: 3000 },
  )
})

function looks(lines: readonly string[]): { readonly looks: number; readonly left: number } {
  const compilation = surroundings()
  const safe: VarSet = new Set()
  let count = 0
  const all = body(lines).map((expr) => ({ expr, needs: needed(expr, compilation), closed: [] }))
  const left = orderExpressions(all, {
    safe,
    isReady: ({ expr, needs }) => {
      count++
      const outputs = outputVars(expr, safe, compilation)
      return [...needs].every((name) => safe.has(name) || outputs.has(name))
    },
    take: ({ needs }) => {
      for (const name of needs) safe.add(name)
    },
  })
  return { looks: count, left: left.length }
}

const links = Array.from({ length: 2000 }, (_, at) => `x${at} = x${at + 1}`)

test('a chain from its last link is ordered with two looks at each link', () => {
  assert.deepEqual(looks([...links, 'x2000 = input.a']), { looks: 4001, left: 0 })
})

test('a chain that nothing binds is left with one look at each link', () => {
  assert.deepEqual(looks(links), { looks: 2000, left: 2000 })
})

test('an array of all links of a chain is looked at once they are bound', () => {
  const items = Array.from({ length: 2000 }, (_, at) => `x${at}`).join(', ')
  assert.deepEqual(looks([`all = [${items}]`, ...links, 'x2000 = input.a']), { looks: 4002, left: 0 })
})

test('an array of all links against an array of others is looked at once they are bound', () => {
  const list = (name: string, from: number): string =>
    Array.from({ length: 2000 }, (_, at) => `${name}${Math.abs(from - at)}`).join(', ')
  for (const first of [0, 1999]) {
    assert.deepEqual(looks([`[${list('y', first)}] = [${list('x', first)}]`, ...links, 'x2000 = input.a']), {
      looks: 4002,
      left: 0,
    })
  }
})
