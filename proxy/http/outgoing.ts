// An allowed request as it goes out.

import type { Field } from '../http1/index.ts'
import { canDecode } from './decoding.ts'
import type { MaskPlan } from './masking.ts'
import type { Allowed } from './parts.ts'
import type { HttpUpstreamTarget } from './upstream.ts'
import { type Proven, prove } from './upstream-credential.ts'

/**
 * What the upstream is sent: what may go on, the gateway's own host, framing and credential. With `isJudged` it is not
 * known yet what of the answer will be masked.
 */
export function outgoing(
  { request, exchange, lists }: Allowed,
  where: HttpUpstreamTarget,
  plan: MaskPlan,
  isJudged: boolean,
): Proven {
  const { body } = exchange
  const isRead = plan.kind === 'masked' || lists
  const passed = request.forwarded.filter(([name]) => !(isRead && (name === 'accept-encoding' || name === 'range')))
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

/** A field that asks only for codings which can be taken off here. */
function decodable(field: Field): Field {
  const [name, value] = field
  if (name !== 'accept-encoding') return field
  const known = value.split(',').filter((one) => canDecode((one.split(';', 1)[0] ?? '').trim().toLowerCase()))
  return [name, known.length === 0 ? 'identity' : known.map((one) => one.trim()).join(', ')]
}
