// The tree of a module, as opa prints it: texts taken down from `opa parse`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, policy } from './run-policy.ts'

const source = `# METADATA
# title: A
package a

import data.x as y

f(x) := z if {
	z := x + 1
	not y[_] with input.k as null
	every i in y { i > 0 }
} else := "no"
`

const pretty = `module
 package
  ref
   data
   "a"
 import
  ref
   data
   "x"
  y
 rule
  head
   ref
    f
   args
    x
   z
  body
   expr index=0
    ref
     assign
    z
    call
     ref
      plus
     x
     1
   expr negated index=1
    ref
     y
     _
    with
     ref
      input
      "k"
     null
   expr index=2
    every
     i
     y
     body
      expr index=0
       ref
        gt
       i
       0
  rule
   head
    ref
     f
    args
     x
    "no"
   body
    expr index=0
     true
 annotations
 comment
 comment
`

test('parse shows the tree, indented', () => {
  const folder = folderWith({ 'a.rego': source })
  const { status, out } = policy(folder, 'parse', 'a.rego')
  assert.equal(status, 0)
  assert.equal(out, pretty)
})

test('parse gives the tree as JSON, with its metadata', () => {
  const folder = folderWith({ 'a.rego': source })
  const tree = JSON.parse(policy(folder, 'parse', '-f', 'json', 'a.rego').out)
  assert.deepEqual(tree.package.path.at(-1), { type: 'string', value: 'a' })
  assert.deepEqual(tree.annotations, [{ scope: 'package', title: 'A' }])
  assert.equal(tree.comments.length, 2)
})

test('parse tells what is wrong with a text, and of a file that is not there', () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np if {\n', 'old.rego': 'package a\n\np { true }\n' })
  const { status, out, err } = policy(folder, 'parse', 'a.rego')
  assert.deepEqual([status, out], [1, ''])
  assert.match(err, /^a\.rego:4:1: rego_parse_error: unexpected eof token/)
  assert.equal(policy(folder, 'parse', 'none.rego').status, 1)
  assert.equal(policy(folder, 'parse', 'old.rego').status, 1)
  assert.equal(policy(folder, 'parse', '--v0-compatible', 'old.rego').status, 0)
})
