import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  applyPatch,
  BundleError,
  type PackageOf,
  parseManifest,
  readBundle,
  rootsOverlap,
} from '../../bundles/format/index.ts'
import { RegoObject, readJson, writeJson } from '../../rego/value/index.ts'

const file = (path: string, text: string | Uint8Array) => ({ path, bytes: Buffer.from(text) })
const refusedAs = (code: string) => (error: unknown) => error instanceof BundleError && error.code === code
const packageOf: PackageOf = (module) => /^package ([a-z.]+)/.exec(module.text)?.[1]?.split('.')
const read = (...files: ReturnType<typeof file>[]) => readBundle(files, packageOf)
const wasm = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

test('puts data of all folders together, with exact numbers', () => {
  const bundle = read(
    file('data.json', '{"a":{"x":1.10}}'),
    file('a/b/data.yaml', 'k: [1, two]\n'),
    file('a/data.json', '{"y":12345678901234567890}'),
    file('a/other.json', 'not read'),
  )
  assert.equal(writeJson(bundle.data), '{"a":{"b":{"k":[1,"two"]},"x":1.10,"y":12345678901234567890}}')
})

test('reads YAML as OPA does: merges, numbers of 64 bits, octal, the words for true, and the last of two equal keys', () => {
  const text = `big: 9007199254740993
huge: 100000000000000000000000
oct: 010
yes: on
base: &b {p: 1e21, q: 1e-7}
merged: {<<: *b, q: 1_000}
last: 1
last: 1.50
`
  assert.equal(
    writeJson(read(file('data.yaml', text)).data),
    '{"base":{"p":1e+21,"q":1e-7},"big":9007199254740993,"huge":1e+23,"last":1.5,"merged":{"p":1e+21,"q":1000},"oct":8,"true":true}',
  )
  assert.equal(writeJson(read(file('data.yml', 'a: 1\n---\nb: 2\n')).data), '{"a":1}')
  assert.throws(() => read(file('data.yaml', 'a: [1')), refusedAs('bad_data'))
  assert.throws(() => read(file('data.yaml', 'a: .inf')), refusedAs('bad_data'))
})

test('refuses data that contradicts other data or is no object at the root', () => {
  assert.throws(() => read(file('data.json', '{"a":1}'), file('a/data.json', '{"b":1}')), refusedAs('conflicting_data'))
  assert.throws(
    () => read(file('a/b/data.json', '[1]'), file('a/b/c/data.json', 'true')),
    refusedAs('conflicting_data'),
  )
  assert.throws(() => read(file('data.json', '[1,2,3]')), refusedAs('bad_data'))
  assert.throws(() => read(file('data.json', 'lskjafkljsdf')), refusedAs('bad_data'))
  assert.throws(() => read(file('data.json', Buffer.from([0x22, 0xff, 0x22]))), refusedAs('bad_text'))
})

test("refuses data, modules, patches and entry points outside the roots, in OPA's words", () => {
  const manifest = (roots: string) => file('.manifest', `{"revision":"abcd","roots":${roots}}`)
  assert.throws(
    () => read(manifest('[]'), file('x.rego', 'package foo')),
    /manifest roots \[\] do not permit 'package foo' in module '\/x.rego'/,
  )
  assert.throws(
    () => read(manifest('["a","b","c/d"]'), file('data.json', '{"a":1}'), file('c/e/data.json', '"bad"')),
    /manifest roots \[a b c\/d\] do not permit data at path '\/c\/e'/,
  )
  assert.throws(
    () =>
      read(
        manifest('["a","b","c/d"]'),
        file('patch.json', '{"data":[{"op":"add","path":"/a/b/d","value":"foo"},{"op":"remove","path":"/c/e"}]}'),
      ),
    /manifest roots \[a b c\/d\] do not permit data patch at path 'c\/e'/,
  )
  assert.throws(
    () => read(file('.manifest', '{"roots":["a"],"wasm":[{"entrypoint":"b/c"}]}'), file('policy.wasm', wasm)),
    refusedAs('outside_roots'),
  )
  assert.ok(read(manifest('["a/b","foo"]'), file('data.json', '{"a":{"b":1}}'), file('x.rego', 'package foo.bar')))
})

test('refuses overlapping roots by whole segments', () => {
  assert.throws(() => parseManifest('{"roots":["a/b","c","a"]}'), refusedAs('overlapping_roots'))
  assert.throws(() => parseManifest('{"roots":["a","a/"]}'), refusedAs('overlapping_roots'))
  assert.deepEqual(parseManifest('{"roots":["a","another_root"]}').roots, ['a', 'another_root'])
  assert.equal(rootsOverlap('a/banana', 'a/b'), false)
  assert.equal(rootsOverlap('', 'foo/bar'), true)
})

