// rego.parse_module: the file beside this one holds a module with the tree that OPA 1.19 answers for it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { isObject, readJson, writeJson } from '../../../rego/value/index.ts'
import { callWith } from './call.ts'

test('a module is the tree that OPA answers', () => {
  const wanted = readJson(readFileSync(new URL('parse-module.json', import.meta.url), 'utf8'))
  assert.ok(isObject(wanted))
  const tree = callWith('rego.parse_module', ['a.rego', wanted.get('module') ?? ''])
  assert.equal(writeJson(tree ?? null), writeJson(wanted.get('tree') ?? null))
})

test('a text that is no module is an error that names its place', () => {
  const wanted = (error: unknown): boolean =>
    error instanceof BuiltinError &&
    error.message.startsWith('1 error occurred: x.rego:1: rego_parse_error: unexpected eof token: expected ident')
  assert.throws(() => callWith('rego.parse_module', ['x.rego', 'package foo.']), wanted)
})

test('other than texts are refused', () => {
  assert.throws(() => callWith('rego.parse_module', ['x.rego', 1]), /operand 2 must be string but got number/)
})
