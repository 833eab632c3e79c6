// What a request is that its API's document does not say: each is a fact, in words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRequest, httpAction, routeTable } from '../../../../engine/action/http/index.ts'
import { schemaUnitsMax, violationsMax } from '../../../../engine/action/http/limits.ts'

const document = {
  openapi: '3.0.3',
  components: {
    schemas: {
      Order: {
        type: 'object',
        required: ['item', 'count'],
        additionalProperties: false,
        properties: {
          item: { type: 'string', pattern: '^[a-z]+$', maxLength: 10 },
          count: { type: 'integer', minimum: 1, maximum: 100 },
          note: { type: 'string', nullable: true },
          parts: { type: 'array', items: { $ref: '#/components/schemas/Order' } },
        },
      },
      Slow: {
        type: 'array',
        items: { type: 'array', items: { anyOf: [...'bcdefghijka'].map((one) => ({ enum: [one] })) } },
      },
    },
    parameters: { Page: { in: 'query', name: 'page', schema: { type: 'integer', minimum: 1 } } },
    requestBodies: {
      Order: {
        required: true,
        content: { 'application/json; charset=utf-8': { schema: { $ref: '#/components/schemas/Order' } } },
      },
    },
  },
  paths: {
    '/orders': {
      parameters: [{ $ref: '#/components/parameters/Page' }],
      get: {
        parameters: [
          { in: 'query', name: 'state', required: true, schema: { type: 'string', enum: ['open', 'done'] } },
          { in: 'query', name: 'id', schema: { type: 'array', maxItems: 2, items: { type: 'integer' } } },
          { in: 'query', name: 'tags', explode: false, schema: { type: 'array', items: { type: 'boolean' } } },
          { in: 'query', name: 'deep', style: 'deepObject', schema: { type: 'object' } },
          { in: 'header', name: 'X-Tenant', required: true, schema: { type: 'integer' } },
          { in: 'header', name: 'Authorization', required: true, schema: { type: 'string' } },
        ],
      },
      post: { requestBody: { $ref: '#/components/requestBodies/Order' } },
    },
    '/orders/{id}': {
      parameters: [{ in: 'path', name: 'id', required: true, schema: { type: 'integer' } }],
      get: {},
      put: {
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/Order' } },
            'text/*': {},
          },
        },
      },
    },
    '/files/{name}.json': {
      get: { parameters: [{ in: 'path', name: 'name', required: true, schema: { enum: ['a', 'b'] } }] },
    },
    '/slow': { post: { requestBody: { content: { '*/*': { schema: { $ref: '#/components/schemas/Slow' } } } } } },
    '/elsewhere': { post: { requestBody: { content: { '*/*': { schema: { $ref: 'other.yaml#/Order' } } } } } },
  },
}
const routes = routeTable(document)

function violations(line: string, type = '', body = '', headers: readonly (readonly [string, string])[] = []): unknown {
  const [method = '', target = ''] = line.split(' ')
  const fields = [['host', 'a.example'] as const, ...headers]
  if (type !== '') fields.push(['content-type', type])
  const { http } = httpAction(
    canonicalRequest({ method, target, fields }, 'http'),
    body === '' ? { kind: 'none' } : { kind: 'whole', bytes: Buffer.from(body) },
    { routes },
  )
  return http?.violations
}

const tenant = [['x-tenant', '7']] as const
const json = 'application/json'
const form = 'application/x-www-form-urlencoded'
const fitting: readonly (readonly [string, string?, string?])[] = [
  ['GET /orders?state=open'],
  ['GET /orders?state=done&page=2&id=1&id=2&tags=true,false&deep[a]=b&other=x'],
  ['POST /orders', json, '{"item":"pen","count":1,"note":null,"parts":[{"item":"ink","count":2}]}'],
  ['GET /orders/17'],
  ['PUT /orders/17', form, 'item=pen&count=3'],
  ['PUT /orders/17', 'text/csv', 'a,b'],
  ['PUT /orders/17'],
  ['GET /files/a.json'],
]
for (const [line, type, body] of fitting)
  test(`${line} ${body ?? ''} is what the document says`, () => {
    assert.deepEqual(violations(line, type, body, tenant), [])
  })

