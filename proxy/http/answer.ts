// Answers of the gateway's own: problem details (RFC 9457), or errors of JSON-RPC and GraphQL.
import { type HttpFacts, HttpRefusal } from '../../engine/action/http/index.ts'
import type { Refusal } from '../gate/contract.ts'
import { HttpUpstreamError } from './upstream.ts'
import { type Field, WireError } from './wire/index.ts'

/** Why a request is answered by the gateway itself. */
export class Answer extends Error {
  readonly status: number
  readonly code: string
  readonly refusal: Refusal | undefined
  /** What the request spoke, so that its own kind of client can read the answer. */
  readonly spoken: HttpFacts | undefined
  constructor(status: number, code: string, message: string, refusal?: Refusal, spoken?: HttpFacts) {
    super(message)
    this.status = status
    this.code = code
    this.refusal = refusal
    this.spoken = spoken
  }
}

/** The answer that an error is, if it is one. */
export function answerOf(error: unknown): Answer | undefined {
  if (error instanceof Answer) return error
  if (error instanceof WireError || error instanceof HttpRefusal) return new Answer(400, error.code, error.message)
  if (error instanceof HttpUpstreamError) return new Answer(502, 'upstream', error.message)
  return undefined
}

/** Refused by policy; of the codes that JSON-RPC leaves to servers. */
const rpcRefused = -32001

/** The body of an answer: in the form of JSON-RPC or GraphQL where that was spoken, else problem details. */
export function answerText(answer: Answer): string {
  const { status, code, message, refusal, spoken } = answer
  const why = refusal === undefined ? {} : { rule: refusal.rule, decision: refusal.decisionId, detail: refusal.hint }
  const calls = spoken?.rpc ?? []
  if (calls.length > 0) {
    const error = { code: rpcRefused, message, data: { status, code, ...why } }
    const all = calls.map(({ id }) => ({ jsonrpc: '2.0', id, error }))
    return JSON.stringify(Array.isArray(spoken?.body.value) ? all : all[0])
  }
  if (spoken !== undefined && spoken.graphql.length > 0)
    return JSON.stringify({ errors: [{ message, extensions: { status, code, ...why } }] })
  return JSON.stringify({ type: 'about:blank', title: message, status, code, ...why })
}

/** Its fields, in any version of HTTP. */
export function answerFields({ status, spoken }: Answer, body: string): readonly Field[] {
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
  ]
}
