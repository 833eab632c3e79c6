// Turns tokens back on the admin listener, for whoever proves who it is and may. It is an action as any other: the policy of
// the resource decides it, and nothing is answered before it is recorded.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { valueOfToken } from '../../engine/masking/index.ts'
import type { AdminRoute } from '../../proxy/admin/index.ts'
import type { ResourceConfig } from '../../proxy/config/index.ts'
import type { Gate, GateSession, Refusal } from '../../proxy/gate/index.ts'
import type { Authenticator } from '../../proxy/identity/index.ts'
import { bearerToken } from './bearer-token.ts'
import { documentResource } from './document-resource.ts'

/** What the route is made of. */
export interface UnmaskParts {
  readonly resources: () => readonly ResourceConfig[]
  readonly gate: Gate
  readonly authenticator: Authenticator
  readonly resolve: (reference: string) => Promise<string>
  readonly onError: (error: unknown) => void
}

const path = '/v1/unmask'
const bodyBytesMax = 64 * 1024
/** Tokens in one request: each is named in the record. */
export const unmaskedMax = 100

interface Asked {
  readonly resource: string
  readonly tokens: readonly string[]
}

interface Reply {
  readonly status: number
  readonly body: unknown
}

/** `POST /v1/unmask` with `{"resource", "tokens"}`, and a token of the identity provider as bearer. */
export function unmaskRoute(parts: UnmaskParts): AdminRoute {
  return (request, response, asked) => {
    if (asked !== path) return false
    answer(parts, request).then(
      (reply) => send(response, reply),
      (error: unknown) => {
        parts.onError(error)
        send(response, problem(500, 'internal error'))
      },
    )
    return true
  }
}

async function answer(parts: UnmaskParts, request: IncomingMessage): Promise<Reply> {
  if (request.method !== 'POST') return problem(405, 'method not allowed')
  const token = bearerToken(request.headers.authorization)
  if (token === undefined) return problem(401, 'a token is needed')
  const asked = await askedOf(request)
  if (asked === undefined)
    return problem(400, `the body is JSON with \`resource\` and \`tokens\`, at most ${unmaskedMax}`)
  const proved = await parts.authenticator.authenticate({ kind: 'token', token })
  if (!proved.ok) return problem(401, proved.refusal.message)
  const resource = parts.resources().find(({ name }) => name === asked.resource)
  const { hashKey, unmaskScope } = resource?.masking ?? {}
  // One answer for all of them: who may not, learns nothing of what is configured.
  if (
    resource === undefined ||
    hashKey === undefined ||
    unmaskScope === undefined ||
    !proved.identity.scopes.includes(unmaskScope)
  )
    return problem(403, 'tokens of this resource are not turned back for you')
  const key = Buffer.from(await parts.resolve(hashKey))
  const opened = await parts.gate.open({
    identity: proved.identity,
    resource: documentResource(resource),
    client: { address: request.socket.remoteAddress ?? '', application: 'unmask' },
    state: {},
  })
  if (!opened.open) return refused(opened.refusal)
  const { session } = opened
  try {
    return await judged(session, asked, key)
  } finally {
    session.close('done')
  }
}

function judged(session: GateSession, { tokens }: Asked, key: Uint8Array): Promise<Reply> {
  return new Promise((resolve) => {
    session.onEnd((refusal) => resolve(refused(refusal)))
    const submission = session.submit(
      {
        stage: 'request',
        verb: 'admin',
        operation: 'unmask',
        // Tokens, never what they stand for.
        text: `unmask ${JSON.stringify(tokens)}`,
        complete: true,
      },
      {},
      {
        forward: ({ masks, decisionId }) => {
          // For whom the policy masks something here, nothing is unmasked.
          if (masks.length > 0 || session.terms.masks.length > 0)
            resolve(problem(403, 'the policy masks values of this resource for you', { decision: decisionId }))
          else
            resolve({
              status: 200,
              body: { decision: decisionId, values: tokens.map((token) => valueOfToken(token, key)) },
            })
          queueMicrotask(() => submission.finish())
        },
        refuse: (refusal) => resolve(refused(refusal)),
        // Nobody waits at this end for people.
        held: () => queueMicrotask(() => submission.cancel('client_gone')),
        stop: (refusal) => resolve(refused(refusal)),
      },
    )
  })
}

function refused({ decisionId, rule, message }: Refusal): Reply {
  return problem(403, message, { decision: decisionId, rule })
}

function problem(status: number, title: string, more: object = {}): Reply {
  return { status, body: { title, status, ...more } }
}

async function askedOf(request: IncomingMessage): Promise<Asked | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > bodyBytesMax) return undefined
    chunks.push(bytes)
  }
  let body: unknown
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null || !('resource' in body) || !('tokens' in body)) return undefined
  const { resource, tokens } = body
  if (typeof resource !== 'string' || !Array.isArray(tokens) || tokens.length === 0 || tokens.length > unmaskedMax)
    return undefined
  const texts = tokens.filter((one): one is string => typeof one === 'string')
  return texts.length === tokens.length ? { resource, tokens: texts } : undefined
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const type = status === 200 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type }).end(`${JSON.stringify(body)}\n`)
}
