import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, policy } from './run-policy.ts'

const source = `# METADATA
# title: Orders
package policy.orders

import input.identity as who

# METADATA
# entrypoint: true
# custom:
#   owner: data
allow if {
	who.kind == "agent"
	startswith(input.action.text, "select")
	input.resource.labels[_] == "dev"
	time.now_ns() > 0
}
`

test('inspect shows packages, entry points, annotations, built-ins and what of the input is read', () => {
  const folder = folderWith({ 'a.rego': source, 'x/data.json': '{}', '.manifest': '{"revision": "7"}' })
  const { status, out } = policy(folder, 'inspect', '-a', '-f', 'json', '.')
  assert.equal(status, 0)
  const found: { readonly [field: string]: unknown } = JSON.parse(out)
  assert.deepEqual(found['namespaces'], { 'data.policy.orders': ['a.rego'], 'data.x': ['x/data.json'] })
  assert.deepEqual(found['entrypoints'], ['policy/orders/allow', 'sallyport/decision'])
  assert.deepEqual(found['builtins'], [
    { name: 'startswith', in_gateway: true },
    { name: 'time.now_ns', in_gateway: true },
  ])
  assert.deepEqual(found['input'], ['input.action.text', 'input.identity.kind', 'input.resource.labels[_]'])
  assert.equal(Object(found['manifest']).revision, '7')
  assert.deepEqual(
    Object(found['annotations']).map(({ path }: { path: { value: string }[] }) =>
      path.map(({ value }) => value).join('.'),
    ),
    ['data.policy.orders', 'data.policy.orders.allow'],
  )
  assert.deepEqual(Object(found['capabilities']).features, ['rego_v1'])
  assert.match(policy(folder, 'inspect', '-a', '.').out, /\nCustom:\n owner: data\n/)
})

test('inspect lists the built-ins, and says which are off in gateways', () => {
  const { out } = policy('.', 'inspect', '--builtins')
  assert.match(out, /^http\.send +off in gateways$/m)
  assert.match(out, /^plus +written `\+`$/m)
})

test('inspect refuses what does not parse and what is not there', () => {
  const folder = folderWith({ 'a.rego': 'package a\n\np if {\n' })
  const { status, out, err } = policy(folder, 'inspect', '.')
  assert.equal(status, 1)
  assert.equal(out, '')
  assert.match(err, /a\.rego:4:1: rego_parse_error/)
  assert.equal(policy(folder, 'inspect', 'nowhere').status, 1)
})

test('inspect shows what metadata says of partial evaluation, as references', () => {
  const block = '# METADATA\n# compile:\n#   unknowns: [input.x]\n#   mask_rule: data.a.b\n'
  const folder = folderWith({ 'a.rego': `package a\n\n${block}p := 1\n\n# METADATA\n# compile: {}\nq := 2\n` })
  const [first, second] = JSON.parse(policy(folder, 'inspect', '-a', '-f', 'json', '.').out).annotations
  const step = (type: string, value: string) => ({ type, value })
  assert.deepEqual(first.annotations.compile, {
    unknowns: [[step('var', 'input'), step('string', 'x')]],
    mask_rule: [step('var', 'data'), step('string', 'a'), step('string', 'b')],
  })
  assert.deepEqual(second.annotations, { scope: 'rule' })
})
