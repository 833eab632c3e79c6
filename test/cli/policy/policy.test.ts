import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { folderWith, policy } from './run-policy.ts'

const library = fileURLToPath(new URL('../../../bundles/library', import.meta.url))

test('the tests of the shipped library pass', () => {
  const { status, out } = policy('.', 'test', library)
  assert.match(out, /^PASS: (\d+)\/\1\n$/)
  assert.equal(status, 0)
})

test('counts passes, failures, errors and todos as opa test does, and exits with 2', () => {
  const folder = folderWith({
    'a_test.rego':
      'package a_test\n\ntest_true if true\n\ntest_false if 1 == 2\n\ntodo_test_later if false\n\ntest_conflict := x if some x in [1, 2]\n',
  })
  const { status, out } = policy(folder, 'test', '.')
  assert.equal(status, 2)
  assert.match(out, /data\.a_test\.test_false: FAIL/)
  assert.match(out, /data\.a_test\.test_conflict: ERROR/)
  assert.match(out, /PASS: 1\/4\nFAIL: 1\/4\nERROR: 1\/4\nSKIPPED: 1\/4\n$/)
  assert.equal(policy(folder, 'test', '-r', 'test_true', '.').status, 0)
})

test('reports tests as JSON, JUnit, TAP and GitHub annotations', () => {
  const folder = folderWith({ 'a_test.rego': 'package a_test\n\ntest_no if false\n' })
  const json: unknown = JSON.parse(policy(folder, 'test', '-f', 'json', '.').out)
  assert.ok(Array.isArray(json))
  assert.deepEqual(
    json.map((one: { name: string; fail: boolean }) => [one.name, one.fail]),
    [['test_no', true]],
  )
  assert.match(policy(folder, 'test', '-o', 'junit', '.').out, /<testsuite name="data\.a_test" tests="1" failures="1"/)
  assert.match(
    policy(folder, 'test', '-o', 'tap', '.').out,
    /^TAP version 13\n1\.\.1\nnot ok 1 - data\.a_test\.test_no\n {2}---\n {2}message: "the rule is not true"\n/,
  )
  assert.match(
    policy(folder, 'test', '-o', 'github', '.').out,
    /^::error file=a_test\.rego,line=3,col=1::data\.a_test\.test_no: the rule is not true\n$/,
  )
})

test('SARIF carries failed tests and remarks with their places', () => {
  const folder = folderWith({
    'a.rego': 'package policy.a\n\nhelper if input.x\n',
    'a_test.rego': 'package a_test\n\ntest_no if false\n',
  })
  const log: unknown = JSON.parse(policy(folder, 'test', '-f', 'sarif', '.').out)
  const results = Object(Object(log).runs[0]).results.map((one: object) => JSON.stringify(one))
  assert.equal(results.length, 2)
  assert.match(results[0], /"ruleId":"test-failed".*"level":"error".*"uri":"a_test\.rego".*"startLine":3/)
  assert.match(results[1], /"ruleId":"unused-rule".*"level":"warning".*"uri":"a\.rego"/)
})

test('a skipped test fails the run unless -z, and no test at all only with --fail-on-empty', () => {
  const folder = folderWith({
    'a_test.rego': 'package a_test\n\ntodo_test_later if false\n',
    'b/b.rego': 'package b\n',
  })
  assert.equal(policy(folder, 'test', '.').status, 2)
  assert.equal(policy(folder, 'test', '-z', '.').status, 0)
  assert.equal(policy(folder, 'test', 'b').status, 0)
  assert.equal(policy(folder, 'test', '--fail-on-empty', 'b').status, 1)
})

test('what only holds is shown as one true, whatever the number of expressions', () => {
  const folder = folderWith({})
  assert.equal(policy(folder, 'eval', '-f', 'pretty', 'true; 1 == 1; 2 > 1').out, 'true\n')
  assert.match(policy(folder, 'eval', '-f', 'pretty', '3; 1 == 1').out, /│ 3 │ true +│/)
})

test('errors of built-ins that are shown are no error of the evaluation', () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np := 1\n\nq := 1 / 0\n' })
  const beside = policy(folder, 'eval', '--show-builtin-errors', '-d', 'a.rego', 'data.a')
  const { errors, result } = JSON.parse(beside.out)
  assert.deepEqual([beside.status, errors[0].location.row, result[0].expressions[0].value], [0, 5, { p: 1 }])
  const raw = policy(folder, 'eval', '--show-builtin-errors', '-d', 'a.rego', '-f', 'raw', 'data.a')
  assert.deepEqual([raw.status, raw.out], [0, ''])
  assert.match(raw.err, /a\.rego:5: eval_builtin_error: div: divide by zero/)
  const shown = policy(folder, 'eval', '--show-builtin-errors', '1/0')
  assert.equal(shown.status, 0)
  assert.match(shown.out, /"message": "div: divide by zero"/)
  assert.equal(policy(folder, 'eval', '--show-builtin-errors', '--fail', '1/0').status, 1)
  assert.equal(policy(folder, 'eval', '--strict-builtin-errors', '--show-builtin-errors', '1/0').status, 2)
})