const wrong: readonly (readonly [string, string, string, readonly RegExp[]])[] = [
  ['GET /orders', '', '', [/^query\.state: it is required$/]],
  ['GET /orders?state=lost', '', '', [/^query\.state: .*must be one of/]],
  ['GET /orders?state=open&state=done', '', '', [/^query\.state: it is there more than once$/]],
  ['GET /orders?state=open&page=0', '', '', [/^query\.page: Must be greater than or equal to 1$/]],
  ['GET /orders?state=open&page=x', '', '', [/^query\.page: Invalid type\. Expected: integer, given: string$/]],
  ['GET /orders?state=open&page=1e3', '', '', [/^query\.page: Invalid type/]],
  ['GET /orders?state=open&id=1&id=2&id=3', '', '', [/^query\.id: Array must have at most 2 items$/]],
  ['GET /orders?state=open&id=x', '', '', [/^query\.id\.0: Invalid type/]],
  ['GET /orders?state=open&tags=true,maybe', '', '', [/^query\.tags\.1: Invalid type/]],
  ['POST /orders', '', '', [/^body: it is required$/]],
  ['POST /orders', 'text/plain', 'x', [/^body: the media type text\/plain is not in the document$/]],
  ['POST /orders', json, '{"item":"pen"}', [/^body: count is required$/]],
  ['POST /orders', json, '{"item":"PEN","count":1}', [/^body\.item: Does not match pattern/]],
  ['POST /orders', json, '{"item":"pen","count":1,"admin":true}', [/^body: Additional property admin is not allowed$/]],
  [
    'POST /orders',
    json,
    '{"item":"pen","count":1,"parts":[{"item":"ink","count":0}]}',
    [/^body\.parts\.0\.count: Must be greater/],
  ],
  ['GET /orders/x', '', '', [/^path\.id: Invalid type/]],
  ['PUT /orders/1', form, 'item=pen&count=many', [/^body\.count: Invalid type/]],
  ['PUT /orders/1', form, 'item=pen&item=ink&count=1', [/^body\.item: Invalid type/]],
  ['GET /files/c.json', '', '', [/^path\.name: .*must be one of/]],
  ['POST /elsewhere', json, '{}', [/^document: it refers to what it does not hold$/]],
]
for (const [line, type, body, wanted] of wrong)
  test(`${line} ${body} is not what the document says`, () => {
    const found = violations(line, type, body, tenant)
    assert.ok(Array.isArray(found))
    assert.equal(found.length, wanted.length, found.join('; '))
    for (const [at, pattern] of wanted.entries()) assert.match(String(found[at]), pattern)
  })

test('a header that the document asks for', () => {
  assert.deepEqual(violations('GET /orders?state=open'), ['header.X-Tenant: it is required'])
  assert.match(String(violations('GET /orders?state=open', '', '', [['x-tenant', 'me']])), /^header\.X-Tenant: Invalid/)
})

test('there are none to tell without a document, or outside of it', () => {
  assert.equal(violations('GET /nowhere'), undefined)
  assert.equal(violations('PATCH /orders/1'), undefined)
})

test('a body that takes too long to check does not fit, and many violations are a few', () => {
  const inner = `[${Array.from({ length: 1000 }, () => '"a"').join()}]`
  assert.deepEqual(violations('POST /slow', json, `[${inner}]`), [])
  // A dozen schemas are tried for each of the values.
  const long = `[${Array.from({ length: schemaUnitsMax / 10_000 }, () => inner).join()}]`
  assert.deepEqual(violations('POST /slow', json, long), ['body: it takes too long to be checked'])
  const bad = `[${Array.from({ length: 100 }, () => '["z"]').join()}]`
  const found = violations('POST /slow', json, bad)
  assert.ok(Array.isArray(found) && found.length === violationsMax)
})
