// Messages to bytes. What is written was judged or is ours; a value that would break out of its line throws.
import { WireError } from './error.ts'
import type { Field } from './fields.ts'

/** The bytes of a request head. */
export function encodeRequestHead(method: string, target: string, fields: readonly Field[]): string {
  return `${method} ${target} HTTP/1.1\r\n${encodeFields(fields)}\r\n`
}

/** The bytes of a response head. */
export function encodeResponseHead(status: number, reason: string, fields: readonly Field[]): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${encodeFields(fields)}\r\n`
}

/** The lines of header or trailer fields. */
export function encodeFields(fields: readonly Field[]): string {
  let text = ''
  for (const [name, value] of fields) {
    if (breaks(name) || breaks(value)) throw new WireError('header_value', `\`${name}\` cannot be written`)
    text += `${name}: ${value}\r\n`
  }
  return text
}

function breaks(text: string): boolean {
  return text.includes('\n') || text.includes('\r') || text.includes('\0')
}

/** What stands before the bytes of a chunk. */
export function chunkHead(bytes: number): string {
  return `${bytes.toString(16)}\r\n`
}

/** The end of a chunked body. */
export function lastChunk(trailers: readonly Field[]): string {
  return `0\r\n${encodeFields(trailers)}\r\n`
}
