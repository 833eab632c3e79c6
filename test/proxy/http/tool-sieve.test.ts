// Tools of MCP that the policy refuses are not listed, however the list comes.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { ToolSieve } from '../../../proxy/http/tool-sieve.ts'
import { results } from '../../support/gate.ts'
import { type HttpGateway, sendRaw, startHttpGateway } from '../../support/http-gateway.ts'

let api: Server
let gateway: HttpGateway
let type = 'application/json'
let answer = ''
before(async () => {
  api = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': type, etag: '"x"' }).end(answer))
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
})
beforeEach(async () => {
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port })
  gateway.answer = ({ action }) =>
    action.http?.rpc.some(({ tool }) => tool === 'shell') === true ? results.deny : results.allow
})
test.afterEach(() => gateway.close())
after(() => {
  api.close()
  api.closeAllConnections()
})

const listed = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'search' }, { name: 'shell' }] } })
const left = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'search' }] } })

async function ask(
  method: string,
  asked = 'application/json',
): Promise<{ readonly head: string; readonly body: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method })
  const out = await sendRaw(
    gateway.port,
    `POST /mcp HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\nContent-Type: ${asked}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
  const at = out.indexOf('\r\n\r\n')
  return { head: out.slice(0, at), body: out.slice(at + 4) }
}

for (const [kind, whole, expected] of [
  ['application/json', listed, left],
  ['text/event-stream', `event: message\ndata: ${listed}\n\n`, `event: message\ndata: ${left}\n\n`],
] as const)
  test(`a tool that the policy refuses is not in a list that comes as ${kind}`, async () => {
    type = kind
    answer = whole
    const { head, body } = await ask('tools/list')
    assert.match(head, /^HTTP\/1\.1 200 /)
    assert.doesNotMatch(head, /etag/i)
    assert.equal(
      kind === 'application/json' ? body : body.includes(expected),
      kind === 'application/json' ? left : true,
    )
    assert.doesNotMatch(body, /shell/)
    // Asking about a tool is no action.
    assert.equal(gateway.parts.recorder.entries().filter(({ kind: one }) => one === 'action').length, 2)
  })

test('a tool that the policy refuses is not in a list that was asked for under another type', async () => {
  type = 'application/json'
  answer = listed
  for (const asked of ['text/plain', 'application/x-www-form-urlencoded', 'application/vnd.x+json'])
    assert.equal((await ask('tools/list', asked)).body, left, asked)
})

test('a list of which nothing is hidden is as it came, and so is what answers something else', async () => {
  type = 'application/json'
  answer = '{ "jsonrpc": "2.0", "id": 1, "result": { "tools": [ {"name": "search"} ] } }'
  assert.equal((await ask('tools/list')).body, answer)
  answer = listed
  assert.ok((await ask('resources/list')).body.includes(listed))
})

test('an answer to a request for tools that cannot be read is not shown', async () => {
  type = 'application/json'
  answer = listed.slice(1)
  assert.match((await ask('tools/list')).head, /^HTTP\/1\.1 403 /)
})

test('a list is found in events however their lines end, and an event without its end is not shown', () => {
  const shown = (text: string, step: number): string => {
    const sieve = new ToolSieve(undefined, true, (name) => name !== 'shell')
    const bytes = Buffer.from(text)
    let out = ''
    for (let at = 0; at < bytes.length; at += step) out += sieve.push(bytes.subarray(at, at + step)).toString()
    return out + sieve.end().toString()
  }
  for (const step of [1, 2, 3, 1000]) {
    for (const end of ['\n\n', '\r\r', '\r\n\r\n', '\n\r\n', '\r\n\n', '\n\r', '\r\r\n', '\r\n\r'])
      for (const start of ['', '\ufeff', '\ufeff: hello\n', 'event: message\r\n'])
        assert.ok(
          shown(`${start}data: ${listed}${end}`, step).includes(`data: ${left}\n\n`),
          JSON.stringify([start, end]),
        )
    assert.equal(shown(`data: 1\n\ndata: ${listed}\n`, step), 'data: 1\n\n')
  }
})

test('what is longer than is looked at is not shown', () => {
  const sieve = new ToolSieve(undefined, false, () => true)
  assert.throws(() => sieve.push(Buffer.alloc(2 * 1024 * 1024, ' ')), RangeError)
})

test('property: however an answer is cut, the same is shown', () => {
  const events = `: hello\r\n\r\nevent: endpoint\ndata: /messages\n\ndata: ${listed}\r\n\r\ndata: [${listed},${left}]\n\ndata: é\n\n`
  const shown = (text: string, isEvents: boolean, cuts: readonly number[]): string => {
    const sieve = new ToolSieve(undefined, isEvents, (name) => name !== 'shell')
    const bytes = Buffer.from(text)
    const out: Buffer[] = []
    let from = 0
    for (const at of [...cuts].sort((a, b) => a - b)) {
      out.push(sieve.push(bytes.subarray(from, at)))
      from = at
    }
    out.push(sieve.push(bytes.subarray(from)), sieve.end())
    return Buffer.concat(out).toString()
  }
  for (const [text, isEvents] of [
    [events, true],
    [listed, false],
  ] as const) {
    const expected = shown(text, isEvents, [])
    assert.doesNotMatch(expected, /shell/)
    assert.match(expected, /search/)
    fc.assert(
      fc.property(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 8 }), (cuts) =>
        assert.equal(shown(text, isEvents, cuts), expected),
      ),
      { numRuns: 200 },
    )
  }
})