test('refuses manifests that are wrong or more than one', () => {
  assert.throws(() => read(file('.manifest', '{}'), file('sub/release.manifest', '{}')), refusedAs('several_manifests'))
  assert.throws(() => read(file('.manifest', '{}'), file('.manifest.pb', '')), refusedAs('several_manifests'))
  for (const text of [
    '',
    '[]',
    '{"revision":1}',
    '{"roots":"a"}',
    '{"roots":[1]}',
    '{"wasm":[{}]}',
    '{"wasm":[{"entrypoint":"a"},{"entrypoint":"a"}]}',
    '{"metadata":[]}',
  ]) {
    assert.throws(() => parseManifest(text), refusedAs('bad_manifest'), text)
  }
  assert.throws(() => parseManifest('{"rego_version":2}'), refusedAs('bad_rego_version'))
  assert.equal(parseManifest('{"rego_version":null}').regoVersion, undefined)
})

test('gives each module its Rego version as opa does: by the first glob that matches, whose stars cross folders', () => {
  const versions = (patterns: object): readonly unknown[] =>
    read(
      file('.manifest', JSON.stringify({ rego_version: 1, file_rego_versions: patterns })),
      file('a/old.rego', 'package a'),
      file('a/new.rego', 'package a'),
      file('a/deep/er.rego', 'package a'),
      file('b.rego', 'package b'),
    ).modules.map((module) => module.regoVersion)
  assert.deepEqual(versions({ '/a/old.rego': 0 }), [0, 1, 1, 1])
  assert.deepEqual(versions({ 'a/old.rego': 0 }), [1, 1, 1, 1])
  assert.deepEqual(versions({ '/a/*': 0, '/a/new.rego': 1 }), [0, 0, 0, 1])
  assert.deepEqual(versions({ '/a/*': 0, '/*': 1 }), [1, 1, 1, 1])
  assert.deepEqual(versions({ '/{a/deep,c}/*.rego': 0 }), [1, 1, 0, 1])
  assert.deepEqual(versions({ '/[!a].rego': 0 }), [1, 1, 1, 0])
  assert.deepEqual(versions({ '/a?old.rego': 0, '**/er.rego': 0 }), [0, 1, 0, 1])
})

test('refuses patterns of versions that are none, or so many that reading them takes long', () => {
  for (const pattern of ['/a/[', '/a/[]', '/a/[a-'])
    assert.throws(
      () => parseManifest(JSON.stringify({ file_rego_versions: { [pattern]: 0 } })),
      refusedAs('bad_manifest'),
      pattern,
    )
  const many = (name: (index: number) => string): string =>
    JSON.stringify({ file_rego_versions: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [name(i), 0])) })
  assert.throws(() => parseManifest(many((index) => `/a${index}*`)), refusedAs('bad_manifest'))
  assert.equal(parseManifest(many((index) => `/a${index}.rego`)).fileRegoVersions.length, 1001)
})

test('refuses wasm that is none or not there', () => {
  assert.throws(() => read(file('policy.wasm', 'text')), refusedAs('bad_wasm'))
  assert.throws(
    () => read(file('.manifest', '{"wasm":[{"entrypoint":"a","module":"/x/policy.wasm"}]}')),
    refusedAs('bad_wasm'),
  )
  assert.equal(read(file('policy.wasm', wasm)).wasm.size, 1)
})

test('a delta bundle holds nothing but its patch', () => {
  const patch = file('patch.json', '{"data":[{"op":"upsert","path":"/a","value":1}]}')
  assert.equal(read(patch).patch?.length, 1)
  assert.throws(() => read(patch, file('x.rego', 'package x')), refusedAs('bad_patch'))
  assert.equal(read(file('patch.json', '{"data":[]}')).patch, undefined)
})

test('applies a patch whole or not at all', () => {
  const data = readJson('{"a":{"b":[1,2]},"c":3}')
  assert.ok(data instanceof RegoObject)
  const patched = (text: string) => writeJson(applyPatch(data, read(file('patch.json', text)).patch ?? []))
  assert.equal(
    patched(
      '{"data":[{"op":"upsert","path":"/x/y","value":[]},{"op":"upsert","path":"/a/b/1","value":9},{"op":"remove","path":"/c"}]}',
    ),
    '{"a":{"b":[1,9,2]},"x":{"y":[]}}',
  )
  assert.equal(
    patched('{"data":[{"op":"replace","path":"/a/b/0","value":{"k":null}},{"op":"upsert","path":"/a/b/-","value":3}]}'),
    '{"a":{"b":[{"k":null},2,3]},"c":3}',
  )
  const bad = [
    '{"op":"replace","path":"/n","value":1}',
    '{"op":"remove","path":"/a/b/7"}',
    '{"op":"upsert","path":"/a/b/7","value":1}',
    '{"op":"upsert","path":"","value":1}',
    '{"op":"upsert","path":"/a/b/0/x","value":1}',
  ]
  for (const operation of bad) {
    assert.throws(
      () => patched(`{"data":[{"op":"remove","path":"/c"},${operation}]}`),
      refusedAs('bad_patch'),
      operation,
    )
  }
  assert.equal(writeJson(data), '{"a":{"b":[1,2]},"c":3}')
})
