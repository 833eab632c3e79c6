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
  let unversioned = 0
  for (const message of messages) {
    const version = member(message, 'jsonrpc') ?? lookalike(message, versionName)
    if (version === undefined) {
      if (!isUnversioned(message)) {
        others++
        continue
      }
      unversioned++
    } else if (member(message, 'jsonrpc') !== '2.0') {
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
  if (calls.length > 0 && (others > 0 || (unversioned > 0 && unversioned < calls.length)))
    doubts.add('a batch of calls has something else in it')
  reasons.push(...doubts)
  return calls
}

/** True for what servers that do not ask for a version take for a call, as those of JSON-RPC 1.0 do. */
function isUnversioned(message: HttpJson): boolean {
  if (typeof message !== 'object' || message === null || typeof member(message, 'method') !== 'string') return false
  const params = member(message, 'params')
  return (typeof params === 'object' && params !== null) || Object.keys(message).every((name) => messageNames.has(name))
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
