// Answers of the gateway's own: problem details (RFC 9457).
import { HttpRefusal } from '../../engine/action/http/index.ts'
import type { Refusal } from '../gate/contract.ts'
import { HttpUpstreamError } from './upstream.ts'
import { type Field, WireError } from './wire/index.ts'

/** Why a request is answered by the gateway itself. */
export class Answer extends Error {
  readonly status: number
  readonly code: string
  readonly refusal: Refusal | undefined
  constructor(status: number, code: string, message: string, refusal?: Refusal) {
    super(message)
    this.status = status
    this.code = code
    this.refusal = refusal
  }
}

/** The answer that an error is, if it is one. */
export function answerOf(error: unknown): Answer | undefined {
  if (error instanceof Answer) return error
  if (error instanceof WireError || error instanceof HttpRefusal) return new Answer(400, error.code, error.message)
  if (error instanceof HttpUpstreamError) return new Answer(502, 'upstream', error.message)
  return undefined
}

/** The body of an answer. */
export function answerText({ status, code, message, refusal }: Answer): string {
  return JSON.stringify({
    type: 'about:blank',
    title: message,
    status,
    code,
    ...(refusal === undefined ? {} : { rule: refusal.rule, decision: refusal.decisionId, detail: refusal.hint }),
  })
}

/** Its fields, in any version of HTTP. */
export function answerFields({ status }: Answer, body: string): readonly Field[] {
  return [
    ['content-type', 'application/problem+json'],
    ['content-length', String(Buffer.byteLength(body))],
    ['cache-control', 'no-store'],
    ...(status === 401 ? [['www-authenticate', 'Bearer'] as const] : []),
  ]
}
