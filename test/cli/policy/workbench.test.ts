import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderWith, policy, sallyportWith } from './run-policy.ts'

test('new makes a policy whose tests, fixtures and format pass, for every protocol, and overwrites nothing', () => {
  const folder = folderWith({})
  for (const protocol of ['postgres', 'ssh', 'kubernetes', 'http']) {
    assert.equal(policy(folder, 'new', `p_${protocol}`, '--protocol', protocol).status, 0)
    const { status, out } = policy(folder, 'test', `p_${protocol}`)
    assert.equal(out, 'PASS: 4/4\n', protocol)
    assert.equal(status, 0)
    assert.equal(policy(folder, 'fmt', '--check', `p_${protocol}`).status, 0)
    assert.equal(policy(folder, 'check', `p_${protocol}`).status, 0)
  }
  assert.ok(existsSync(join(folder, 'p_ssh/.github/workflows/policy.yaml')))
  writeFileSync(join(folder, 'p_ssh/policy.rego'), 'package mine\n')
  const again = policy(folder, 'new', 'p_ssh')
  assert.equal(again.status, 1)
  assert.match(again.err, /already there, nothing written: p_ssh\/policy\.rego/)
  assert.equal(readFileSync(join(folder, 'p_ssh/policy.rego'), 'utf8'), 'package mine\n')
  assert.match(policy(folder, 'new', '9lives').err, /is no package name/)
})

test('sign makes a signature that verify accepts, and a changed file that it refuses', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const folder = folderWith({
    'p/a.rego': 'package policy.a\n\nallow if true\n',
    'key.pem': pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'pub.pem': pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'claims.json': '{"scope": "prod", "files": []}',
  })
  const signed = policy(
    folder,
    'sign',
    '--signing-key',
    'key.pem',
    '--signing-alg',
    'ES256',
    '-o',
    'p',
    '--claims-file',
    'claims.json',
    'p',
  )
  assert.equal(signed.status, 0, signed.err)
  const [token = ''] = JSON.parse(readFileSync(join(folder, 'p/.signatures.json'), 'utf8')).signatures
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  assert.equal(payload.scope, 'prod')
  assert.deepEqual(
    payload.files.map((file: { name: string }) => file.name),
    ['a.rego'],
  )
  assert.equal(policy(folder, 'sign', 'p').status, 1)
  assert.equal(policy(folder, 'sign', '--signing-key', 'none.pem', 'p').status, 1)
})

test('bench measures a query, and fails on a policy that does not compile', () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np := sum([1, 2])\n', 'b/b.rego': 'package b\n\np := x\n' })
  const { status, out } = policy(folder, 'bench', '-d', 'a.rego', '--time', '20ms', '-f', 'json', 'data.a.p')
  assert.equal(status, 0)
  const found: { readonly N: number; readonly ns_per_op: number } = JSON.parse(out)
  assert.ok(found.N > 0 && found.ns_per_op > 0)
  assert.match(
    policy(folder, 'bench', '-d', 'a.rego', '--time', '20ms', '-f', 'gobench', 'data.a.p').out,
    /^BenchmarkRegoQuery\t\d+\t\d+ ns\/op/,
  )
  assert.equal(policy(folder, 'bench', '-d', 'b', 'data.b.p').status, 2)
})

const reads = 'package policy.a\n\nallow if input.action.verb == "read"\n'
const writes = 'package policy.a\n\nallow if input.action.verb in {"read", "write"}\n'
const cases = `
- note: a write
  action: { verb: write }
  want: { effect: deny }
- note: a read
  action: { verb: read }
  want: { effect: allow }
`

test('diff says what becomes newly allowed, and can fail on it', () => {
  const folder = folderWith({ 'old/a.rego': reads, 'old/fixtures/a.yaml': cases, 'new/a.rego': writes })
  const { status, out } = policy(folder, 'diff', 'old', 'new')
  assert.equal(status, 0)
  assert.match(
    out,
    /newly allowed: 1\n {2}old\/fixtures\/a\.yaml: a write\n {4}deny \(no rule\) becomes allow \(policy\.a\.allow\)/,
  )
  assert.match(out, /^- data\.policy\.a\.allow \(old\/a\.rego:3\)$/m)
  assert.equal(policy(folder, 'diff', '--fail-on-allow', 'old', 'new').status, 2)
  assert.equal(policy(folder, 'diff', '--fail-on-allow', 'new', 'old').status, 0)
  assert.match(policy(folder, 'diff', 'old', 'old').out, /2 actions judged by both: 0 decided otherwise/)
})

test('eval explains with source lines and profiles by expression', () => {
  const folder = folderWith({ 'a.rego': reads })
  const traced = policy(folder, 'eval', '-d', 'a.rego', '--explain', 'full', '-f', 'pretty', 'data.policy.a.allow')
  assert.match(
    traced.out,
    /a\.rego:3 .*Eval allow if input\.action\.verb == "read"\na\.rego:3 +Exit data\.policy\.a\.allow = undefined/,
  )
  const profiled = policy(folder, 'eval', '-d', 'a.rego', '--profile', 'data.policy.a')
  const found: { readonly profile: readonly { readonly location: { readonly file: string } }[] } = JSON.parse(
    profiled.out,
  )
  assert.ok(found.profile.some((one) => one.location.file === 'a.rego'))
  assert.equal(policy(folder, 'eval', '--explain', 'loudly', '1').status, 1)
})

