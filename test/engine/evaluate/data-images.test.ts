// Data documents load once and survive a reload of rules.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createWasmHost,
  DataImages,
  EvaluateError,
  type PolicyHost,
  WasmProgram,
} from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { RegoObject, type Value, valueFromData } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { policyOf } from '../../support/modules.ts'

const plain = {
  users: Object.fromEntries(
    Array.from({ length: 2_000 }, (_, i) => [
      `user-${i}`,
      { roles: ['reader', `r${i % 7}`], limit: i + 0.5, big: 2 ** 60, ü: 'é' },
    ]),
  ),
  extra: [null, true, false, [], {}, -1, 1e300, 'reader'],
}

/** The data, and how often it was read. */
function watched(): { readonly data: RegoObject; readonly reads: () => number } {
  let reads = 0
  class Watched extends RegoObject {
    override unordered(): ReturnType<RegoObject['unordered']> {
      reads++
      return super.unordered()
    }
  }
  const value = valueFromData(plain)
  assert.ok(value instanceof RegoObject)
  const data = new Watched([...value.entries()])
  reads = 0
  return { data, reads: () => reads }
}

const rules = (more: string, also: readonly string[] = []): Uint8Array =>
  emitModule(
    policyOf(`package t\nall := [data.users, data.extra]\nallow if "reader" in data.users[input.user].roles\n${more}`, [
      't/all',
      't/allow',
      ...also,
    ]),
  )

function hostOf(module: Uint8Array, data: RegoObject, images: DataImages, digest: string, foreign = false): PolicyHost {
  return createWasmHost({
    module,
    data,
    images: { of: images, digest },
    foreign,
    revision: '1',
    digest: 'd',
    nowNs: () => 0n,
    random: (length) => new Uint8Array(length),
  })
}

test('data survives a reload of rules unchanged, and is not read again', () => {
  const images = new DataImages()
  const { data, reads } = watched()
  const before = hostOf(rules(''), data, images, 'one')
  assert.ok(reads() > 0)
  const wanted = before.evaluate('t/all', {})
  const read = reads()
  const after = hostOf(
    rules('deny if input.user == "nobody that was known before"\nallow if input.b == "more"'),
    data,
    images,
    'one',
  )
  assert.equal(reads(), read)
  assert.equal(images.adopted, 1)
  assert.deepEqual(after.evaluate('t/all', {}), wanted)
  for (const host of [before, after]) {
    assert.equal(host.evaluate('t/allow', { user: 'user-1999' }), true)
    assert.equal(host.evaluate('t/allow', { user: 'user-2000' }), undefined)
  }
  assert.deepEqual(before.evaluate('t/all', {}), wanted)
})

test('data lies in the same place after each of many reloads, and in no more of it', () => {
  const value = valueFromData(plain)
  const make = (i: number): WasmProgram =>
    new WasmProgram(new WebAssembly.Module(new Uint8Array(rules(`x${i} := "text of ${i}"`))), builtins)
  let program = make(0)
  program.setData(value)
  const heap = program.heapBytes()
  for (let i = 1; i < 20; i++) {
    const next = make(i)
    assert.ok(next.adoptData(program))
    assert.equal(next.heapBytes(), heap)
    program = next
  }
  const fresh = make(20)
  fresh.setData(value)
  const all = (of: WasmProgram): Value => of.evaluate('t/all').results[0] ?? assert.fail()
  assert.deepEqual(all(program), all(fresh))
})

test('other data, and that of a module which came in a bundle, is written anew', () => {
  const images = new DataImages()
  const { data } = watched()
  const other = new RegoObject([
    ['users', new RegoObject()],
    ['extra', 7],
  ])
  hostOf(rules(''), data, images, 'one')
  assert.deepEqual(hostOf(rules(''), other, images, 'two').evaluate('t/all', {}), [{}, 7])
  assert.equal(images.adopted, 0)
  hostOf(rules(''), data, images, 'two', true)
  hostOf(rules(''), other, images, 'two')
  assert.equal(images.adopted, 1)
})

test('rules that grew into where the data lies have it written anew', () => {
  const { data } = watched()
  const small = new WasmProgram(new WebAssembly.Module(new Uint8Array(rules(''))), builtins)
  small.setData(data)
  const grown = rules(
    `x := [${Array.from({ length: 3_000 }, (_, i) => `"a text of some length, number ${i}"`).join(',')}]`,
    ['t/x'],
  )
  const large = new WasmProgram(new WebAssembly.Module(new Uint8Array(grown)), builtins)
  assert.equal(large.adoptData(small), false)
  assert.ok(small.adoptData(large))
})

test('data that does not fit the memory of the new program is refused as when it is read', () => {
  const wide = new RegoObject([['wide', Array.from({ length: 400_000 }, (_, i) => i)]])
  const images = new DataImages()
  hostOf(rules(''), wide, images, 'one')
  assert.throws(
    () =>
      createWasmHost({
        module: rules(''),
        data: wide,
        images: { of: images, digest: 'one' },
        memoryPagesMax: 8,
        revision: '1',
        digest: 'd',
        nowNs: () => 0n,
        random: (length) => new Uint8Array(length),
      }),
    (error) => error instanceof EvaluateError && error.code === 'memory_spent',
  )
})
