// The cluster's side of a stream that policy allowed: what the request is about may be seen, and the cluster agrees to a
// protocol that was offered, or it is an answer and nothing more is read.
import type { IncomingMessage } from 'node:http'
import { type Headers, type KubeAnalysis, mediaType } from '../../../engine/action/kube/index.ts'
import { actingAs } from '../acting-as.ts'
import { forwardedHeaders } from '../exchange-headers.ts'
import type { AnswerTerms } from '../response/terms.ts'
import type { LiveSession } from '../sessions.ts'
import { plainStatus, type Status } from '../status.ts'
import type { Upgraded } from '../upstream.ts'
import { hidden } from '../visible.ts'
import type { Handshake } from './handshake.ts'

/** What is opened. */
export interface OpeningParts {
  readonly live: LiveSession
  readonly headers: Headers
  readonly analysis: KubeAnalysis
  readonly answer: AnswerTerms
  readonly handshake: Handshake
  readonly signal: AbortSignal
}

/** A stream of the cluster. */
export interface OpenedStream {
  readonly upgraded: Upgraded
  readonly protocol: string
}

/** Bytes of an answer that is passed on where an upgrade was not agreed to. */
const answerBytesMax = 64 * 1024

/** Opens the stream at the cluster, or says what the client is told instead. Rejects with UpstreamError. */
export async function openStream(parts: OpeningParts): Promise<OpenedStream | Status> {
  const { live, headers, analysis, answer, handshake, signal } = parts
  const { session, target } = live
  const gone = plainStatus(499, 'Gone', 'the client went away')
  const unseen = await hidden(live, analysis.facts, answer, signal)
  if (unseen !== undefined) return unseen
  if (signal.aborted) return gone
  const acting = await actingAs(target.impersonation, target.tokens, session.identity, session.id)
  if (signal.aborted) return gone
  const upgraded = await target.upstream.upgrade({
    ...(acting.token === undefined ? {} : { token: acting.token }),
    client: live.client,
    method: analysis.forward.method,
    target: analysis.forward.target,
    headers: [...forwardedHeaders(headers, false), ...handshake.upstream, ...acting.headers],
    body: new Uint8Array(),
    signal,
  })
  if (!('answer' in upgraded)) return notUpgraded(upgraded)
  upgraded.socket.on('error', () => upgraded.socket.destroy())
  const protocol = upgraded.answer.statusCode === 101 ? handshake.chosen(upgraded.answer) : undefined
  if (signal.aborted || protocol === undefined) {
    upgraded.socket.destroy()
    return plainStatus(502, 'BadGateway', 'the cluster agreed to another protocol than was offered')
  }
  return { upgraded, protocol }
}

async function notUpgraded(answer: IncomingMessage): Promise<Status> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) break
    bytes += chunk.length
    if (bytes > answerBytesMax) break
    chunks.push(chunk)
  }
  answer.destroy()
  const code = answer.statusCode ?? 502
  const status =
    mediaType(answer.headers['content-type'] ?? '') === 'application/json'
      ? statusOf(Buffer.concat(chunks).toString())
      : undefined
  return (
    status ??
    plainStatus(
      code >= 400 && code < 600 ? code : 502,
      'BadGateway',
      `the cluster did not open the stream: it answered ${code}`,
    )
  )
}

/** A Status of the upstream's, as far as it can be read. */
function statusOf(text: string): Status | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const fields = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const code = fields.get('code')
  const message = fields.get('message')
  const reason = fields.get('reason')
  return typeof code === 'number' && code >= 400 && code < 600 && typeof message === 'string'
    ? plainStatus(code, typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason) ? reason : 'Unknown', message)
    : undefined
}
