import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { hashBytes } from '../../../rego/wasm/hash.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { compileRuntime } from '../../../tools/runtime.mjs'
import { planOf } from '../../support/plans.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

test('the runtime in the repository is what its sources compile to', async () => {
  const compiled = await compileRuntime(root)
  assert.ok(Buffer.from(compiled).equals(readFileSync(new URL('../../../rego/runtime/runtime.wasm', import.meta.url))))
})

type Words = (...words: number[]) => number

function instance(): { call: Record<string, Words>; memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 64 })
  const none = (): never => assert.fail('the host was called')
  const env: Record<string, unknown> = { memory, opa_abort: none }
  for (let i = 0; i <= 4; i++) env[`opa_builtin${i}`] = none
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(emitModule(planOf([]))), { env })
  return { call: exports as Record<string, Words>, memory }
}

function put(memory: WebAssembly.Memory, call: Record<string, Words>, bytes: Uint8Array): number {
  const at = call['opa_malloc']?.(bytes.length + 1) ?? 0
  new Uint8Array(memory.buffer).set(bytes, at)
  return at
}

function cString(memory: WebAssembly.Memory, at: number): string {
  const bytes = new Uint8Array(memory.buffer)
  return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)))
}

test('the compiler hashes constants as the runtime does', () => {
  const { call, memory } = instance()
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const json = new TextEncoder().encode(JSON.stringify(text))
      const value = call['opa_json_parse']?.(put(memory, call, json), json.length) ?? 0
      assert.notEqual(value, 0)
      assert.equal(
        (call['rego_hash']?.(value) ?? 0) >>> 0,
        hashBytes(new TextEncoder().encode(Buffer.from(text, 'utf8').toString('utf8'))),
      )
    }),
  )
})

test('JSON goes in and comes out the same', () => {
  const { call, memory } = instance()
  const base = call['opa_heap_ptr_get']?.() ?? 0
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (data) => {
      call['opa_heap_ptr_set']?.(base)
      const json = new TextEncoder().encode(JSON.stringify(data))
      const value = call['opa_json_parse']?.(put(memory, call, json), json.length) ?? 0
      assert.notEqual(value, 0)
      const dumped = cString(memory, call['opa_json_dump']?.(value) ?? 0)
      assert.deepEqual(JSON.parse(dumped), JSON.parse(JSON.stringify(data)))
    }),
  )
})

test('what is no JSON is no value', () => {
  const { call, memory } = instance()
  const parse = (text: string): number => {
    const json = new TextEncoder().encode(text)
    return call['opa_json_parse']?.(put(memory, call, json), json.length) ?? 0
  }
  for (const text of [
    '',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":1,}',
    '01',
    '1.',
    '1e',
    '"\\x"',
    '"\u0001"',
    'nul',
    'tru',
    '1 2',
    '"\\u12',
    '{1}',
    'set()',
    '-',
    '1e999999',
    '['.repeat(2_000),
  ]) {
    assert.equal(parse(text), 0, text.slice(0, 20))
  }
  for (const text of ['{}', ' [ 1 , 2 ] ', '"\\ud83d\\ude00\\ud83d"', '1e5', '-0', '1.0', '{"a":1,"a":2}'])
    assert.notEqual(parse(text), 0, text)
})

test('literals are read and written with sets and keys of any type', () => {
  const { call, memory } = instance()
  for (const [text, literal, plain] of [
    ['{1,2,1}', '{1, 2}', '[1,2]'],
    ['set()', 'set()', '[]'],
    ['{{"b":[]}:1,"a":{3,"x"}}', '{"a": {3, "x"}, {"b": []}: 1}', '{"a":[3,"x"],"{\\"b\\":[]}":1}'],
  ] as const) {
    const bytes = new TextEncoder().encode(text)
    const value = call['opa_value_parse']?.(put(memory, call, bytes), bytes.length) ?? 0
    assert.equal(cString(memory, call['opa_value_dump']?.(value) ?? 0), literal)
    assert.equal(cString(memory, call['opa_json_dump']?.(value) ?? 0), plain)
  }
})
