// Answers of the gateway's own: problem details (RFC 9457), or errors of JSON-RPC and GraphQL.
import { type HttpFacts, HttpRefusal } from '../../engine/action/http/index.ts'
import type { Refusal } from '../gate/contract.ts'
import { type Field, WireError } from '../http1/index.ts'
import { HttpUpstreamError } from './upstream.ts'

/** What a client that does not wait is told of its hold. */
export interface WaitingFor {
  readonly token: string
  readonly holdId: string
  readonly rule: string
  readonly decisionId: string
  readonly reason: string
  readonly expiresAt: string
}

/** Why a request is answered by the gateway itself. */
export class Answer extends Error {
  readonly status: number
  readonly code: string
  readonly refusal: Refusal | undefined
  /** What the request spoke, so that its own kind of client can read the answer. */
  readonly spoken: HttpFacts | undefined
  readonly waiting: WaitingFor | undefined
  constructor(
    status: number,
    code: string,
    message: string,
    refusal?: Refusal,
    spoken?: HttpFacts,
    waiting?: WaitingFor,
  ) {
    super(message)
    this.status = status
    this.code = code
    this.refusal = refusal
    this.spoken = spoken
    this.waiting = waiting
  }
}

/** The answer that an error is, if it is one. */
export function answerOf(error: unknown): Answer | undefined {
  if (error instanceof Answer) return error
  if (error instanceof WireError || error instanceof HttpRefusal) return new Answer(400, error.code, error.message)
  if (error instanceof HttpUpstreamError) return new Answer(502, 'upstream', error.message)
  return undefined
}

/** How soon a client may ask again whether people have answered. */
const retryAfterSeconds = 2
/** The status of gRPC for what is refused. */
const permissionDenied = 7
/** Refused by policy; of the codes that JSON-RPC leaves to servers. */
const rpcRefused = -32001

/** The body of an answer: in the form of JSON-RPC or GraphQL where that was spoken, else problem details. */
export function answerText(answer: Answer): string {
  const { status, code, message, refusal, spoken, waiting } = answer
  if (waiting !== undefined) {
    const { token, holdId, rule, decisionId, reason, expiresAt } = waiting
    const told = { hold: holdId, rule, decision: decisionId, reason, retry_token: token, expires_at: expiresAt }
    return lineOf({ title: message, status, code, ...told })
  }
  const why =
    refusal === undefined ? {} : { rule: refusal.rule, decision: refusal.decisionId, ...detailOf(refusal.hint) }
  const calls = spoken?.rpc ?? []
  if (calls.length > 0) {
    const error = { code: rpcRefused, message, data: { status, code, ...why } }
    const all = calls.map(({ id }) => ({ jsonrpc: '2.0', id, error }))
    return lineOf(Array.isArray(spoken?.body.value) ? all : all[0])
  }
  if (spoken !== undefined && spoken.graphql.length > 0)
    return lineOf({ errors: [{ message, extensions: { status, code, ...why } }] })
  return lineOf({ type: 'about:blank', title: message, status, code, ...why })
}

/** Its fields, in any version of HTTP. */
export function answerFields({ status, spoken, waiting }: Answer, body: string): readonly Field[] {
  if (waiting !== undefined)
    return [
      ['content-type', 'application/json'],
      ['content-length', String(Buffer.byteLength(body))],
      ['cache-control', 'no-store'],
      ['preference-applied', 'respond-async'],
      ['retry-after', String(retryAfterSeconds)],
      ['sallyport-retry', waiting.token],
    ]
  const type =
    (spoken?.rpc.length ?? 0) > 0
      ? 'application/json'
      : (spoken?.graphql.length ?? 0) > 0
        ? 'application/graphql-response+json'
        : 'application/problem+json'
  return [
    ['content-type', type],
    ['content-length', String(Buffer.byteLength(body))],
    ['cache-control', 'no-store'],
    ...(status === 401 ? [['www-authenticate', 'Bearer'] as const] : []),
    // Basic, because it is what clients of proxies know: the token is the password.
    ...(status === 407 ? [['proxy-authenticate', 'Basic realm="sallyport"'] as const] : []),
  ]
}

/** What a call of gRPC is answered with, which has no other answers: `PERMISSION_DENIED`, and why. */
export function callFields({ message, refusal }: Answer): readonly Field[] {
  const named = refusal === undefined ? '' : ` (rule ${refusal.rule}, decision ${refusal.decisionId})`
  // Percent-encoded, as the protocol has it.
  const told = encodeURIComponent(`${message}${named}`).replaceAll('%20', ' ')
  return [
    ['content-type', 'application/grpc'],
    ['grpc-status', String(permissionDenied)],
    ['grpc-message', told],
  ]
}

/** JSON as a line, which is what terminals like. */
function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

function detailOf(hint: string): { readonly detail?: string } {
  return hint === '' ? {} : { detail: hint }
}
