import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashBytes } from '../../../rego/wasm/hash.ts'
import { packedStrings } from '../../../rego/wasm/index.ts'
import { ConstantPacker } from '../../../rego/wasm/packed-constants.ts'

const encoder = new TextEncoder()
const [base, packedAt] = [65_536, 131_072]

const memory = new WebAssembly.Memory({ initial: 4 })
const names = ['opa_abort', 'opa_builtin0', 'opa_builtin1', 'opa_builtin2', 'opa_builtin3', 'opa_builtin4']
const runtime = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(new URL('../../../rego/runtime/runtime.wasm', import.meta.url))),
  { env: { memory, ...Object.fromEntries(names.map((name) => [name, () => 0])) } },
)

/** What the runtime lays out of packed constants. */
function expanded(packed: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(memory.buffer)
  bytes.fill(0, base)
  bytes.set(packed, packedAt)
  const { expand } = runtime.exports
  assert.ok(typeof expand === 'function')
  expand(packedAt, base)
  return bytes.slice(base, base + length)
}

type Item = string | Uint8Array

/** The bytes of items where they lie once a module has started, and the addresses of strings. */
function laidOut(items: readonly Item[]): {
  readonly bytes: Uint8Array
  readonly strings: ReadonlyMap<string, number>
} {
  const bytes = new Uint8Array(60_000)
  const view = new DataView(bytes.buffer)
  const strings = new Map<string, number>()
  let at = 0
  for (const item of items) {
    if (typeof item === 'string') {
      const text = encoder.encode(item)
      view.setUint32(at, 3, true)
      view.setUint32(at + 4, hashBytes(text), true)
      view.setUint32(at + 8, text.length, true)
      bytes.set(text, at + 16)
      strings.set(item, base + at)
      at += 16 + text.length
    } else {
      bytes.set(item, at)
      at += item.length
    }
    at = (at + 7) & ~7
  }
  return { bytes: bytes.subarray(0, at), strings }
}

test('packed constants are laid out as they were, and their strings are found where they lie', () => {
  const repeated = fc
    .array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 12 })
    .map((runs) => Uint8Array.from(runs.flatMap(([byte, count]) => new Array<number>(count).fill(byte))))
  const item = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ minLength: 1, maxLength: 400 }), repeated)
  const items = fc.uniqueArray(item, {
    maxLength: 12,
    selector: (each) => (typeof each === 'string' ? each : each.join()),
  })
  fc.assert(
    fc.property(items, (all) => {
      const packer = new ConstantPacker()
      const texts = all.map((each) => (typeof each === 'string' ? Buffer.from(each).toString() : each))
      for (const each of texts) {
        if (typeof each === 'string') packer.text(each)
        else packer.bytes(each)
      }
      const packed = packer.finish()
      const { bytes, strings } = laidOut(texts)
      assert.deepEqual(expanded(packed, bytes.length), bytes)
      assert.deepEqual(packedStrings(packed, base), strings)
    }),
  )
})

test('packed constants that are cut off or no text are refused', () => {
  const packer = new ConstantPacker()
  packer.text('name')
  packer.bytes(Uint8Array.of(1, 2, 3))
  const packed = packer.finish()
  for (let length = 0; length < packed.length; length++) {
    assert.throws(() => packedStrings(packed.subarray(0, length), base), RangeError)
  }
  assert.throws(() => packedStrings(Uint8Array.of(3, 0xff, 0), base), TypeError)
})
