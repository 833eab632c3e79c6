// Messages of the server: those the gateway makes itself, and those it reads to keep step.
import { type Body, cstring, encodeFrame, Frame, frameHeadBytes, int16, int32 } from './frames.ts'
import { Reader } from './reader.ts'

/** The transaction state that ReadyForQuery tells. */
export type TransactionStatus = 'I' | 'T' | 'E'

/** The fields of ErrorResponse and NoticeResponse that the gateway sets. */
export interface Report {
  readonly severity: 'ERROR' | 'FATAL' | 'NOTICE'
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  /** Where in the text it is, in characters from 1. */
  readonly position?: number
}

/** ErrorResponse ('E') or NoticeResponse ('N'). */
export function encodeReport(report: Report): Buffer {
  const fields: [string, string | undefined][] = [
    ['S', report.severity],
    ['V', report.severity],
    ['C', report.sqlstate],
    ['M', report.message],
    ['D', report.detail],
    ['H', report.hint],
    ['P', report.position === undefined ? undefined : String(report.position)],
  ]
  const parts = fields.flatMap(([code, value]) =>
    value === undefined || value === '' ? [] : [Buffer.from(code), cstring(value.replaceAll('\0', ''))],
  )
  return encodeFrame(report.severity === 'NOTICE' ? 'N' : 'E', ...parts, Buffer.of(0))
}

/** ReadyForQuery ('Z'). */
export function encodeReady(status: TransactionStatus): Buffer {
  return encodeFrame('Z', Buffer.from(status))
}

/** AuthenticationCleartextPassword, and AuthenticationOk ('R'). */
export function encodeAuthentication(kind: 'cleartext' | 'ok'): Buffer {
  return encodeFrame('R', int32(kind === 'ok' ? 0 : 3))
}

/** AuthenticationSASL: the mechanisms to choose from. */
export function encodeSasl(mechanisms: readonly string[]): Buffer {
  return encodeFrame('R', int32(10), ...mechanisms.map(cstring), Buffer.of(0))
}

/** AuthenticationSASLContinue: what the mechanism says next. */
export function encodeSaslContinue(data: string): Buffer {
  return encodeFrame('R', int32(11), Buffer.from(data))
}

/** BackendKeyData ('K'). */
export function encodeBackendKey(processId: number, secret: Uint8Array): Buffer {
  return encodeFrame('K', int32(processId), secret)
}

/**
 * NegotiateProtocolVersion ('v'): the newest version spoken here, and options nobody knows. The version is the whole of it,
 * as in a start-up message, whatever the protocol's description says: clients take anything less than 3.0 for an error.
 */
export function encodeNegotiate(minor: number, unknown: readonly string[]): Buffer {
  return encodeFrame('v', int32((3 << 16) + minor), int32(unknown.length), ...unknown.map(cstring))
}

/** The status of a ReadyForQuery. */
export function decodeReady(body: Body): TransactionStatus {
  const reader = new Reader(body)
  const status = reader.byte()
  reader.end()
  // Each statement has one: no string is made of it.
  return status === 0x54 ? 'T' : status === 0x45 ? 'E' : 'I'
}

/** The name and value of a ParameterStatus ('S'). */
export function decodeParameterStatus(body: Body): { readonly name: string; readonly value: string } {
  const reader = new Reader(body)
  const name = reader.cstring()
  const value = reader.cstring()
  reader.end()
  return { name, value }
}

/** The SQLSTATE and message of an ErrorResponse; a field that is missing is empty. */
export function decodeReport(body: Body): { readonly sqlstate: string; readonly message: string } {
  const reader = new Reader(body)
  const fields = new Map<string, string>()
  for (let code = reader.byte(); code !== 0; code = reader.byte())
    fields.set(String.fromCharCode(code), reader.cstring())
  return { sqlstate: fields.get('C') ?? '', message: fields.get('M') ?? '' }
}

/** A command tag: all of it, its first word, and the rows that it counts. */
export interface Tag {
  readonly tag: string
  readonly command: string
  readonly rows: number
}

/** Longer tags are not remembered. */
const lastTagBytesMax = 32
/** The tag that was read last, as it stood in its message: mostly the next one is the same. */
let last: { readonly body: Buffer; readonly tag: Tag } | undefined

/** The tag of a CommandComplete ('C'). */
export function decodeTag(body: Body): Tag {
  const frame = body instanceof Frame ? body : undefined
  if (last !== undefined && frame !== undefined && isBody(frame, last.body)) return last.tag
  const reader = new Reader(body)
  const tag = reader.cstring()
  reader.end()
  const space = tag.indexOf(' ')
  const read = { tag, command: space < 0 ? tag : tag.slice(0, space), rows: lastNumber(tag) }
  if (frame !== undefined && frame.bodyBytes <= lastTagBytesMax) last = { body: Buffer.from(frame.body), tag: read }
  return read
}

function isBody({ data, start, end }: Frame, body: Buffer): boolean {
  const from = start + frameHeadBytes
  if (end - from !== body.length) return false
  for (let at = 0; at < body.length; at++) if (data[from + at] !== body[at]) return false
  return true
}

/** The number that a tag ends in; 0 where it ends in none, or in one that is out of reach. */
function lastNumber(tag: string): number {
  let value = 0
  let place = 1
  for (let at = tag.length - 1; at >= 0; at--) {
    const code = tag.charCodeAt(at)
    if (code === 32) return value
    if (code < 48 || code > 57 || place > 1e14) return 0
    value += (code - 48) * place
    place *= 10
  }
  return value
}

/** The values of a DataRow ('D'); null is NULL. */
export function decodeRow(body: Body): readonly (Buffer | null)[] {
  const reader = new Reader(body)
  const count = reader.uint16()
  const values = Array.from({ length: Math.min(count, reader.left) }, () => {
    const length = reader.int32()
    return length === -1 ? null : reader.bytes(length)
  })
  reader.end()
  return values
}

/** A DataRow. */
export function encodeRow(values: readonly (Uint8Array | null)[]): Buffer {
  const parts = values.flatMap((value) => (value === null ? [int32(-1)] : [int32(value.length), value]))
  return encodeFrame('D', int16(values.length), ...parts)
}

/** One column of a RowDescription ('T'). */
export interface Column {
  readonly name: string
  readonly table: number
  readonly attribute: number
  readonly type: number
  readonly binary: boolean
}

/** The columns of a RowDescription. */
export function decodeRowDescription(body: Body): readonly Column[] {
  const reader = new Reader(body)
  const count = reader.uint16()
  const columns = Array.from({ length: Math.min(count, reader.left) }, (): Column => {
    const name = reader.cstring()
    const table = reader.int32()
    const attribute = reader.int16()
    const type = reader.int32()
    reader.int16()
    reader.int32()
    return { name, table, attribute, type, binary: reader.int16() === 1 }
  })
  reader.end()
  return columns
}
