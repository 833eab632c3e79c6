// Routes of an OpenAPI document: a request has the one that the document gives it, or none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRequest, httpAction, OpenApiError, routeTable } from '../../../../engine/action/http/index.ts'

const document = {
  openapi: '3.1.0',
  servers: [{ url: 'https://api.example/v1/' }],
  paths: {
    '/users': { get: { operationId: 'listUsers' }, post: { operationId: 'createUser' } },
    '/users/me': { get: { operationId: 'getMe' } },
    '/users/{id}': { get: { operationId: 'getUser' }, delete: {} },
    '/users/{id}/files/{name}.json': { get: { operationId: 'getFile' } },
    '/{kind}/fixed': { get: { operationId: 'byKind' } },
    '/same/{a}': { get: { operationId: 'one' } },
    '/same/{b}': { get: { operationId: 'two' } },
    'x-not-a-path': { get: { operationId: 'none' } },
  },
}
const routes = routeTable(document)
const cases: readonly (readonly [method: string, target: string, template: string, operation: string])[] = [
  ['GET', '/v1/users', '/users', 'listUsers'],
  ['POST', '/v1/users', '/users', 'createUser'],
  ['GET', '/v1/users/me', '/users/me', 'getMe'],
  ['GET', '/v1/users/7', '/users/{id}', 'getUser'],
  ['GET', '/v1/users/%37', '/users/{id}', 'getUser'],
  ['DELETE', '/v1/users/7', '/users/{id}', 'DELETE'],
  ['GET', '/v1/users/7/files/a.json', '/users/{id}/files/{name}.json', 'getFile'],
  ['GET', '/v1/users/fixed', '/users/{id}', 'getUser'],
  ['GET', '/v1/other/fixed', '/{kind}/fixed', 'byKind'],
]
const none: readonly (readonly [method: string, target: string])[] = [
  ['PUT', '/v1/users'],
  ['GET', '/users'],
  ['GET', '/v1/users/'],
  ['GET', '/v1/users/7/files/.json'],
  ['GET', '/v1/users/7/files/a.xml'],
  ['GET', '/v1/same/x'],
  ['DELETE', '/v1/users/me'],
  ['GET', '/v1/x-not-a-path'],
]
const action = (method: string, target: string) =>
  httpAction(
    canonicalRequest({ method, target, fields: [['host', 'a.example']] }, 'http'),
    { kind: 'none' },
    { routes },
  )

for (const [method, target, template, operation] of cases)
  test(`${method} ${target} is ${operation}`, () => {
    const { http, operation: got } = action(method, target)
    assert.equal(http?.route, template)
    assert.equal(got, operation)
  })
for (const [method, target] of none)
  test(`${method} ${target} is no route of the document`, () => {
    const { http, operation } = action(method, target)
    assert.deepEqual([http?.route, http?.operation_id, operation], ['', '', method])
  })

test('a path that servers could take for that of an operation makes the action incomplete', () => {
  const complete = (method: string, target: string): boolean => action(method, target).complete
  for (const [method, target] of [
    ['GET', '/v1/users/'],
    ['DELETE', '/v1/users/7/'],
    ['DELETE', '/v1/Users/7'],
    ['DELETE', '/V1/users/7/'],
    ['DELETE', '/v1/users/me'],
    ['GET', '/v1/same/x'],
    ['GET', '/v1/users/7/files/a.JSON'],
  ] as const)
    assert.equal(complete(method, target), false, `${method} ${target}`)
  for (const [method, target] of [
    ...cases,
    ['PUT', '/v1/users'],
    ['DELETE', '/v1/users/'],
    ['GET', '/v1/none/'],
  ] as const)
    assert.equal(complete(method, target), true, `${method} ${target}`)
})

test('what is no OpenAPI 3 document is refused', () => {
  for (const bad of [
    undefined,
    null,
    [],
    {},
    { swagger: '2.0', paths: {} },
    { openapi: '3.0.0' },
    { openapi: 3, paths: {} },
  ])
    assert.throws(() => routeTable(bad), OpenApiError)
})
