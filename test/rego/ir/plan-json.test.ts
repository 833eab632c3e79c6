import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkPolicy, PlanError, printPolicy, readPlanJson, readPolicy, writePlanJson } from '../../../rego/ir/index.ts'
import { isArray, isObject, readJson } from '../../../rego/value/index.ts'

const local = (value: number): unknown => ({ type: 'local', value })

function planWith(stmts: readonly unknown[]): string {
  return JSON.stringify({
    static: { strings: [{ value: 'x' }, { value: '12' }], files: [{ value: 'a.rego' }] },
    plans: { plans: [{ name: 'eval', blocks: [{ stmts }] }] },
  })
}

function stmt(type: string, fields: object): unknown {
  return { type, stmt: { ...fields, file: 0, row: 1, col: 2 } }
}

test('a plan reads, writes and reads back the same', () => {
  const text = planWith([
    stmt('MakeNumberRefStmt', { Index: 1, target: 2 }),
    stmt('MakeNumberIntStmt', { value: 1, target: 3 }),
    stmt('MakeObjectStmt', { target: 4 }),
    stmt('ObjectInsertStmt', { key: { type: 'string_index', value: 0 }, value: local(2), object: 4 }),
    stmt('WithStmt', { local: 0, path: null, value: { type: 'bool', value: true }, block: { stmts: [] } }),
    stmt('ResultSetAddStmt', { value: 4 }),
  ])
  const policy = readPlanJson(text)
  checkPolicy(policy)
  assert.deepEqual(readPlanJson(writePlanJson(policy)), policy)
  assert.match(printPolicy(policy), /insert \$4\["x"\] = \$2/)
})

test('the newer index of a number wins over the older', () => {
  const [plan] = readPlanJson(planWith([stmt('MakeNumberRefStmt', { index: 1, Index: 0, target: 2 })])).plans
  const [made] = plan?.blocks[0]?.stmts ?? []
  assert.equal(made?.kind === 'MakeNumberRefStmt' ? made.index : undefined, 1)
})

const refused: readonly (readonly [string, string])[] = [
  ['no JSON', '{'],
  ['an unknown statement', planWith([stmt('JumpStmt', {})])],
  ['a field of a wrong type', planWith([stmt('BreakStmt', { index: -1 })])],
  ['a missing field', planWith([stmt('MakeNullStmt', {})])],
  ['an unknown operand', planWith([stmt('AssignVarStmt', { source: { type: 'float', value: 1 }, target: 2 })])],
  [
    'an integer beyond 64 bits',
    planWith([stmt('NopStmt', {})]).replace(
      '"NopStmt","stmt":{',
      '"AssignIntStmt","stmt":{"target":2,"value":9223372036854775808,',
    ),
  ],
]
for (const [name, text] of refused) {
  test(`refuses ${name}`, () => assert.throws(() => readPlanJson(text), PlanError))
}

const unchecked: readonly (readonly [string, unknown])[] = [
  ['a call of nothing', stmt('CallStmt', { func: 'f', args: [], result: 2 })],
  ['a string that is not there', stmt('AssignVarStmt', { source: { type: 'string_index', value: 2 }, target: 2 })],
  ['a break out of the plan', stmt('BreakStmt', { index: 1 })],
  ['a local beyond the limit', stmt('MakeNullStmt', { target: 50_000 })],
  ['a number that is none', stmt('MakeNumberRefStmt', { index: 0, target: 2 })],
  ['a return in a plan', stmt('ReturnLocalStmt', { source: 2 })],
  [
    'a break out of a scan',
    stmt('ScanStmt', { source: 1, key: 2, value: 3, block: { stmts: [stmt('BreakStmt', { index: 1 })] } }),
  ],
]
for (const [name, bad] of unchecked) {
  test(`refuses ${name}`, () => assert.throws(() => checkPolicy(readPlanJson(planWith([bad]))), PlanError))
}

const shared = fileURLToPath(new URL('../../../../shared/conformance/plans-v1/withkeyword', import.meta.url))
const skip = existsSync(shared) ? false : 'the conformance data is not there'
test('plans that OPA made are accepted and written back', { skip }, () => {
  let plans = 0
  for (const name of readdirSync(shared).filter((file) => file.endsWith('.json'))) {
    const document = readJson(readFileSync(`${shared}/${name}`, 'utf8'), 3_000)
    const cases = isObject(document) ? document.get('cases') : undefined
    for (const item of isArray(cases) ? cases : []) {
      const plan = isObject(item) ? item.get('plan') : undefined
      assert.ok(plan !== undefined)
      const policy = readPolicy(plan)
      checkPolicy(policy)
      assert.deepEqual(readPlanJson(writePlanJson(policy)), policy)
      plans++
    }
  }
  assert.ok(plans > 50)
})
