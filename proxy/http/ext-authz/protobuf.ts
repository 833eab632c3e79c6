// Protocol buffers, as far as messages of ext_authz need them: fields by number, texts, bytes and numbers.

/** Bytes that are no message. */
export class ProtobufError extends Error {}

/** A field of a message: a number, or bytes that are a text or a message themselves. */
export interface ProtobufField {
  readonly number: number
  readonly value: bigint | Uint8Array
}

/** Fields that one message may have. */
const fieldsMax = 10_000
const varintBytesMax = 10

/** The fields of a message, in the order of the wire. Throws ProtobufError. */
export function decodeFields(bytes: Uint8Array): readonly ProtobufField[] {
  const fields: ProtobufField[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < BigInt(varintBytesMax * 7); shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new ProtobufError('the message is cut')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new ProtobufError('a number is too long')
  }
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ProtobufError('the message is cut')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    if (fields.length >= fieldsMax) throw new ProtobufError('the message has too many fields')
    const tag = Number(varint())
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        fields.push({ number, value: varint() })
        break
      case 1:
        take(8)
        break
      case 2:
        fields.push({ number, value: take(Number(varint())) })
        break
      case 5:
        take(4)
        break
      default:
        throw new ProtobufError('a field is of an unknown kind')
    }
  }
  return fields
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A text of a message; the last one counts, empty where there is none. Throws ProtobufError. */
export function textOf(fields: readonly ProtobufField[], number: number): string {
  const bytes = bytesOf(fields, number)
  if (bytes === undefined) return ''
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new ProtobufError('a text is not UTF-8', { cause: error })
  }
}

/** Bytes of a message; the last ones count. */
export function bytesOf(fields: readonly ProtobufField[], number: number): Uint8Array | undefined {
  const value = fields.findLast((one) => one.number === number)?.value
  return typeof value === 'bigint' ? undefined : value
}

/** A message inside of a message; one that is not there has no fields. */
export function messageOf(fields: readonly ProtobufField[], number: number): readonly ProtobufField[] {
  const bytes = bytesOf(fields, number)
  return bytes === undefined ? [] : decodeFields(bytes)
}

/** A map of texts, of which every entry is a message. */
export function mapOf(fields: readonly ProtobufField[], number: number): readonly (readonly [string, string])[] {
  return fields.flatMap(({ number: one, value }) => {
    if (one !== number || typeof value === 'bigint') return []
    const entry = decodeFields(value)
    return [[textOf(entry, 1), textOf(entry, 2)] as const]
  })
}

/** A field that is a number. */
export function encodeNumber(number: number, value: number): Uint8Array {
  return Buffer.from([...varintOf(number * 8), ...varintOf(value)])
}

/** A field that is a text, bytes, or a message. */
export function encodeBytes(number: number, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([Buffer.from([...varintOf(number * 8 + 2), ...varintOf(bytes.length)]), bytes])
}

function varintOf(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return [...bytes, rest]
}
