// The messages of Envoy's `envoy.service.auth.v3.Authorization/Check`, by the numbers of their fields.
import { bytesOf, decodeFields, encodeBytes, encodeNumber, mapOf, messageOf, textOf } from './protobuf.ts'

/** The request that Envoy asks about. */
export interface CheckedHttp {
  readonly method: string
  /** Path and query, as they came. */
  readonly path: string
  readonly host: string
  readonly scheme: string
  readonly headers: readonly (readonly [string, string])[]
  /** What of the body Envoy was told to send along. */
  readonly body: Uint8Array
  /** Length of the body where Envoy knows it, else -1. */
  readonly size: number
  readonly client: string
}

/** Reads a CheckRequest. Throws ProtobufError. */
export function decodeCheck(bytes: Uint8Array): CheckedHttp {
  const attributes = messageOf(decodeFields(bytes), 1)
  const http = messageOf(messageOf(attributes, 4), 2)
  const address = messageOf(messageOf(messageOf(attributes, 1), 1), 1)
  const raw = bytesOf(http, 12)
  const size = http.findLast(({ number }) => number === 9)?.value
  return {
    method: textOf(http, 2),
    path: textOf(http, 4),
    host: textOf(http, 5),
    scheme: textOf(http, 6),
    headers: mapOf(http, 3),
    body: raw ?? bytesOf(http, 11) ?? new Uint8Array(),
    size: typeof size === 'bigint' ? Number(BigInt.asIntN(64, size)) : 0,
    client: textOf(address, 2),
  }
}

/** Codes of google.rpc.Status. */
const ok = 0
const permissionDenied = 7
const unauthenticated = 16

/** The answer that lets a request pass. */
export function encodeAllowed(decisionId: string): Uint8Array {
  const status = encodeBytes(1, encodeNumber(1, ok))
  return Buffer.concat([status, encodeBytes(3, header('x-sallyport-decision', decisionId))])
}

/** The answer that Envoy gives to its client instead. */
export function encodeDenied(
  httpStatus: number,
  message: string,
  fields: readonly (readonly [string, string])[],
  body: string,
): Uint8Array {
  const code = httpStatus === 401 ? unauthenticated : permissionDenied
  const status = Buffer.concat([encodeNumber(1, code), encodeBytes(2, message)])
  const denied = Buffer.concat([
    encodeBytes(1, encodeNumber(1, httpStatus)),
    ...fields.map(([name, value]) => header(name, value)),
    encodeBytes(3, body),
  ])
  return Buffer.concat([encodeBytes(1, status), encodeBytes(2, denied)])
}

/** `headers` is field 2 of what is allowed and of what is denied; each is a HeaderValueOption around a HeaderValue. */
function header(name: string, value: string): Uint8Array {
  return encodeBytes(2, encodeBytes(1, Buffer.concat([encodeBytes(1, name), encodeBytes(2, value)])))
}
