// Bundles of folders, of files and of other bundles, in the form that opa gives them.
import assert from 'node:assert/strict'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bundleLimits, readArchive } from '../../../bundles/format/index.ts'
import { folderWith, policy } from './run-policy.ts'

async function filesOf(folder: string, name = 'bundle.tar.gz'): Promise<{ readonly [path: string]: string }> {
  const files = await readArchive(createReadStream(join(folder, name)), bundleLimits)
  return Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')]))
}

test('a bundle of bundles keeps the version of Rego of each file, and all roots', async () => {
  const folder = folderWith({
    'one/.manifest': '{"roots": ["a"], "rego_version": 0, "revision": "1"}',
    'one/a.rego': 'package a\np[x] { x = 1 }\n',
    'two/.manifest': '{"roots": ["b", "d"]}',
    'two/b.rego': 'package b\np contains 2\n',
    'two/d/data.json': '{"k": 1}',
    'two/d/other.json': '{"not": "data of a bundle"}',
  })
  assert.equal(policy(folder, 'build', '-b', 'one', 'two').status, 0)
  assert.deepEqual(await filesOf(folder), {
    'data.json': '{"d":{"k":1}}\n',
    'one/a.rego': 'package a\n\np[x] {\n\tx = 1\n}\n',
    'two/b.rego': 'package b\n\np contains 2\n',
    '.manifest': '{"revision":"","roots":["a","b","d"],"rego_version":1,"file_rego_versions":{"/one/a.rego":0}}\n',
  })
  assert.equal(policy(folder, 'build', '-b', 'bundle.tar.gz', '-o', 'again.tar.gz').status, 0)
  assert.equal(Object.keys(await filesOf(folder, 'again.tar.gz')).includes('bundle.tar.gz/one/a.rego'), true)
})

test('bundles whose roots overlap are not built together', () => {
  const folder = folderWith({ 'a/.manifest': '{"roots": ["x"]}', 'b/.manifest': '{"roots": ["x/y"]}' })
  const { status, err } = policy(folder, 'build', '-b', 'a', 'b')
  assert.equal(status, 1)
  assert.match(err, /overlapped roots: 'x' and 'x\/y'/)
})

test('without -b a manifest is not looked at, and that is said; all JSON is data', async () => {
  const folder = folderWith({
    'p/.manifest': '{"roots": ["foo"], "revision": "9"}',
    'p/x/other.json': '{"k": 1}',
    'p/a.rego': 'package a\n\np := 1\n',
  })
  const { status, err } = policy(folder, 'build', 'p')
  assert.equal(status, 0)
  assert.match(err, /^warning: \.manifest in `p` is not looked at/)
  const files = await filesOf(folder)
  assert.equal(files['data.json'], '{"x":{"k":1}}\n')
  assert.equal(files['.manifest'], '{"revision":"","roots":[""],"rego_version":1}\n')
})

test('a signed bundle is built from only when its signature holds', () => {
  const folder = folderWith({ 'p/a.rego': 'package a\n\np := 1\n', 'k.txt': 'a secret', 'other.txt': 'another' })
  const signing = ['--signing-alg', 'HS256', '--signing-key', 'k.txt', '-o', 'signed.tar.gz']
  assert.equal(policy(folder, 'build', 'p', ...signing).status, 0)
  const build = (key: string): ReturnType<typeof policy> =>
    policy(folder, 'build', '-b', 'signed.tar.gz', '--verification-key', key, '--signing-alg', 'HS256')
  assert.equal(build('k.txt').status, 0)
  const { status, err } = build('other.txt')
  assert.equal(status, 1)
  assert.match(err, /signed\.tar\.gz: signature/)
})

test('a manifest of wasm has the metadata of each entry point', async () => {
  const folder = folderWith({
    'p/a.rego': 'package a\n\n# METADATA\n# title: P\n# entrypoint: true\np := 1\n\n# METADATA\n# title: Q\nq := 2\n',
  })
  assert.equal(policy(folder, 'build', 'p', '-t', 'wasm', '-e', 'a/q').status, 0)
  const { wasm } = Object(JSON.parse((await filesOf(folder))['.manifest'] ?? ''))
  assert.deepEqual(wasm, [
    { entrypoint: 'a/q', module: '/policy.wasm', annotations: [{ title: 'Q', scope: 'rule' }] },
    { entrypoint: 'a/p', module: '/policy.wasm', annotations: [{ title: 'P', entrypoint: true, scope: 'document' }] },
  ])
  const none = policy(folderWith({ 'p/a.rego': 'package a\n\np := 1\n' }), 'build', 'p', '-t', 'plan')
  assert.equal(none.status, 1)
  assert.match(none.err, /needs an `--entrypoint`/)
})

test('what a target cannot do is a mistake of the build', () => {
  const folder = folderWith({ 'p/a.rego': 'package a\n\np := upper("x")\n', 'old/a.rego': 'package a\np { true }\n' })
  const current = policy(folder, 'capabilities', '--current')
  const all = JSON.parse(current.out)
  const without = { ...all, builtins: all.builtins.filter(({ name }: { name: string }) => name !== 'upper') }
  const caps = folderWith({ 'caps.json': JSON.stringify(without) })
  assert.equal(policy(folder, 'build', 'p', '--capabilities', join(caps, 'caps.json')).status, 2)
  assert.equal(policy(folder, 'build', 'old').status, 2)
  assert.equal(policy(folder, 'build', 'old', '--v0-compatible').status, 0)
  assert.equal(readFileSync(join(folder, 'bundle.tar.gz')).length > 0, true)
})
