// What OPA 1.19.1 answers to calls with odd operands, some of each built-in, most of them made at random. A row is the
// name, the operands, what `sprintf("%v", [[answer]])` gives (null where the call fails or is undefined), and the words
// of the failure where a policy's author is helped by the same ones.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { writeRego } from '../../../rego/value/index.ts'
import { call } from './call.ts'

type Row = readonly [name: string, operands: readonly string[], answer: string | null, failure?: string]

const rows: readonly Row[] = JSON.parse(readFileSync(new URL('opa-answers.json', import.meta.url), 'utf8'))

function answerOf(name: string, operands: readonly string[]): { answer: string | null; failure: string } {
  try {
    const value = call(name, ...operands)
    return { answer: value === undefined ? null : writeRego([value]), failure: '' }
  } catch (error) {
    if (error instanceof BuiltinError) return { answer: null, failure: error.message }
    throw error
  }
}

const names = [...new Set(rows.map(([name]) => name))]

for (const name of names) {
  test(`${name} answers odd operands as OPA does`, () => {
    for (const [called, operands, answer, failure] of rows) {
      if (called !== name) continue
      const got = answerOf(name, operands)
      assert.equal(got.answer, answer, `${name}(${operands.join(', ')})`)
      if (failure !== undefined) assert.equal(got.failure, failure, `${name}(${operands.join(', ')})`)
    }
  })
}

test('the rows are of nearly all built-ins', () => {
  assert.ok(names.length >= 180, `${names.length}`)
})
