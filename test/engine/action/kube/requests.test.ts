import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { analyzeKube, type KubeAnalysis, type KubeRequest } from '../../../../engine/action/kube/index.ts'

interface Case {
  readonly note: string
  readonly request: string
  readonly headers?: { readonly [name: string]: string } | readonly (readonly [string, string])[]
  readonly body?: string
  readonly hex?: string
  readonly verb?: string
  readonly operation?: string
  readonly text?: string
  readonly want?: object
  readonly absent?: readonly string[]
  readonly refuse?: string
}

function casesOf(file: string): readonly Case[] {
  const cases: readonly Case[] = parse(readFileSync(`fixtures/kube/${file}`, 'utf8'))
  assert.ok(cases.length > 0)
  return cases
}

function requestOf({ request, headers = {}, body = '', hex }: Case): KubeRequest {
  const space = request.indexOf(' ')
  return {
    method: request.slice(0, space),
    target: request.slice(space + 1),
    headers: Array.isArray(headers) ? headers : Object.entries(headers),
    body: hex === undefined ? Buffer.from(body) : Buffer.from(hex, 'hex'),
  }
}

function analyzed(one: Case): KubeAnalysis {
  const result = analyzeKube(requestOf(one))
  assert.equal(result.kind, 'analysis', JSON.stringify(result))
  if (result.kind !== 'analysis') throw new Error('unreachable')
  return result
}

for (const one of casesOf('requests.yaml')) {
  test(`kube: ${one.note}`, () => {
    const { facts, verb, operation, text } = analyzed(one)
    assert.ok(
      one.want !== undefined || one.verb !== undefined || one.absent !== undefined,
      'the case asserts something',
    )
    if (one.want !== undefined) partial(facts, one.want, 'facts')
    if (one.verb !== undefined) assert.equal(verb, one.verb)
    if (one.operation !== undefined) assert.equal(operation, one.operation)
    if (one.text !== undefined) assert.equal(text, one.text)
    for (const name of one.absent ?? []) assert.equal(Reflect.has(facts, name), false, name)
    assert.equal(facts.complete, facts.reasons.length === 0)
  })
}

for (const one of casesOf('refused.yaml')) {
  test(`kube: refuses ${one.note}`, () => {
    const result = analyzeKube(requestOf(one))
    assert.equal(result.kind, 'refusal')
    assert.equal(result.kind === 'refusal' && result.code, one.refuse)
  })
}

/** Every field of `want` stands in `actual`; lists are compared element by element. */
function partial(actual: unknown, want: unknown, where: string): void {
  if (typeof want !== 'object' || want === null) {
    assert.deepEqual(actual, want, where)
    return
  }
  assert.ok(typeof actual === 'object' && actual !== null, where)
  if (Array.isArray(want)) assert.equal(Array.isArray(actual) && actual.length, want.length, where)
  for (const [key, value] of Object.entries(want)) partial(Reflect.get(actual, key), value, `${where}.${key}`)
}

test('what is forwarded has the same facts again', () => {
  for (const one of casesOf('requests.yaml')) {
    const request = requestOf(one)
    const first = analyzed(one)
    const again = analyzeKube({ ...request, target: first.forward.target, body: first.forward.body })
    assert.equal(again.kind, 'analysis')
    if (again.kind !== 'analysis') continue
    assert.deepEqual(again.facts, first.facts, one.note)
    assert.deepEqual(again.forward, first.forward, one.note)
  }
})

test('no target makes the analyzer throw, and what it forwards holds no trick', () => {
  const piece = fc.constantFrom(
    'api',
    'v1',
    'pods',
    'namespaces',
    'exec',
    '%2F',
    '..',
    ';',
    '//',
    '/',
    '?',
    '&',
    'watch',
    '=',
    '%',
    '%41',
    'é',
    '\r',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const result = analyzeKube({ method: 'GET', target: `/${pieces.join('')}`, headers: [], body: new Uint8Array() })
      if (result.kind === 'refusal') return
      const [path = ''] = result.forward.target.split('?')
      assert.ok(!path.includes('//') && !path.includes(';') && !path.toUpperCase().includes('%2F'), path)
      assert.ok(!path.split('/').includes('..'), path)
    }),
  )
})

