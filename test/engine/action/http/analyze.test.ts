// What a request does, found wherever a server would find it; what has two readings is incomplete.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRequest, httpAction, messageAction } from '../../../../engine/action/http/index.ts'

function action(body: string, type = 'application/json', target = '/', method = 'POST') {
  const fields = [['host', 'api.example'], ...(type === '' ? [] : [['content-type', type] as const])] as const
  const request = canonicalRequest({ method, target, fields }, 'http')
  return httpAction(request, body === '' ? { kind: 'none' } : { kind: 'whole', bytes: Buffer.from(body) })
}

const mutation = 'mutation { remove(id: 1) }'
function multipart(name: string, value: string): string {
  return `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--\r\n`
}
const graphql: readonly (readonly [where: string, body: string, type?: string, target?: string, method?: string])[] = [
  ['a JSON body', JSON.stringify({ query: mutation })],
  ['a batch', JSON.stringify([{ query: '{ a }' }, { query: mutation }])],
  ['a JSON body under another type', JSON.stringify({ query: mutation }), 'text/plain'],
  ['a body of GraphQL', mutation, 'application/graphql'],
  ['a form', `query=${encodeURIComponent(mutation)}`, 'application/x-www-form-urlencoded'],
  ['a JSON body that is said to be a form', '{"query":"mutation{remove}"}', 'application/x-www-form-urlencoded'],
  ['a JSON body behind a byte order mark', `\ufeff${JSON.stringify({ query: mutation })}`, 'text/plain'],
  ['a part of a form', multipart('query', mutation), 'multipart/form-data; boundary=x'],
  [
    'a part beside files',
    multipart('operations', JSON.stringify({ query: mutation })),
    'multipart/form-data; boundary=x',
  ],
  ['the query of a GET', '', '', `/graphql?query=${encodeURIComponent(mutation)}`, 'GET'],
  ['the query of a POST with another body', '{}', 'application/json', `/graphql?query=${encodeURIComponent(mutation)}`],
]
for (const [where, body, type, target, method] of graphql)
  test(`a mutation is seen in ${where}`, () => {
    const { verb, complete, http } = action(body, type, target, method)
    assert.equal(complete, true)
    assert.equal(verb, 'write')
    assert.ok(http?.graphql.some((one) => one.type === 'mutation' && one.fields.includes('remove')))
  })

test('a query makes reading of a POST where GraphQL is served, and of nothing else', () => {
  const body = '{"query":"{ a }"}'
  const verb = (target: string, method = 'POST', text = body): string => action(text, undefined, target, method).verb
  for (const place of ['/graphql', '/v1/graphql/', '/api/gql', '/admin/api/graphql.json', '/graphql?query=%7Ba%7D'])
    assert.equal(verb(place), 'read', place)
  for (const place of ['/accounts/1/close', '/', '/graphql/users', '/Graphql', '/a?query=%7Ba%7D'])
    assert.equal(verb(place), 'write', place)
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    assert.equal(verb('/graphql', method), 'write', method)
    assert.equal(action('', '', '/users/1?query=%7Ba%7D', method).verb, 'write', method)
  }
  assert.equal(verb('/graphql', 'POST', '{"jsonrpc":"2.0","method":"stop","query":"{ a }"}'), 'write')
  assert.equal(verb('/graphql', 'POST', JSON.stringify([{ query: '{ a }' }, { query: mutation }])), 'write')
  assert.equal(action('', '', '/graphql?query=%7Ba%7D', 'GET').verb, 'read')
})

test('a query in a message of a WebSocket makes reading of it where GraphQL is served', () => {
  const bytes = Buffer.from('{"type":"subscribe","payload":{"query":"{ a }"},"remove":1}')
  const verb = (target: string): string => {
    const request = canonicalRequest({ method: 'GET', target, fields: [['host', 'api.example']] }, 'http')
    return messageAction(request, true, bytes).verb
  }
  assert.deepEqual([verb('/graphql'), verb('/live')], ['read', 'write'])
})

test('that parts of an answer come later is seen in fragments too', () => {
  const incremental = (query: string): boolean | undefined =>
    action(JSON.stringify({ query })).http?.graphql[0]?.incremental
  assert.equal(incremental('{ a { ...f } } fragment f on A { ... @defer { b } }'), true)
  assert.equal(incremental('{ a @stream(initialCount: 1) { b } }'), true)
  assert.equal(incremental('{ a @include(if: true) { b } }'), false)
})

test('a message of a WebSocket whose payload is named like one but for its case is incomplete', () => {
  const request = canonicalRequest({ method: 'GET', target: '/graphql', fields: [['host', 'api.example']] }, 'http')
  const complete = (name: string): boolean =>
    messageAction(request, true, Buffer.from(JSON.stringify({ type: 'subscribe', [name]: { query: '{ a }' } })))
      .complete
  assert.deepEqual([complete('payload'), complete('Payload')], [true, false])
})