test('coverage below the threshold fails the run', () => {
  const folder = folderWith({
    'a.rego': 'package a\n\np if input.x\n\nq if input.y\n',
    'a_test.rego': 'package a_test\n\ntest_p if data.a.p with input.x as true\n',
  })
  assert.equal(policy(folder, 'test', '--coverage', '.').status, 0)
  const { status, out } = policy(folder, 'test', '--threshold', '90', '.')
  assert.equal(status, 2)
  assert.match(out, /Code coverage threshold not met: got 66\.67 instead of 90\.00/)
})

test('fixtures are judged by the merged decision', () => {
  const folder = folderWith({
    'p.rego':
      'package policy.p\n\nallow if input.action.verb == "read"\n\ndeny contains {"rule": "p.prod", "message": "no"} if input.resource.labels.env == "prod"\n',
    'fixtures/p.yaml':
      '- note: reads pass\n  action: {verb: read}\n  want: {effect: allow, rules: [policy.p.allow]}\n- note: prod is refused\n  resource: {labels: {env: prod}}\n  want: {effect: allow}\n',
  })
  const { status, out } = policy(folder, 'test', '.')
  assert.equal(status, 2)
  assert.match(out, /prod is refused: FAIL \(.*\)\n {2}effect: wanted "allow", got "deny"/)
  assert.match(out, /PASS: 1\/2/)
})

test('check knows what `may_approve` is asked with, and what it is not', () => {
  const folder = folderWith({
    'p.rego':
      'package policy.p\n\nmay_approve if {\n\t"dba" in input.reviewer.groups\n\tinput.grant.actionsMax < 5\n}\n',
    'q.rego': 'package policy.q\n\nmay_approve if input.reviewer.group == "dba"\n',
  })
  assert.equal(policy(folder, 'check', 'p.rego').status, 0)
  const { status, out } = policy(folder, 'check', 'q.rego')
  assert.equal(status, 2)
  assert.match(out, /undefined ref: input\.reviewer\.group\n(.*\n)*.*did you mean `groups`\?/)
})

test('check shows the line, a caret and what to do, for every mistake at once', () => {
  const folder = folderWith({
    'p.rego': 'package policy.p\n\nallow if input.acton.sql\n\ndeny contains 1 if input.action.vrb == "x"\n',
  })
  const { status, out } = policy(folder, 'check', 'p.rego')
  assert.equal(status, 2)
  assert.equal(
    out,
    [
      'p.rego:3:16: rego_type_error: undefined ref: input.acton',
      '  3 | allow if input.acton.sql',
      '                     ^^^^^',
      '  have: "acton"',
      '  want (one of): ["action","context","grant","identity","recording","resource","reviewer","schema","session"]',
      '  help: did you mean `action`?',
      '',
      'p.rego:5:33: rego_type_error: undefined ref: input.action.vrb',
      '  5 | deny contains 1 if input.action.vrb == "x"',
      '                                      ^^^',
      '  have: "vrb"',
      '  want (one of): ["complete","digest","http","kube","operation","shell","sql","stage","text","verb"]',
      '  help: did you mean `verb`?',
      '',
      '2 errors',
      '',
    ].join('\n'),
  )
  assert.equal(policy(folder, 'check', library).status, 0)
})

test('wrong paths, options and formats are one clear line and exit code 1', () => {
  const folder = folderWith({ 'a.rego': 'package a\n', 'bad.json': '{' })
  for (const args of [
    ['check', 'none'],
    ['check'],
    ['test', '--nope', '.'],
    ['test', '-f', 'xml', '.'],
    ['eval'],
    ['eval', '1', '2'],
    ['eval', '-d', 'bad.json', '1'],
    ['nonsense'],
    ['test', '--fail-on-empty', '--sort', 'name', '.'],
  ]) {
    const { status, err } = policy(folder, ...args)
    assert.equal(status, 1, args.join(' '))
    assert.ok(err.length > 0, args.join(' '))
  }
})

