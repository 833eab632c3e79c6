// Fixture cases that say what the upstream answers, and want what a client sees of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, policy } from './run-policy.ts'

const rules = `package policy.shop

allow := true

mask contains {"column": "public.cards.number", "with": "last4"}

mask contains {"column": "public.cards.amount", "with": "bucket:100"}

mask contains {"column": "public.cards.pin", "with": "redact"}

mask contains {"detect": "email", "with": "partial"} if input.resource.protocol == "postgres"
`

const bodyRules = `package policy.api

allow := true

mask contains {"json": "$.user.mail", "with": "partial"} if input.action.http

mask contains {"detect": "credit_card", "with": "redact"}
`

const catalog = '{ public.cards: { id: int, number: text, amount: numeric, pin: int, note: text } }'

function run(module: string, cases: string): { readonly status: number | null; readonly out: string } {
  const folder = folderWith({ 'a.rego': module, 'fixtures/cases.yaml': cases })
  const { status, out, err } = policy(folder, 'test', '.')
  return { status, out: out + err }
}

test('rows are shown masked by the lineage of their columns, in the columns’ own types', () => {
  const { status, out } = run(
    rules,
    `
defaults: { catalog: ${catalog} }
cases:
  - note: names do not matter, lineage does
    sql: select id, c.number as id_2, amount, pin, note from cards c
    answer: [{ id: 1, id_2: '4111111111111111', amount: 4711, pin: 1234, note: write to bob@example.org }]
    want: { effect: allow, shown: [{ id: 1, id_2: '************1111', amount: 4700, pin: null, note: write to b**@example.org }] }
  - note: rows as lists
    sql: select number, id from cards
    answer: [['4111111111111111', 1], [null, 2]]
    want: { shown: [['************1111', 1], [null, 2]] }
`,
  )
  assert.match(out, /PASS: 2\/2/)
  assert.equal(status, 0)
})

test('what is shown otherwise fails, in the order of rows and columns', () => {
  const { status, out } = run(
    rules,
    `
defaults: { catalog: ${catalog} }
cases:
  - note: the number itself
    sql: select number, id from cards
    answer: [['4111111111111111', 1]]
    want: { shown: [['4111111111111111', 1]] }
  - note: columns the other way round
    sql: select number, id from cards
    answer: [['4111111111111111', 1]]
    want: { shown: [[1, '************1111']] }
  - note: nothing was answered
    sql: select id from cards
    want: { shown: [[1]] }
`,
  )
  assert.match(out, /shown: wanted \[\["4111111111111111",1\]\], got \[\["\*{12}1111",1\]\]/)
  assert.match(out, /FAIL: 3\/3/)
  assert.notEqual(status, 0)
})

test('what only the database can tell is not guessed', () => {
  const { status, out } = run(
    rules,
    `
defaults: { catalog: ${catalog} }
cases:
  - note: computed
    sql: select number || 'x' as n from cards
    answer: [{ n: 4111111111111111x }]
    want: { shown: [{ n: '' }] }
  - note: another column
    sql: select id from cards
    answer: [{ other: 1 }]
    want: { shown: [{ other: 1 }] }
`,
  )
  assert.match(out, /computed from a masked one: only the database can tell/)
  assert.match(out, /the statement has no output column `other`/)
  assert.notEqual(status, 0)
})

test('bodies and output are shown by JSON path and by detectors', () => {
  const { status, out } = run(
    bodyRules,
    `
cases:
  - note: a body
    http: GET /users/1
    answer: { user: { mail: bob@example.org, note: card 4111111111111111 } }
    want: { effect: allow, shown: { user: { mail: b**@example.org, note: 'card [redacted]' } } }
  - note: output
    shell: cat cards
    answer: "card 4111111111111111\\n"
    want: { shown: "card [redacted]\\n" }
`,
  )
  assert.match(out, /PASS: 2\/2/)
  assert.equal(status, 0)
})

test('a case about an answer is judged by the rules on answers, and a wrong answer is a mistake', () => {
  const answers = `package policy.api

allow := true

response_mask contains {"json": "$.mail", "with": "redact"} if input.action.http.response.status == 200

response_deny contains {"rule": "api.failed", "message": "failed"} if input.action.http.response.status >= 500
`
  const { status, out } = run(
    answers,
    `
- note: masked by status
  http: GET /users/7
  response: { status: 200, headers: { content-type: application/json } }
  answer: { mail: bob@example.org }
  want: { effect: allow, shown: { mail: '[redacted]' } }
- note: the request alone is not asked about answers
  http: GET /users/7
  want: { effect: allow, rules: [policy.api.allow] }
- note: refused
  http: GET /users/7
  response: { status: 503 }
  want: { effect: deny, rules: [api.failed, sallyport.request] }
`,
  )
  assert.match(out, /PASS: 3\/3/)
  assert.equal(status, 0)
  for (const wrong of ['{ status: 20 }', '{ status: 200, header: {} }', '200', '{ status: 200, headers: [] }']) {
    const one = run(answers, `- note: a\n  http: GET /x\n  response: ${wrong}\n  want: { effect: allow }\n`)
    assert.notEqual(one.status, 0)
    assert.match(one.out, /`response`/)
  }
})
