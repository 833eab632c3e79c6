// Messages of the client, decoded from their bodies (PostgreSQL protocol 55.7). Each consumes all its bytes or throws.
import { WireError } from './error.ts'
import { type Body, cstring, encodeFrame, int16, int32 } from './frames.ts'
import { decodeText, Reader } from './reader.ts'

/** Parse ('P'). */
export interface Parse {
  readonly name: string
  readonly sql: string
  readonly types: readonly number[]
}

/** One bound value: what it is in text form, the base64 of what it is in binary form; null is NULL. */
export interface BoundValue {
  readonly binary: boolean
  readonly text: string | null
}

/** Bind ('B'). */
export interface Bind {
  readonly portal: string
  readonly statement: string
  readonly values: readonly BoundValue[]
  readonly resultFormats: readonly number[]
}

/** Describe ('D') and Close ('C'). */
export interface Named {
  readonly what: 'statement' | 'portal'
  readonly name: string
}

/** FunctionCall ('F'): a function by its oid, and its arguments. */
export interface FunctionCall {
  readonly oid: number
  readonly values: readonly BoundValue[]
}

/** Query ('Q'): the text. */
export function decodeQuery(body: Body): string {
  const reader = new Reader(body)
  const sql = reader.cstring()
  reader.end()
  return sql
}

/** Parse. */
export function decodeParse(body: Body): Parse {
  const reader = new Reader(body)
  const name = reader.cstring()
  const sql = reader.cstring()
  const types: number[] = []
  for (let left = bounded(reader.uint16(), reader.left, 4); left > 0; left--) types.push(reader.int32())
  reader.end()
  return { name, sql, types }
}

/** Bind. */
export function decodeBind(body: Body): Bind {
  const reader = new Reader(body)
  const portal = reader.cstring()
  const statement = reader.cstring()
  const values = boundValues(reader)
  const resultFormats = formatCodes(reader)
  reader.end()
  return { portal, statement, values, resultFormats }
}

/** FunctionCall. */
export function decodeFunctionCall(body: Body): FunctionCall {
  const reader = new Reader(body)
  const oid = reader.int32() >>> 0
  const values = boundValues(reader)
  const resultFormat = reader.int16()
  if (resultFormat !== 0 && resultFormat !== 1) throw new WireError('bad_value', 'a format is neither text nor binary')
  reader.end()
  return { oid, values }
}

/** Values with the formats before them: one for all of them, or one for each. */
function boundValues(reader: Reader): readonly BoundValue[] {
  const formats = formatCodes(reader)
  const count = reader.uint16()
  if (formats.length > 1 && formats.length !== count)
    throw new WireError('bad_value', 'a message has another number of formats than of values')
  const values: BoundValue[] = []
  bounded(count, reader.left, 4)
  for (let index = 0; index < count; index++) {
    const length = reader.int32()
    if (length < -1) throw new WireError('bad_length', 'a value has a negative length')
    const format = formats.length === 1 ? formats[0] : formats[index]
    const binary = format === 1
    values.push({ binary, text: length === -1 ? null : reader.text(length, binary ? 'base64' : 'utf8') })
  }
  return values
}

/** Describe or Close. */
export function decodeNamed(body: Body): Named {
  const reader = new Reader(body)
  const what = reader.byte()
  const name = reader.cstring()
  reader.end()
  if (what === 83) return { what: 'statement', name }
  if (what === 80) return { what: 'portal', name }
  throw new WireError('bad_value', 'a Describe or Close names neither a statement nor a portal')
}

/** Execute ('E'): the portal and its row limit, 0 for none. */
export function decodeExecute(body: Body): { readonly portal: string; readonly rowsMax: number } {
  const reader = new Reader(body)
  const portal = reader.cstring()
  const rowsMax = reader.int32()
  reader.end()
  return { portal, rowsMax }
}

/** PasswordMessage ('p'): the text. */
export function decodePassword(body: Body): string {
  return decodeQuery(body)
}

/** SASLInitialResponse ('p'): the mechanism that the client chose, and what it says first. */
export function decodeSaslInitial(body: Body): { readonly mechanism: string; readonly data: string | undefined } {
  const reader = new Reader(body)
  const mechanism = reader.cstring()
  const length = reader.int32()
  if (length < -1) throw new WireError('bad_length', 'a value has a negative length')
  const data = length === -1 ? undefined : decodeText(reader.bytes(length))
  reader.end()
  return { mechanism, data }
}

/** Query with another text. */
export function encodeQuery(sql: string): Buffer {
  return encodeFrame('Q', cstring(sql))
}

/** Parse with another text. */
export function encodeParse(parse: Parse): Buffer {
  return encodeFrame('P', cstring(parse.name), cstring(parse.sql), int16(parse.types.length), ...parse.types.map(int32))
}

/**
 * Texts of one statement each, run one after the other up to a Sync, by a prepared statement and a portal of this name that
 * are gone afterwards. What the client has prepared or bound without a name stays, as it does not after Query.
 */
export function encodeScript(name: string, texts: readonly string[]): Buffer {
  const own = cstring(name)
  const none = int16(0)
  const gone = [encodeFrame('C', Buffer.from('S'), own), encodeFrame('C', Buffer.from('P'), own)]
  const runs = texts.flatMap((sql) => [
    encodeParse({ name, sql, types: [] }),
    encodeFrame('B', own, own, none, none, none),
    encodeFrame('E', own, int32(0)),
    ...gone,
  ])
  return Buffer.concat([...gone, ...runs, encodeFrame('S')])
}

const noCodes: readonly number[] = []

function formatCodes(reader: Reader): readonly number[] {
  const count = reader.uint16()
  if (count === 0) return noCodes
  const codes: number[] = []
  for (let left = bounded(count, reader.left, 2); left > 0; left--) {
    const code = reader.int16()
    if (code !== 0 && code !== 1) throw new WireError('bad_value', 'a format is neither text nor binary')
    codes.push(code)
  }
  return codes
}

/** A count that the bytes left can hold. */
function bounded(count: number, left: number, eachBytes: number): number {
  if (count * eachBytes > left) throw new WireError('too_short', 'a message counts more than it holds')
  return count
}