test('eval prints bindings, values and traces, and tells by its exit code', () => {
  const folder = folderWith({
    'a.rego': 'package a\n\np contains x if some x in input.xs\n',
    'input.json': '{"xs":[2,1]}',
  })
  assert.deepEqual(JSON.parse(policy(folder, 'eval', '-d', 'a.rego', '-i', 'input.json', 'x = data.a.p').out), {
    result: [
      {
        expressions: [{ value: true, text: 'x = data.a.p', location: { row: 1, col: 1 } }],
        bindings: { x: [1, 2] },
      },
    ],
  })
  assert.equal(policy(folder, 'eval', '-d', 'a.rego', '-f', 'raw', '1 + 2').out, '3\n')
  assert.equal(policy(folder, 'eval', '--fail', 'data.nope').status, 1)
  assert.equal(policy(folder, 'eval', '-d', 'a.rego', '-f', 'raw', 'data.a.p').out, '[]\n')
  assert.equal(policy(folder, 'eval', 'x :=').status, 2)
  assert.match(policy(folder, 'eval', '-d', 'a.rego', '--explain', 'full', 'data.a.p').err, /Enter data\.a\.p/)
})

test('builds the same bytes twice, signs, and verifies only with the right key', () => {
  const folder = folderWith({
    'p/p.rego': 'package policy.p\n\nallow := true\n',
    'p/p_test.rego': 'package policy.p_test\n\ntest_x if true\n',
    'p/data.json': '{"k":1}',
  })
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  writeFileSync(join(folder, 'key.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(join(folder, 'pub.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(
    join(folder, 'other.pem'),
    generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ type: 'spki', format: 'pem' }),
  )
  assert.equal(policy(folder, 'build', 'p', '-r', '7', '-o', 'a.tar.gz').status, 0)
  assert.equal(policy(folder, 'build', 'p', '-r', '7', '-o', 'b.tar.gz').status, 0)
  assert.deepEqual(readFileSync(join(folder, 'a.tar.gz')), readFileSync(join(folder, 'b.tar.gz')))
  assert.equal(
    policy(folder, 'build', 'p', '-o', 's.tar.gz', '--signing-key', 'key.pem', '--signing-alg', 'ES256').status,
    0,
  )
  assert.equal(
    policy(folder, 'verify', 's.tar.gz', '--verification-key', 'pub.pem', '--signing-alg', 'ES256').status,
    0,
  )
  assert.equal(
    policy(folder, 'verify', 's.tar.gz', '--verification-key', 'other.pem', '--signing-alg', 'ES256').status,
    2,
  )
  assert.equal(
    policy(folder, 'verify', 'a.tar.gz', '--verification-key', 'pub.pem', '--signing-alg', 'ES256').status,
    2,
  )
  assert.equal(policy(folder, 'build', 'p', '-t', 'plan', '-e', 'policy/p/allow', '-o', 'plan.tar.gz').status, 0)
  assert.equal(policy(folder, 'build', 'p', '-t', 'wasm', '-e', 'policy/p/allow', '-o', 'wasm.tar.gz').status, 0)
  assert.equal(policy(folder, 'build', 'p', '-t', 'plan', '-e', 'no/such', '-o', 'x.tar.gz').status, 1)
})

test('a module without named entry points answers what a gateway asks', () => {
  const document = { action: { verb: 'read' } }
  const folder = folderWith({
    'p/a.rego': 'package policy.a\n\nallow if input.action.verb == "read"\n',
    'none/a.rego': 'package a\n\np := 1\n',
    'd.json': JSON.stringify(document),
  })
  assert.equal(policy(folder, 'build', '-t', 'wasm', '-O', '1', '-o', 'w.tar.gz', 'p').status, 0)
  const { out, err } = policy(folder, 'diff', 'p', 'w.tar.gz', '-i', 'd.json')
  assert.match(out, /1 actions judged by both: 0 decided otherwise/, err)
  assert.equal(policy(folder, 'build', '-t', 'wasm', '-o', 'x.tar.gz', 'none').status, 1)
})

test('a bundle is read in the version of Rego that its manifest says', () => {
  const folder = folderWith({
    '.manifest': '{"rego_version": 0, "file_rego_versions": {"/new.rego": 1}}',
    'old.rego': 'package old\n\np[x] { x = 1 }\n\ntest_p { p[1] }\n',
    'new.rego': 'package new\n\ntest_q if data.old.p[1]\n',
  })
  assert.equal(policy(folder, 'test', '.').out, 'PASS: 2/2\n')
  assert.equal(policy(folder, 'check', '.').status, 0)
  assert.match(policy(folder, 'fmt', '--diff', '.').out, /^\+p\[x\] \{$/m)
})

test('test rules are judged by the compiled policy too, unless one engine is named', () => {
  const folder = folderWith({
    'a_test.rego':
      'package a_test\n\ntest_sum if sum([0.1, 0.2]) == 0.3\n\ntest_cases[note] if {\n\tsome note, x in {"one": 1, "two": 2}\n\tx > 0\n}\n',
  })
  for (const target of [[], ['-t', 'rego'], ['-t', 'wasm']]) {
    const { status, out } = policy(folder, 'test', ...target, '.')
    assert.equal(status, 0, out)
  }
  assert.equal(policy(folder, 'test', '-t', 'jvm', '.').status, 1)
})