test('a call of a tool is seen under another type', () => {
  const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'shell' } })
  for (const type of ['application/json', 'text/plain', 'application/vnd.x+json', 'application/x-www-form-urlencoded'])
    assert.equal(action(` ${call}`, type).http?.rpc[0]?.tool, 'shell', type)
})

test('a call without a version is one to servers that do not ask for it', () => {
  const methods = (body: string): readonly (string | undefined)[] =>
    action(body).http?.rpc.map(({ method }) => method) ?? []
  assert.deepEqual(methods('{"method":"stop","params":[]}'), ['stop'])
  assert.deepEqual(methods('{"method":"stop","params":{},"other":1}'), ['stop'])
  assert.deepEqual(methods('[{"method":"stop","id":1},{"method":"send","params":[1]}]'), ['stop', 'send'])
  assert.equal(action('[{"method":"stop","id":1}]').complete, true)
  assert.equal(action('[{"method":"stop","id":1},{"to":"b"}]').complete, false)
  assert.deepEqual(methods('{"id":"7","method":"card","amount":5}'), [])
  assert.deepEqual(methods('{"method":7,"params":[]}'), [])
})

test('text that only looks like JSON is text', () => {
  const { complete, http } = action('[info] started {', 'text/plain')
  assert.equal(complete, true)
  assert.equal(http?.body.value, '[info] started {')
})

test('a body with nothing in it is none, whatever type it is said to be', () => {
  for (const type of ['', 'application/json', 'multipart/form-data', 'application/octet-stream']) {
    const fields = [['host', 'api.example'], ...(type === '' ? [] : [['content-type', type] as const])] as const
    const request = canonicalRequest({ method: 'POST', target: '/', fields }, 'http')
    const { complete, http } = httpAction(request, { kind: 'whole', bytes: new Uint8Array() })
    assert.deepEqual([complete, http?.body.kind, http?.body.bytes], [true, 'none', 0], type)
  }
})

const incomplete: readonly (readonly [what: string, body: string, type?: string])[] = [
  ['a member twice', '{"a":1,"a":2}'],
  ['a member twice, once by an escape', '{"a":1,"\\u0061":2}'],
  ['a member twice under another type', '{"a":1,"a":2}', 'text/plain'],
  ['a member twice but for its case', '{"role":"user","Role":"admin"}'],
  ['a member twice but for letters that fold', '{"a":[{"users":1,"user\u017f":2}]}'],
  ['a number beyond all numbers', '{"a":1e400}'],
  ['a number that loses digits', '{"a":9007199254740993}'],
  ['a fraction that loses digits', '{"a":0.1000000000000000000000001}'],
  ['a number that is nearly another', '{"a":1.00000000000000000001}'],
  ['a number that is nearly nothing', '{"a":1e-400}'],
  ['half of a character', '{"a":"\\ud800"}'],
  ['half of a character in a name', '{"\\udc00x":1}'],
  ['JSON that is cut', '{"a":'],
  ['JSON behind a byte order mark', '\ufeff{"a":1}'],
  ['nesting beyond reason', '['.repeat(100) + ']'.repeat(100)],
  ['another character set', '{"a":1}', 'application/json; charset=utf-16'],
  ['another character set in quotes', '{"a":1}', 'application/json;charset="UTF-7"'],
  ['two character sets', '{"a":1}', 'application/json; charset=utf-8; charset=utf-7'],
  ['a character set in pieces', '{"a":1}', "application/json; charset*=utf-7''x"],
  ['a character set in the text of a parameter', '{"a":1}', 'application/json; a="; charset=utf-8"; charset=utf-7'],
  ['text with a NUL in every other place', '[\0"\0a\0"\0]\0', 'text/plain'],
  ['a kind that is not known', 'abc', 'application/octet-stream'],
  ['no kind', 'abc', ''],
  ['a form that cannot be read', 'a=%zz', 'application/x-www-form-urlencoded'],
  ['GraphQL that cannot be read', '{"query":"{ a "}'],
  ['a GraphQL fragment twice', '{"query":"{ ...f } fragment f on A { a } fragment f on A { b }"}'],
  ['GraphQL that spreads without end', '{"query":"{ ...f } fragment f on A { ...f }"}'],
  ['more documents than a batch has', JSON.stringify([...Array(100).fill({ query: '{a}' }), { query: mutation }])],
  ['GraphQL under another case', JSON.stringify({ query: '{a}', Query: mutation })],
  ['GraphQL that only the server has', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}'],
  ['GraphQL in a part that is too long', multipart('operations', ' '.repeat(5000)), 'multipart/form-data; boundary=x'],
  ['another method in a form', '_method=delete', 'application/x-www-form-urlencoded'],
  ['another method in JSON', '{"_method":"DELETE"}'],
  ['another method in a part', multipart('_method', 'put'), 'multipart/form-data; boundary=x'],
  ['a call under another case', '{"jsonrpc":"2.0","method":"tools/list","Method":"tools/call"}'],
  ['a call under letters that fold', '{"jsonrpc":"2.0","method":"tools/call","param\u017f":{}}'],
  ['a tool under another case', '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"a","Name":"b"}}'],
  ['a version under another case', '{"JSONRPC":"2.0","method":"tools/call"}'],
  ['another version', '{"jsonrpc":"1.0","method":"tools/call"}'],
  ['a call without a version beside others', '[{"jsonrpc":"2.0","method":"ping"},{"method":"tools/call"}]'],
  [
    'more calls than a batch has',
    JSON.stringify(Array.from({ length: 101 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'x' }))),
  ],
]
for (const [what, body, type] of incomplete)
  test(`${what} makes the action incomplete`, () => {
    assert.equal(action(body, type).complete, false)
  })