const document = {
  identity: { subject: 'agent-7', kind: 'agent', chain: [{ subject: 'person-1' }] },
  resource: { name: 'orders', protocol: 'postgres' },
  action: { verb: 'write', operation: 'delete', text: 'delete from orders', complete: true },
}
const explained = `package policy.a

allow if {
	input.identity.kind == "agent"
	input.resource.name == "orders"
	input.action.verb == "read"
}

deny contains {"rule": "a.host", "message": "not from here"} if input.session.client.address == "10.0.0.1"
`

test('explain says what was seen, what was decided and which rules nearly fired', () => {
  const folder = folderWith({ 'a.rego': explained })
  const { status, out } = sallyportWith(JSON.stringify(document), folder, 'explain', '--policy', 'a.rego')
  assert.equal(status, 0)
  assert.match(out, /^who: agent agent-7, for person-1$/m)
  assert.match(out, /^what: write, delete: delete from orders$/m)
  assert.match(out, /^refused\n {2}sallyport\.default: no policy allows this action$/m)
  assert.match(
    out,
    /data\.policy\.a\.allow \(a\.rego:3\): 2 of 3 conditions held\n {4}line 6 did not: input\.action\.verb == "read"/,
  )
  assert.doesNotMatch(out, /policy\.a\.deny/)
})

test('explain finds a decision in the log by its id, and says when it is not there', () => {
  const event = { decision_id: 'd-1', input: { ...document, action: { ...document.action, verb: 'read' } } }
  const folder = folderWith({ 'a.rego': explained, 'log.jsonl': `{"decision_id":"d-0"}\n${JSON.stringify(event)}\n` })
  const { status, out } = sallyportWith('', folder, 'explain', 'd-1', '--log', 'log.jsonl', '--policy', '.')
  assert.equal(status, 0)
  assert.match(out, /^allowed$/m)
  assert.match(out, /rules that fired:\n {2}data\.policy\.a\.allow \(a\.rego:3\)/)
  const missing = sallyportWith('', folder, 'explain', 'd-2', '--log', 'log.jsonl', '--policy', '.')
  assert.equal(missing.status, 1)
  assert.match(missing.err, /there is no decision `d-2` in log\.jsonl/)
  assert.match(sallyportWith('', folder, 'explain', 'd-0', '--log', 'log.jsonl', '--policy', '.').err, /it was erased/)
})

test('eval takes its input as JSON or YAML, also from standard input', () => {
  const folder = folderWith({ 'input.yaml': 'a: &x {b: 010}\nc: *x\n' })
  const asked = ['policy', 'eval', '-f', 'raw', 'input']
  assert.equal(sallyportWith('', folder, ...asked, '-i', 'input.yaml').out, '{"a":{"b":8},"c":{"b":8}}\n')
  assert.equal(sallyportWith('a: yes', folder, ...asked, '-I').out, '{"a":true}\n')
  assert.equal(sallyportWith('', folder, ...asked, '-I').out, 'null\n')
  const broken = sallyportWith('{', folder, ...asked, '-I')
  assert.equal(broken.err, 'sallyport policy eval: standard input is neither JSON nor YAML\n')
  assert.equal(broken.status, 1)
})

test('flags of opa that change no answer are taken, and partial evaluation is refused by name', () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np := 1\n\nq := x if {\n\tx := p + 1\n}\n' })
  const taken = [
    '-O',
    '1',
    '-e',
    'a/p',
    '--disable-indexing',
    '--disable-early-exit=true',
    '--nondeterminstic-builtins',
  ]
  const { status, out } = policy(folder, 'eval', ...taken, '--fail=false', '-d', 'a.rego', '-f', 'raw', 'data.a.q')
  assert.deepEqual([status, out], [0, '2\n'])
  for (const flag of [['--partial'], ['-p'], ['--unknowns', 'input'], ['--shallow-inlining'], ['-f', 'source']]) {
    const refused = policy(folder, 'eval', ...flag, 'data.a.q')
    assert.equal(refused.status, 1)
    assert.match(refused.err, /partial evaluation, which is not here/)
  }
  const wrong = policy(folder, 'eval', '--coverage=maybe', '1')
  assert.match(wrong.err, /`--coverage` is true or false, not `maybe`/)
})

test('a profile is ordered and cut as it is asked for', () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np := 1\n\nq := x if {\n\tx := p + 1\n}\n' })
  const args = ['eval', '-d', 'a.rego', '--profile-sort', 'file', '--profile-sort', 'line', 'data.a.q']
  const { profile } = JSON.parse(policy(folder, ...args).out)
  const rows = profile.map((one: { location: { file: string; row: number } }) => one.location)
  const own = rows.filter(({ file }: { file: string }) => file === 'a.rego').map(({ row }: { row: number }) => row)
  assert.ok(own.length > 1)
  assert.deepEqual(
    own,
    own.toSorted((a: number, b: number) => b - a),
  )
  assert.equal(JSON.parse(policy(folder, ...args, '--profile-limit', '1').out).profile.length, 1)
  assert.match(policy(folder, 'eval', '--profile-sort', 'nope', '1').err, /no order `nope`/)
})

test('a test that does not compile shows as many errors as are asked for', () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np if x\n\nq if y\n' })
  assert.match(policy(folder, 'test', '.').err, /2 errors/)
  assert.match(policy(folder, 'test', '-m', '1', '.').err, /1 error\n/)
})
