import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { requestOfKubectl } from '../../../cli/policy/fixtures/kubectl.ts'
import { folderWith, policy } from './run-policy.ts'

const rules = `package policy.orders

allow if {
	input.action.verb == "read"
	input.action.complete
}

deny contains {"rule": "orders.secrets", "message": "secrets stay in the cluster"} if {
	input.action.kube.resource == "secrets"
}

mask contains {"column": "public.cards.number", "with": "last4"} if input.resource.protocol == "postgres"

limit contains {"rows": 100} if input.action.sql
`

test('raw SQL goes through the real analyzer, with parameters and earlier statements', () => {
  const fixture = `
defaults:
  identity: { subject: reporter }
  catalog: { cards: { id: int, number: text }, public.orders: { id: int }, sales.orders: { id: int } }
cases:
  - note: reads are masked and limited
    sql: select number from cards
    want:
      effect: allow
      rules: [policy.orders.allow]
      masks: [{ column: public.cards.number, with: last4 }]
      limits: { rows: 100 }
  - note: a write in a CTE is a write
    sql: with gone as (delete from orders returning 1) select * from gone
    want: { effect: deny, rules: [] }
  - note: parameters are seen
    sql: { text: select * from orders where id = $1, parameters: ['7'], session: [set search_path to sales] }
    want: { effect: allow }
  - note: what does not parse is refused unread
    sql: selec 1
    want: { effect: deny, rules: [analyzer.syntax_error] }
`
  const folder = folderWith({ 'a.rego': rules, 'fixtures/sql.yaml': fixture })
  const { status, out, err } = policy(folder, 'test', '-v', '.')
  assert.equal(err, '')
  assert.match(out, /a write in a CTE is a write: PASS/)
  assert.match(out, /PASS: 4\/4\n/)
  assert.equal(status, 0)
})

test('Kubernetes requests are read from kubectl words and from request lines', () => {
  const fixture = `
- note: secrets
  kube: kubectl get secrets -n prod
  want: { effect: deny, rules: [orders.secrets, policy.orders.allow] }
- note: pods
  kube: GET /api/v1/namespaces/prod/pods
  want: { effect: allow }
- note: exec is no read
  kube: exec -it web -n prod -- sh -c id
  want: { effect: deny }
`
  const folder = folderWith({ 'a.rego': rules, 'fixtures/kube.yaml': fixture })
  const { status, out } = policy(folder, 'test', '.')
  assert.equal(out.split('\n')[0], 'PASS: 3/3')
  assert.equal(status, 0)
})

test('a fixture whose decision is another one fails with what differs, and --update rewrites it', () => {
  const fixture = `# the cases of the team
- note: reads # stays
  sql: select 1
  want: { effect: deny, rules: [] }
- note: new
  sql: delete from orders
`
  const folder = folderWith({ 'a.rego': rules, 'fixtures/a.yaml': fixture })
  assert.equal(policy(folder, 'test', '.').status, 1)
  const updated = policy(folder, 'test', '--update', '.')
  assert.match(updated.err, /fixtures\/a\.yaml: 2 cases rewritten; review the change/)
  const text = readFileSync(join(folder, 'fixtures/a.yaml'), 'utf8')
  assert.match(text, /^# the cases of the team\n- note: reads # stays\n/)
  assert.match(text, /want: \{ effect: allow, rules: \[ policy\.orders\.allow \] \}/)
  assert.match(text, /want:\n {4}effect: deny\n {4}rules: \[\]\n/)
  assert.equal(policy(folder, 'test', '.').status, 0)
})

test('fixtures count for coverage, which has a table and a page', () => {
  const fixture = '- note: reads\n  sql: select 1\n  want: { effect: allow }\n'
  const folder = folderWith({ 'a.rego': rules, 'fixtures/a.yaml': fixture })
  const { out } = policy(folder, 'test', '--coverage', '--coverage-html', 'page.html', '.')
  assert.match(out, /^a\.rego +\d+\/\d+ +\d+\.\d\d %/m)
  const page = readFileSync(join(folder, 'page.html'), 'utf8')
  assert.match(page, /<span data-row="3" class="hit">allow if \{<\/span>/)
  assert.match(page, /&quot;orders\.secrets&quot;/)
})

test('rules that nobody refers to and rules behind one that always holds are reported', () => {
  const folder = folderWith({
    'a.rego':
      'package policy.a\n\nallow if true\n\nallow if input.x\n\nhelper if input.y\n\nused if input.z\n\ndeny contains {"rule": "a", "message": "b"} if used\n',
    'a_test.rego': 'package policy.a_test\n\ntest_a if data.policy.a.allow\n',
  })
  const { status, out } = policy(folder, 'test', '.')
  assert.equal(status, 0)
  assert.match(out, /a\.rego:5: shadowed: line 3 gives `allow` this value always/)
  assert.match(out, /a\.rego:7: unused: nothing refers to `helper` of package policy\.a/)
  assert.doesNotMatch(out, /a\.rego:(3|9|11):/)
})

test('kubectl words become the request that kubectl sends', () => {
  assert.deepEqual(requestOfKubectl('kubectl delete deploy/web -n prod'), {
    method: 'DELETE',
    target: '/apis/apps/v1/namespaces/prod/deployments/web',
  })
  assert.deepEqual(requestOfKubectl('logs web -c app -f'), {
    method: 'GET',
    target: '/api/v1/namespaces/default/pods/web/log?container=app&follow=true',
  })
  assert.equal(requestOfKubectl('GET /api'), undefined)
  assert.match(String(requestOfKubectl('get widgets')), /no resource known here/)
})

test('a case names the policies that take part, and has data of its own', () => {
  const files = {
    'a.rego': 'package policy.a\n\nallow if input.action.verb in data.config.a.verbs\n',
    'b.rego': 'package policy.b\n\ndeny contains {"rule": "b.always", "message": "never"} if true\n',
    'data.json': '{"config": {"a": {"verbs": ["write"]}}}',
    'fixtures/cases.yaml': `defaults: { policies: [a] }
cases:
- note: not with the data of the bundle
  sql: select 1
  want: { effect: deny, rules: [] }
- note: with data of its own
  data: { config: { a: { verbs: [read] } } }
  sql: select 1
  want: { effect: allow, rules: [policy.a.allow] }
- note: with both policies
  policies: [a, b]
  data: { config: { a: { verbs: [read] } } }
  sql: select 1
  want: { effect: deny, rules: [b.always, policy.a.allow] }
`,
  }
  const { status, out, err } = policy(folderWith(files), 'test', '.')
  assert.equal(out + err, 'PASS: 3/3\n')
  assert.equal(status, 0)
  const wrong = policy(
    folderWith({ ...files, 'fixtures/cases.yaml': '- { note: x, policies: [c], sql: select 1, want: {} }' }),
    'test',
    '.',
  )
  assert.equal(wrong.status, 1)
  assert.match(wrong.err, /there is no policy `c` for `x`[\s\S]*packages below `policy`: a, b/)
})