test('another method in the query of a POST makes it incomplete; a GET is one whatever it says', () => {
  assert.equal(action('a=1', 'application/x-www-form-urlencoded', '/x?_method=delete').complete, false)
  assert.equal(action('', '', '/x?_method=delete', 'GET').complete, true)
  assert.equal(action('{"a":{"_method":1}}').complete, true)
})

test('a GET that names a document which only the server has is incomplete', () => {
  const target = (extensions: string): string => `/graphql?extensions=${encodeURIComponent(extensions)}`
  const persisted = '{"persistedQuery":{"version":1}}'
  assert.equal(action('', '', target(persisted), 'GET').complete, false)
  assert.equal(action('', '', `${target(persisted)}&query=%7Ba%7D`, 'GET').complete, true)
  assert.equal(action('', '', target('{"tracing":{}}'), 'GET').complete, true)
})

test('GraphQL under a name that differs by case makes the action incomplete', () => {
  const form = 'application/x-www-form-urlencoded'
  const parts = 'multipart/form-data; boundary=x'
  const text = encodeURIComponent(mutation)
  assert.equal(action('{}', undefined, `/graphql?Query=${text}`).complete, false)
  assert.equal(action('', '', `/graphql?QUERY=${text}`, 'GET').complete, false)
  assert.equal(action(`Query=${text}`, form).complete, false)
  assert.equal(action(multipart('Query', mutation), parts).complete, false)
  assert.equal(action(multipart('OPERATIONS', JSON.stringify({ query: mutation })), parts).complete, false)
  assert.equal(action('', '', '/search?Query=shoes', 'GET').complete, true)
  assert.equal(action(multipart('Query', 'shoes'), parts).complete, true)
})

test('what is sent to a GraphQL server without a document is incomplete', () => {
  const complete = (body: object, target = '/graphql'): boolean =>
    action(JSON.stringify(body), undefined, target).complete
  for (const body of [{ documentId: 'ab' }, { id: 'ab', variables: {} }, { operationName: 'remove' }, { query: 'ab' }])
    assert.equal(complete(body), false)
  assert.equal(complete([{ query: '{a}' }, { documentId: 'ab' }]), false)
  assert.equal(complete({ documentId: 'ab' }, '/graphql?query=%7Ba%7D'), false)
  assert.equal(complete({ query: '{a}', operationName: null }), true)
  assert.equal(complete({ documentId: 'ab' }, '/documents'), true)
  for (const query of ['documentId=ab', 'id=ab', 'operationName=a&variables=%7B%7D'])
    assert.equal(action('', '', `/graphql?${query}`, 'GET').complete, false, query)
  for (const target of ['/graphql?token=ab', '/graphql?operationName=a&query=%7Ba%7D', '/documents?id=ab'])
    assert.equal(action('', '', target, 'GET').complete, true, target)
  assert.equal(
    action(`query=${encodeURIComponent('{a}')}`, 'application/x-www-form-urlencoded', '/graphql').complete,
    true,
  )
})

test('numbers that a double keeps are complete, however they are written', () => {
  for (const number of ['0.1', '-0', '0.0', '1.50', '12345.678900', '1.5e3', '-2E-7', '100e-2', '9007199254740991'])
    assert.equal(action(`{"a":[${number}]}`).complete, true, number)
  for (const type of ['application/json;charset=UTF-8', 'application/json; charset="utf-8"', 'application/json; v=1'])
    assert.equal(action('{"a":"\\ud83d\\ude00"}', type).complete, true, type)
})

test('a form with a long value is read', () => {
  const { complete, http } = action(`a=${'x'.repeat(900_000)}`, 'application/x-www-form-urlencoded')
  assert.equal(complete, true)
  assert.deepEqual(http?.body.value, { a: ['x'.repeat(900_000)] })
})
