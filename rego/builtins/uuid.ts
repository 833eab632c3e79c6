// uuid.parse uuid.rfc4122.
import { numberFromBigInt, RegoObject, type Value, writeRego } from '../value/index.ts'
import type { Builtin } from './contract.ts'
import { anyOperand, stringOperand } from './operands.ts'

/** The built-ins on UUIDs by name. */
export const uuid: Readonly<Record<string, Builtin>> = {
  'uuid.parse': (_, args) => parseUuid(stringOperand(args, 1)),
  'uuid.rfc4122': (context, args) => {
    const key = `uuid.rfc4122 ${writeRego(anyOperand(args, 1))}`
    const before = context.cache.get(key)
    if (typeof before === 'string') return before
    const bytes = Buffer.from(context.random(16))
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const text = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    context.cache.set(key, text)
    return text
  },
}

/** A UUID's text in any of the forms it is written in: plain, without dashes, in braces, as a URN. */
const DASHED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The tenths of a microsecond between 15 October 1582 and 1970. */
const GREGORIAN = 122_192_928_000_000_000n

function hexOf(text: string): string | undefined {
  if (/^[0-9a-f]{32}$/i.test(text)) return text
  const inner =
    text.length === 45 && text.slice(0, 9).toLowerCase() === 'urn:uuid:'
      ? text.slice(9)
      : text.length === 38
        ? text.slice(1, 37)
        : text
  return DASHED.test(inner) ? inner.replaceAll('-', '') : undefined
}

function parseUuid(text: string): Value | undefined {
  const hex = hexOf(text)
  if (hex === undefined) return undefined
  const bytes = Buffer.from(hex, 'hex')
  const at = (index: number): number => bytes[index] ?? 0
  const version = at(6) >> 4
  const parsed = new RegoObject([
    ['version', version],
    ['variant', variantOf(at(8))],
  ])
  if (version !== 1 && version !== 2) return parsed
  const low = bytes.readUInt32BE(0)
  const ticks = (BigInt(bytes.readUInt16BE(6) & 0x0fff) << 48n) | (BigInt(bytes.readUInt16BE(4)) << 32n) | BigInt(low)
  parsed
    // Nanoseconds in 64 bits, where times before 1677 come round as OPA's do.
    .insert('time', numberFromBigInt(BigInt.asIntN(64, (ticks - GREGORIAN) * 100n)))
    .insert('nodeid', [...bytes.subarray(10)].map((byte) => byte.toString(16).padStart(2, '0')).join('-'))
    .insert(
      'macvariables',
      `${(at(10) & 2) !== 0 ? 'local' : 'global'}:${(at(10) & 1) !== 0 ? 'multicast' : 'unicast'}`,
    )
    .insert('clocksequence', bytes.readUInt16BE(8) & 0x3fff)
  if (version === 2) parsed.insert('id', low).insert('domain', DOMAINS[at(9)] ?? `Domain${at(9)}`)
  return parsed
}

const DOMAINS = ['Person', 'Group', 'Org']

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return 'RFC4122'
  if ((byte & 0xe0) === 0xc0) return 'Microsoft'
  return (byte & 0xe0) === 0xe0 ? 'Future' : 'Reserved'
}
