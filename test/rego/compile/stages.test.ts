// Every stage of the compiler accepts what it should, and refuses its twin with OPA's code, row and message.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { compileModules, compileQuery } from '../../../rego/compile/index.ts'
import { stages } from '../../../rego/compile/stages.ts'
import { opaText } from '../../../rego/syntax/index.ts'

interface Row {
  readonly stage: string
  readonly accept: string
  readonly refuse: string
  readonly row: number
  readonly code: string
  readonly message: string
}

const rows: readonly Row[] = parse(readFileSync(new URL('../../../fixtures/rego/stages.yaml', import.meta.url), 'utf8'))

function mistakes(text: string): readonly string[] {
  const { diagnostics } = compileModules([{ file: 'a.rego', text: `${text}\n` }], {
    print: 'keep',
    forbiddenBuiltins: new Set(['http.send']),
  })
  return diagnostics.map(opaText)
}

for (const { stage, accept, refuse, row, code, message } of rows) {
  test(`${stage} accepts what is right`, () => {
    assert.deepEqual(mistakes(accept), [])
  })
  test(`${stage} refuses its twin with "${message.split('\n')[0]}"`, () => {
    assert.ok(
      mistakes(refuse).includes(`a.rego:${row}: ${code}: ${message}`),
      mistakes(refuse).join('\n') || 'it was accepted',
    )
  })
}

test('every stage that can refuse has its row', () => {
  const named = new Set(rows.map(({ stage }) => stage.split(',')[0]))
  assert.deepEqual(
    stages.map(({ name }) => name).filter((name) => name !== 'RewriteDynamicTerms' && !named.has(name)),
    [],
  )
})

test('a stage that finds mistakes is the last', () => {
  assert.deepEqual(mistakes('package a\n\np if { input := 1; x == 2; q }\n\nq if p'), [
    'a.rego:3: rego_compile_error: variables must not shadow input (use a different variable name)',
  ])
})

test('queries go through the same stages', () => {
  const { compilation } = compileModules([{ file: 'a.rego', text: 'package a\n\np := 1\n' }])
  assert.ok(compilation)
  const ask = (query: string): readonly string[] =>
    compileQuery(query, compilation, { file: '' }).diagnostics.map(opaText)
  assert.deepEqual(ask('data.a.p == 1'), [])
  assert.deepEqual(ask('data.a.p == "one"'), ['1:1: rego_type_error: match error'])
  assert.deepEqual(ask('input := 1'), [
    '1:1: rego_compile_error: variables must not shadow input (use a different variable name)',
  ])
  assert.deepEqual(ask('x > 1'), ['1:1: rego_unsafe_var_error: var x is unsafe'])
  assert.deepEqual(ask('cuont([1])'), ['1:1: rego_type_error: undefined function cuont'])
})
