// The approvals API on the admin listener. An answer carries its own proof; the listener's token lets people look.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { deedsOf, deedWords } from '../../engine/approval/index.ts'
import type { AdminRoute } from '../admin/index.ts'
import type { Answered } from './answering.ts'
import type { StandingGrant } from './grants.ts'
import type { OpenHold } from './hold.ts'
import { openApi } from './openapi.ts'
import type { Approvals } from './service.ts'
import { AnswerError } from './signed.ts'
import type { Vouching } from './vouching.ts'

const bodyBytesMax = 64 * 1024
const prefix = '/v1/approvals'
const grantsPrefix = '/v1/grants'

/** The routes. */
export function approvalRoutes(
  approvals: Approvals,
  vouching: Vouching,
  onError: (error: unknown) => void,
): AdminRoute {
  return (request, response, path) => {
    if (path !== '/openapi.json' && ![prefix, grantsPrefix].some((one) => path === one || path.startsWith(`${one}/`)))
      return false
    route(approvals, vouching, request, path).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => {
        onError(error)
        send(response, 500, problem(500, 'internal error'))
      },
    )
    return true
  }
}

interface Reply {
  readonly status: number
  readonly body: unknown
}

async function route(approvals: Approvals, vouching: Vouching, request: IncomingMessage, path: string): Promise<Reply> {
  const { method } = request
  if (path === '/openapi.json') return method === 'GET' ? { status: 200, body: openApi } : notAllowed
  if (path.startsWith(grantsPrefix)) return routeGrants(approvals, request, path)
  if (path === prefix)
    return method === 'GET' ? { status: 200, body: { holds: (await approvals.holds()).map(shown) } } : notAllowed
  const [id = '', action, ...more] = path.slice(prefix.length + 1).split('/')
  if (!isId(id) || more.length > 0) return missing
  if (action === undefined) {
    if (method !== 'GET') return notAllowed
    const hold = await approvals.hold(id)
    return hold === undefined ? missing : { status: 200, body: shown(hold) }
  }
  if (action !== 'answers' && action !== 'grants') return missing
  if (method !== 'POST') return notAllowed
  const body = await bodyOf(request)
  const jws = textIn(body, 'jws') ?? (action === 'answers' ? await loginAnswer(vouching, id, body) : undefined)
  if (typeof jws !== 'string') return jws ?? badBody
  return answered(await (action === 'answers' ? approvals.answer(id, jws) : approvals.grant(id, jws)))
}

/** The answer of whoever has logged in, signed by the gateway; a reply where there is none. */
async function loginAnswer(vouching: Vouching, hold: string, body: unknown): Promise<string | Reply | undefined> {
  const [login, statement, verdict] = [textIn(body, 'login'), textIn(body, 'statement'), textIn(body, 'verdict')]
  if (login === undefined || statement === undefined || (verdict !== 'approve' && verdict !== 'deny')) return undefined
  const answer = { hold, statement, verdict, reason: textIn(body, 'reason') ?? '' } as const
  return (await vouching.signLogin(login, answer)) ?? notKnown
}

async function routeGrants(approvals: Approvals, request: IncomingMessage, path: string): Promise<Reply> {
  const { method } = request
  if (path === grantsPrefix)
    return method === 'GET' ? { status: 200, body: { grants: (await approvals.grants()).map(shownGrant) } } : notAllowed
  if (path !== `${grantsPrefix}/revocations`) return missing
  if (method !== 'POST') return notAllowed
  const jws = textIn(await bodyOf(request), 'jws')
  if (jws === undefined) return badBody
  try {
    const revoked = await approvals.revokeGrant(jws)
    return revoked === undefined ? missing : { status: 200, body: { status: 'revoked', grant: revoked.grant } }
  } catch (error) {
    if (error instanceof AnswerError) return answered({ ok: false, code: error.code, message: error.message })
    throw error
  }
}

const isId = (id: string): boolean => /^[A-Za-z0-9-]{1,64}$/.test(id)
const badBody: Reply = { status: 400, body: problem(400, 'the body is JSON with `jws`, or `login` and an answer') }
const notKnown: Reply = { status: 403, body: { ...problem(403, 'this login answers nothing here'), code: 'login' } }
const missing: Reply = { status: 404, body: problem(404, 'not found') }
const notAllowed: Reply = { status: 405, body: problem(405, 'method not allowed') }

function answered(answer: Answered): Reply {
  if (answer.ok) return { status: 200, body: { status: answer.status } }
  const status =
    answer.code === 'not_found'
      ? 404
      : answer.code === 'malformed'
        ? 400
        : answer.code === 'not_open' || answer.code === 'late'
          ? 409
          : 403
  return { status, body: { ...problem(status, answer.message), code: answer.code } }
}

function shown({ id, gateway, openedAtMs, statement, digest, view, document }: OpenHold): unknown {
  return {
    id,
    gateway,
    opened_at: new Date(openedAtMs).toISOString(),
    expires_at: new Date(statement.expiresAtMs).toISOString(),
    digest,
    statement,
    ...view,
    // What `approve --grant` would let this identity do again; null where it cannot be granted ahead.
    deeds: deedsOf(document) ?? null,
  }
}

function shownGrant({ grant: { terms }, usesLeft }: StandingGrant): unknown {
  return {
    ...terms,
    expires_at: new Date(terms.expiresAtMs).toISOString(),
    actions_left: usesLeft,
    what: terms.deeds.map(deedWords),
  }
}

/** A JSON body; undefined for what is none. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const piece: Buffer = chunk
    bytes += piece.length
    if (bytes > bodyBytesMax) return undefined
    chunks.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}

function textIn(body: unknown, name: string): string | undefined {
  const found: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
  return typeof found === 'string' ? found : undefined
}

function problem(status: number, title: string): { readonly title: string; readonly status: number } {
  return { title, status }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return
  const text = `${JSON.stringify(body)}\n`
  const type = status >= 400 ? 'application/problem+json' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}
