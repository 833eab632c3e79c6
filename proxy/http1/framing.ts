// How long a body is, from the head alone. A message that says it twice, or in a form that servers read differently,
// is refused (RFC 9112 6.3; every request smuggling attack lives here).
import { WireError } from './error.ts'
import { type Field, singleField } from './fields.ts'
import { lengthDigitsMax } from './limits.ts'

/** How the body of a message ends. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** Ends with the connection; only responses. */
  | { readonly kind: 'close' }

const none: Framing = { kind: 'none' }
const chunked: Framing = { kind: 'chunked' }

/** The framing of a request. */
export function requestFraming(fields: readonly Field[]): Framing {
  return declaredFraming(fields) ?? none
}

/** The framing of a response to `method` with `status`. */
export function responseFraming(method: string, status: number, fields: readonly Field[]): Framing {
  const declared = declaredFraming(fields)
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) {
    // A 204 or 1xx that announces a body would be read with it by some (RFC 9110 8.6, RFC 9112 6.1).
    if ((status === 204 || status < 200) && declared !== undefined && !isEmpty(declared))
      throw new WireError('unexpected_bytes', `a ${status} response announces a body`)
    return none
  }
  return declared ?? { kind: 'close' }
}

function declaredFraming(fields: readonly Field[]): Framing | undefined {
  const encoding = singleField(fields, 'transfer-encoding')
  const length = singleField(fields, 'content-length')
  if (encoding !== undefined) {
    if (length !== undefined) throw new WireError('length_and_encoding', 'Content-Length beside Transfer-Encoding')
    if (encoding.toLowerCase() !== 'chunked')
      throw new WireError('transfer_encoding', 'a transfer encoding other than `chunked`')
    return chunked
  }
  return length === undefined ? undefined : { kind: 'length', bytes: parseLength(length) }
}

function isEmpty(framing: Framing): boolean {
  return framing.kind === 'length' && framing.bytes === 0
}

function parseLength(text: string): number {
  const wrong = (): never => {
    throw new WireError('content_length', 'Content-Length is not one plain number')
  }
  if (text.length === 0 || text.length > lengthDigitsMax) return wrong()
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return wrong()
  }
  // `010` is ten to most and eight to some.
  return text.length > 1 && text.charCodeAt(0) === 48 ? wrong() : Number(text)
}
