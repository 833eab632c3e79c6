import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Local, nestedBlocks, type Stmt, usesOf, walkBlocks } from '../../../rego/ir/index.ts'
import { addLocals, Listings } from '../../../rego/optimize/index.ts'
import { policyOf } from '../../support/modules.ts'

const policy = policyOf(
  `package t
import rego.v1

default allow := false
allow if {
  some role in input.roles
  not denied
  count(role.names) > 2
  role.kind == "writer"
  {"a": role, "b": [1, role.x]} == data.wanted[input.name]
}
denied if input.x with input.x as 3
denied if every part in input.parts { part != null }
total(a, b) := {a, b, 1.5}
names contains name if { some name, _ in total(input.a, data.b) }
`,
  ['t/allow', 't/names'],
)

const functions = [...policy.plans, ...policy.funcs].map(({ blocks }) => blocks)

test('a listing has every statement in order, with the locals that it reads and writes', () => {
  const listings = new Listings()
  for (const blocks of functions) {
    const listing = listings.of(blocks)
    const walked: Stmt[] = []
    walkBlocks(blocks, (stmt) => walked.push(stmt))
    assert.deepEqual(listing.stmts, walked)
    let [read, write] = [0, 0]
    for (const [at, stmt] of walked.entries()) {
      const { reads, writes } = usesOf(stmt)
      assert.deepEqual(
        listing.reads.slice(read, listing.readEnd(at)),
        reads.flatMap((operand) => (operand.kind === 'local' ? [operand.value] : [])),
      )
      assert.deepEqual(listing.writes.slice(write, listing.writeEnd(at)), writes)
      read = listing.readEnd(at)
      write = listing.writeEnd(at)
    }
    assert.deepEqual([read, write], [listing.reads.length, listing.writes.length])
    assert.equal(listings.of(blocks), listing)
  }
})

test('a listing tells where a statement and its block end', () => {
  for (const blocks of functions) {
    const listing = new Listings().of(blocks)
    const size = (stmt: Stmt): number => {
      let count = 0
      walkBlocks(nestedBlocks(stmt), () => count++)
      return count
    }
    for (const [at, stmt] of listing.stmts.entries()) {
      assert.equal(listing.inner(at), at + size(stmt))
      for (const block of nestedBlocks(stmt)) {
        const last = block.stmts.at(-1)
        const end = last === undefined ? at : listing.inner(listing.stmts.indexOf(last))
        for (const each of block.stmts) assert.equal(listing.end(listing.stmts.indexOf(each)), end)
      }
    }
  }
})

test('every kind of statement gives the locals that it uses', () => {
  const local = (value: Local) => ({ kind: 'local', value }) as const
  const at = { file: 0, row: 1, col: 1 }
  const stmts: readonly Stmt[] = [
    { ...at, kind: 'ArrayAppendStmt', array: 2, value: local(3) },
    { ...at, kind: 'AssignIntStmt', target: 2, value: 3n },
    { ...at, kind: 'AssignVarOnceStmt', source: local(4), target: 5 },
    { ...at, kind: 'AssignVarStmt', source: { kind: 'bool', value: true }, target: 5 },
    { ...at, kind: 'CallDynamicStmt', args: [0, 1], path: [local(7)], result: 8 },
    { ...at, kind: 'IsArrayStmt', source: local(4) },
    { ...at, kind: 'LenStmt', source: local(4), target: 6 },
    { ...at, kind: 'MakeArrayStmt', capacity: 1, target: 6 },
    { ...at, kind: 'MakeNullStmt', target: 6 },
    { ...at, kind: 'ObjectMergeStmt', a: 3, b: 4, target: 6 },
    { ...at, kind: 'WithStmt', local: 0, path: [], value: local(9), block: { stmts: [] } },
  ]
  for (const stmt of stmts) {
    const [reads, writes]: [Local[], Local[]] = [[], []]
    addLocals(stmt, reads, writes)
    const uses = usesOf(stmt)
    assert.deepEqual(
      reads,
      uses.reads.flatMap((operand) => (operand.kind === 'local' ? [operand.value] : [])),
      stmt.kind,
    )
    assert.deepEqual(writes, uses.writes, stmt.kind)
  }
})
