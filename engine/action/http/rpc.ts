// JSON-RPC and MCP calls in a body.
import type { ToolDigests } from './analyze.ts'
import type { HttpFacts, HttpJson } from './facts.ts'
import { callsMax } from './limits.ts'
import { lookalike, member } from './members.ts'

const versionName: ReadonlySet<string> = new Set(['jsonrpc'])
const messageNames: ReadonlySet<string> = new Set(['jsonrpc', 'method', 'params', 'id'])
const parameterNames: ReadonlySet<string> = new Set(['name', 'uri', 'arguments'])

/** The calls of a body, alone or in a batch. */
export function callsOf(value: HttpJson, tools: ToolDigests, reasons: string[]): HttpFacts['rpc'] {
  const messages: readonly HttpJson[] = Array.isArray(value) ? value : [value]
  const calls: HttpFacts['rpc'][number][] = []
  const doubts = new Set<string>()
  let others = 0
  for (const message of messages) {
    const version = member(message, 'jsonrpc') ?? lookalike(message, versionName)
    if (version === undefined) {
      others++
      continue
    }
    if (member(message, 'jsonrpc') !== '2.0') {
      doubts.add('a call is of no known version of JSON-RPC')
      continue
    }
    if (calls.length >= callsMax) {
      doubts.add('the request has too many calls')
      break
    }
    const params = member(message, 'params') ?? null
    if (lookalike(message, messageNames) !== undefined || lookalike(params, parameterNames) !== undefined)
      doubts.add('a member of a call has the name of another but for its case')
    calls.push(callOf(message, params, tools))
  }
  // Servers that do not ask for the version would take it for a call.
  if (calls.length > 0 && others > 0) doubts.add('a batch of calls has something else in it')
  reasons.push(...doubts)
  return calls
}

function callOf(message: HttpJson, params: HttpJson, tools: ToolDigests): HttpFacts['rpc'][number] {
  const method = member(message, 'method')
  const id = member(message, 'id')
  const name = member(params, method === 'resources/read' ? 'uri' : 'name')
  return {
    method: typeof method === 'string' ? method : '',
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    tool: typeof name === 'string' ? name : '',
    definition: (method === 'tools/call' && typeof name === 'string' ? tools.get(name) : undefined) ?? '',
    arguments: member(params, 'arguments') ?? params,
  }
}