test('a body of any bytes is complete or says why', () => {
  const contentType = fc.constantFrom(
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'x/y',
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.json().map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(contentType, bytes, (type, body) => {
      const result = analyzeKube({ method: 'POST', target: '/api/v1/pods', headers: [['content-type', type]], body })
      assert.equal(result.kind, 'analysis')
      if (result.kind === 'analysis') assert.equal(result.facts.complete, result.facts.reasons.length === 0)
    }),
  )
})

test('a body that nests too deep, aliases without end or is too long is incomplete', () => {
  const facts = (type: string, body: string) => {
    const result = analyzeKube({
      method: 'POST',
      target: '/api/v1/pods',
      headers: [['content-type', type]],
      body: Buffer.from(body),
    })
    assert.equal(result.kind, 'analysis')
    return result.kind === 'analysis' ? result.facts : undefined
  }
  assert.equal(facts('application/json', '['.repeat(500) + ']'.repeat(500))?.complete, false)
  assert.equal(facts('application/json', '['.repeat(100) + ']'.repeat(100))?.complete, true)
  for (const opens of ['[', '{a: ', '- ', '? ', '!!seq [', '[&a 1, ']) {
    const deep = facts('application/apply-patch+yaml', `# yaml\n${opens.repeat(20_000)}`)
    assert.deepEqual(deep?.reasons, ['the body nests too deep'])
  }
  assert.equal(facts('application/yaml', `${'- '.repeat(100)}x`)?.complete, true)
  const bomb = `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join('')}`
  assert.equal(facts('application/yaml', bomb)?.complete, false)
  assert.equal(facts('application/json', `"${'x'.repeat(3 * 1024 * 1024)}"`)?.complete, false)
})

const odds = '/apis/odd.example/v1/namespaces/shop/odds'
const yamlOf = (body: string, type = 'application/yaml') => {
  const headers: [string, string][] = [['content-type', type]]
  const result = analyzeKube({ method: 'POST', target: odds, headers, body: Buffer.from(body) })
  if (result.kind !== 'analysis') throw new Error(result.message)
  return result
}

test('JSON goes on so that a reader of YAML has the same texts', () => {
  // A server that reads YAML has a space for the first, and does not take the others at all.
  for (const mark of ['\u0085', '\u2028', '\u2029', '\u007f', '\u0090', '\ufeff', '\uffff']) {
    const text = `{"x":"a${mark}b","y${mark}":1}`
    for (const body of [text, text.replace('{', '{ # yaml\n')]) {
      const { facts, forward } = yamlOf(body)
      if (!facts.complete) continue
      const escaped = `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`
      assert.equal(Buffer.from(forward.body).toString(), `{"x":"a${escaped}b","y${escaped}":1}`)
      assert.deepEqual(facts.body.object, JSON.parse(text))
    }
    assert.equal(yamlOf(text).facts.complete, true)
    // What is JSON by its type is read as JSON.
    assert.equal(Buffer.from(yamlOf(text, 'application/json').forward.body).toString(), text)
  }
})

test('YAML whose values the server reads in another way, or not at all, is incomplete', () => {
  const values = ['.inf', '-.Inf', '.nan', '1e400', '0o644', '-0o7', '!!binary aGk=', '!!set {a, b}', '!!omap [a: 1]']
  for (const value of [...values, '!!timestamp 2020-01-01', '!!pairs [a: 1]', '{null: a}', '{[a]: b}', '{{a: b}: c}'])
    assert.equal(yamlOf(`x: ${value}\n`).facts.complete, false, value)
  assert.equal(yamlOf('%YAML 1.2\n---\nx: yes\n').facts.complete, false)
  assert.equal(yamlOf('%YAML 1.1\n---\nx: yes\n').facts.complete, true)
  for (const value of ['1.5', '.5', '1.', '0.10', '1e3', '12345678901234567890', '0x1F', '0b11', '{1: a, true: b}'])
    assert.equal(yamlOf(`x: ${value}\n`).facts.complete, true, value)
})
