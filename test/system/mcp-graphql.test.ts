// The official client and server of MCP, over both of its transports, and a GraphQL client, through the gateway.
import assert from 'node:assert/strict'
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { buildSchema, graphql } from 'graphql'
import { ClientError, GraphQLClient } from 'graphql-request'
import { results } from '../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../support/http-gateway.ts'

const card = '4111111111111111'
const called: string[] = []
const streams = new Map<string, SSEServerTransport>()
let api: HttpServer
let gateway: HttpGateway

/** A server of tools; `shell` must never be reached. */
function toolServer(): Server {
  const server = new Server({ name: 'tools', version: '1.0.0' }, { capabilities: { tools: {}, resources: {} } })
  const inputSchema = { type: 'object' as const, properties: { text: { type: 'string' as const } } }
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [
      { name: 'search', description: 'finds things', inputSchema },
      { name: 'shell', description: 'runs things', inputSchema },
    ],
  }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    called.push(params.name)
    return { content: [{ type: 'text', text: `${String(params.arguments?.['text'])} paid with ${card}` }] }
  })
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => ({
    contents: [{ uri: params.uri, text: 'what it holds' }],
  }))
  return server
}

const schema = buildSchema(`
  type Customer { name: String, card: String }
  type Query { customer(id: ID!): Customer }
  type Mutation { remove(id: ID!): Boolean }
`)

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://api.example')
  switch (url.pathname) {
    case '/mcp': {
      // Without sessions: a server for each request.
      const transport = new StreamableHTTPServerTransport()
      await toolServer().connect(transport as Transport)
      await transport.handleRequest(request, response)
      break
    }
    case '/sse': {
      const transport = new SSEServerTransport('/messages', response)
      streams.set(transport.sessionId, transport)
      await toolServer().connect(transport)
      break
    }
    case '/messages':
      await streams.get(url.searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response)
      break
    default: {
      const { query, variables }: { query: string; variables?: { [name: string]: unknown } } = JSON.parse(
        await bodyOf(request),
      )
      const rootValue = {
        customer: ({ id }: { readonly id: string }) => ({ name: `customer ${id}`, card }),
        remove: () => called.push('remove') > 0,
      }
      const result = await graphql({
        schema,
        source: query,
        rootValue,
        ...(variables === undefined ? {} : { variableValues: variables }),
      })
      response.setHeader('content-type', 'application/json').end(JSON.stringify(result))
    }
  }
}

before(async () => {
  api = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port, host: '127.0.0.1' })
})
beforeEach(() => {
  called.length = 0
  gateway.judged.length = 0
  gateway.answer = ({ action }) => {
    const { rpc = [], graphql: operations = [] } = action.http ?? {}
    const isRefused = rpc.some(({ tool }) => tool === 'shell') || operations.some(({ type }) => type === 'mutation')
    return isRefused ? results.deny : { ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] }
  }
})
after(async () => {
  await gateway.close()
  api.close()
  api.closeAllConnections()
  assert.deepEqual(gateway.errors, [])
})

const headers = { authorization: 'Bearer good' }
const transports: readonly (readonly [string, () => Transport])[] = [
  [
    'streamable HTTP',
    () =>
      new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${gateway.port}/mcp`), {
        requestInit: { headers },
      }) as Transport,
  ],
  [
    'HTTP with SSE',
    () =>
      new SSEClientTransport(new URL(`http://127.0.0.1:${gateway.port}/sse`), {
        requestInit: { headers },
        eventSourceInit: { fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, ...headers } }) },
      }),
  ],
]

for (const [name, transport] of transports)
  test(`the official client of MCP over ${name}: tools are listed, called, masked and refused`, async () => {
    const client = new Client({ name: 'agent', version: '1.0.0' })
    await client.connect(transport())
    try {
      assert.equal(client.getServerVersion()?.name, 'tools')
      const { tools } = await client.listTools()
      assert.deepEqual(
        tools.map((tool) => tool.name),
        // What is refused is not listed; the older transport lists on a stream that is not told from others.
        name === 'streamable HTTP' ? ['search'] : ['search', 'shell'],
      )
      const answer = await client.callTool({ name: 'search', arguments: { text: 'order 7' } })
      assert.deepEqual(answer.content, [{ type: 'text', text: 'order 7 paid with ************1111' }])
      await assert.rejects(client.callTool({ name: 'shell', arguments: { text: 'rm' } }), /p\.no/)
      const { contents } = await client.readResource({ uri: 'orders://7' })
      assert.deepEqual(contents, [{ uri: 'orders://7', text: 'what it holds' }])
      assert.deepEqual(called, ['search'])
      const tool = gateway.judged.flatMap(
        ({ action }) => action.http?.rpc.map((one) => `${one.method} ${one.tool}`.trim()) ?? [],
      )
      for (const one of [
        'initialize',
        'tools/list',
        'tools/call search',
        'tools/call shell',
        'resources/read orders://7',
      ])
        assert.ok(tool.includes(one), `${one} was not judged: ${tool.join(', ')}`)
    } finally {
      await client.close()
    }
  })

test('a GraphQL client: queries are answered under masks, mutations refused in its own words', async () => {
  const client = new GraphQLClient(`http://127.0.0.1:${gateway.port}/graphql`, { headers })
  const answer = await client.request('query Customer($id: ID!) { customer(id: $id) { name card } }', { id: '7' })
  assert.deepEqual(answer, { customer: { name: 'customer 7', card: '************1111' } })
  const refused = client.request('mutation { remove(id: 7) }')
  await assert.rejects(refused, (error: unknown) => {
    assert.ok(error instanceof ClientError)
    assert.equal(error.response.status, 403)
    assert.match(JSON.stringify(error.response.errors ?? error.response), /p\.no/)
    return true
  })
  assert.deepEqual(called, [])
  assert.deepEqual(
    gateway.judged.flatMap(({ action }) => action.http?.graphql.map(({ type, fields }) => [type, fields])),
    [
      ['query', ['customer', 'customer.card', 'customer.name']],
      ['mutation', ['remove']],
    ],
  )
})
