// DER: the encoding of certificates. Reads one value after another; never past its bytes.

/** One DER value. */
export interface Der {
  /** The whole identifier octet: class, constructed bit and number. */
  readonly tag: number
  /** Contents, without tag and length. */
  readonly body: Buffer
  /** Tag, length and contents. */
  readonly whole: Buffer
}

/** Bytes that are no DER. */
export class DerError extends Error {}

/** Tags that certificates use. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** The values that bytes are made of, one after another. Throws DerError. */
export function readAll(bytes: Buffer): readonly Der[] {
  const values: Der[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readAt(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

/** The one value that bytes are. Throws DerError. */
export function readOne(bytes: Buffer): Der {
  const value = readAt(bytes, 0)
  if (value.whole.length !== bytes.length) throw new DerError('trailing data')
  return value
}

/** The first value of bytes. */
export function readAt(bytes: Buffer, at: number): Der {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new DerError('syntax error: data truncated')
  if ((tag & 0x1f) === 0x1f) throw new DerError('structure error: high tag number')
  let length = first
  let start = at + 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4) throw new DerError('structure error: length too large')
    length = 0
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + index] ?? 0)
    start += count
  }
  if (start + length > bytes.length) throw new DerError('syntax error: data truncated')
  return { tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) }
}

/** The members of a sequence or set. */
export function members(value: Der | undefined, tag: number = tags.sequence): readonly Der[] {
  if (value?.tag !== tag) throw new DerError("structure error: tags don't match")
  return readAll(value.body)
}

/** An integer of any size. */
export function integer(value: Der | undefined): bigint {
  if (value?.tag !== tags.integer || value.body.length === 0) throw new DerError('structure error: no integer')
  const size = BigInt(`0x${value.body.toString('hex')}`)
  return (value.body[0] ?? 0) < 0x80 ? size : size - (1n << BigInt(value.body.length * 8))
}

/** The numbers of an object identifier. */
export function oid(value: Der | undefined): readonly number[] {
  if (value?.tag !== tags.oid || value.body.length === 0) throw new DerError('structure error: no object identifier')
  const parts: number[] = []
  let part = 0
  for (const byte of value.body) {
    part = part * 128 + (byte & 0x7f)
    if (part > Number.MAX_SAFE_INTEGER) throw new DerError('structure error: object identifier too large')
    if (byte >= 0x80) continue
    if (parts.length === 0) {
      const first = Math.min(2, Math.floor(part / 40))
      parts.push(first, part - first * 40)
    } else parts.push(part)
    part = 0
  }
  return parts
}

/** The bytes of a bit string, and how many bits of the last one do not count. */
export function bits(value: Der | undefined): { readonly bytes: Buffer; readonly unused: number } {
  const unused = value?.body[0]
  if (value?.tag !== tags.bitString || unused === undefined || unused > 7)
    throw new DerError('structure error: no bit string')
  return { bytes: value.body.subarray(1), unused }
}

/** A text in one of the encodings that names use. Undefined for what is no text. */
export function text({ tag, body }: Der): string | undefined {
  switch (tag) {
    case tags.utf8:
      return body.toString('utf8')
    case tags.printable:
    case tags.ia5:
    case tags.teletex:
      return body.toString('latin1')
    case tags.bmp:
      return Buffer.from(body).swap16().toString('utf16le')
    default:
      return undefined
  }
}

/** A time, as RFC 3339 in UTC. */
export function time(value: Der | undefined): string {
  const text = value?.body.toString('latin1') ?? ''
  const parts =
    value?.tag === tags.utcTime
      ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)
      : value?.tag === tags.generalizedTime
        ? /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)
        : null
  if (parts === null) throw new DerError('structure error: no time')
  const [, year = '', month, day, hour, minute, second] = parts
  const whole = year.length === 4 ? year : Number(year) >= 50 ? `19${year}` : `20${year}`
  return `${whole}-${month}-${day}T${hour}:${minute}:${second}Z`
}
