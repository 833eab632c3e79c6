// An allowed request as it goes out.

import type { Field } from '../http1/index.ts'
import { Answer } from './answer.ts'
import { isInBodies } from './credential-guard.ts'
import { canDecode } from './decoding.ts'
import { hidesValues, type MaskPlan } from './masking.ts'
import type { Allowed } from './parts.ts'
import type { HttpUpstreamTarget } from './upstream.ts'
import { type Proven, prove } from './upstream-credential.ts'

/** What a request may ask of the very bytes that are there: whether they are those that the client names. */
const ofTheBytesThere: ReadonlySet<string> = new Set(['if', 'if-match', 'if-none-match', 'if-range'])
/** Methods that only read. */
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What the upstream is sent: what may go on, the gateway's own host, framing and credential. With `isJudged` it is not
 * known yet what of the answer will be masked. Throws Answer where nothing may.
 */
export function outgoing(
  { request, exchange, lists }: Allowed,
  where: HttpUpstreamTarget,
  plan: MaskPlan,
  isJudged: boolean,
): Proven {
  const { body } = exchange
  const isRead = plan.kind === 'masked' || lists || isInBodies(where.credential)
  const isMasked = hidesValues(plan)
  const asked = isMasked || lists || isJudged ? unguessed(request, isMasked) : request.forwarded
  const passed = asked.filter(([name]) => !(isRead && (name === 'accept-encoding' || name === 'range')))
  const kept = isJudged ? passed.map(decodable) : passed
  const { target, fields } = prove(where.credential, {
    method: request.method,
    origin: `${where.tls === undefined ? 'http' : 'https'}://${where.authority}`,
    target: `${where.basePath}${request.target}`,
    fields: kept,
    body: body.whole,
  })
  // What is compressed cannot be masked, and half of a value neither.
  const plainly: readonly Field[] = isRead ? [['accept-encoding', 'identity']] : []
  // Servers of gRPC answer nobody who takes no trailers.
  const trailers: readonly Field[] =
    where.http2 === true && request.connection.acceptsTrailers ? [['te', 'trailers']] : []
  return { target, fields: [['host', where.authority], ...fields, ...plainly, ...trailers, ...body.framing()] }
}

/**
 * A request without its questions whether an entity tag is the one of what is there: tags are mostly digests, so that who
 * guesses a masked value could ask whether it is the one. Who reads is answered as if nothing had been asked; whether
 * something is there at all may be asked. Throws Answer where something would be changed without what was asked first.
 */
function unguessed({ method, forwarded }: Allowed['request'], isMasked: boolean): readonly Field[] {
  const asks = ([name, value]: Field): boolean => ofTheBytesThere.has(name) && value.trim() !== '*'
  if (!forwarded.some(asks)) return forwarded
  if (reading.has(method)) {
    // A part under a tag that nobody asks about any more could be a part of something else.
    const isPart = forwarded.some(([name]) => name === 'if-range')
    return forwarded.filter((field) => !asks(field) && !(isPart && field[0] === 'range'))
  }
  if (!isMasked) return forwarded
  throw new Answer(
    403,
    'masking',
    'what is masked here cannot be changed under an entity tag, which would tell what it is',
  )
}

/** A field that asks only for codings which can be taken off here. */
function decodable(field: Field): Field {
  const [name, value] = field
  if (name !== 'accept-encoding') return field
  const known = value.split(',').filter((one) => canDecode((one.split(';', 1)[0] ?? '').trim().toLowerCase()))
  return [name, known.length === 0 ? 'identity' : known.map((one) => one.trim()).join(', ')]
}
