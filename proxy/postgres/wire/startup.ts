// What comes before messages have types: start-up, encryption requests, cancellation (PostgreSQL protocol 55.2).
import { WireError } from './error.ts'
import { cstring, int32 } from './frames.ts'
import { Reader } from './reader.ts'

/** The first message of a connection. */
export type FirstMessage =
  | { readonly kind: 'startup'; readonly minor: number; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: 'ssl_request' }
  | { readonly kind: 'gss_request' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: Buffer }

/** The longest first message, as the server itself has it. */
export const startupBytesMax = 10_000
const parametersMax = 100
const sslRequest = 80877103
const gssRequest = 80877104
const cancelRequest = 80877102

/** The whole length of the first message once its length is there; undefined before. Throws WireError. */
export function firstMessageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined
  const length = bytes.readInt32BE(0)
  if (length < 8) throw new WireError('bad_length', 'the first message is shorter than its length')
  if (length > startupBytesMax)
    throw new WireError('too_long', `the first message is longer than ${startupBytesMax} bytes`)
  return length
}

/** Decodes a whole first message. Throws WireError. */
export function decodeFirstMessage(bytes: Buffer): FirstMessage {
  const reader = new Reader(bytes.subarray(4))
  const code = reader.int32()
  if (code === sslRequest || code === gssRequest) {
    reader.end()
    return { kind: code === sslRequest ? 'ssl_request' : 'gss_request' }
  }
  if (code === cancelRequest) {
    const processId = reader.int32()
    const secret = reader.bytes(reader.left)
    if (secret.length < 4 || secret.length > 256) throw new WireError('bad_length', 'a cancel key has no sane length')
    return { kind: 'cancel', processId, secret: Buffer.from(secret) }
  }
  if (code >> 16 !== 3) throw new WireError('bad_value', 'the protocol version is not 3')
  const parameters = new Map<string, string>()
  for (let name = reader.cstring(); name !== ''; name = reader.cstring()) {
    if (parameters.size >= parametersMax)
      throw new WireError('too_long', `there are more than ${parametersMax} start-up parameters`)
    if (parameters.has(name)) throw new WireError('bad_value', 'a start-up parameter is given twice')
    parameters.set(name, reader.cstring())
  }
  reader.end()
  return { kind: 'startup', minor: code & 0xffff, parameters }
}

/** A start-up message of protocol 3.0. */
export function encodeStartup(parameters: ReadonlyMap<string, string>): Buffer {
  const parts = [...parameters].flatMap(([name, value]) => [cstring(name), cstring(value)])
  const body = Buffer.concat([int32(3 << 16), ...parts, Buffer.of(0)])
  return Buffer.concat([int32(body.length + 4), body])
}

/** A request to cancel what a backend is doing. */
export function encodeCancel(processId: number, secret: Uint8Array): Buffer {
  return Buffer.concat([int32(12 + secret.length), int32(cancelRequest), int32(processId), secret])
}
