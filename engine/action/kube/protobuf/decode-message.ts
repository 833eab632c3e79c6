// Decodes a message of Kubernetes into the JSON that the API server would print of it. A field that the table does not
// know, or that comes twice where one is meant, has no single reading and is refused.
import { unreachable } from '../../../../rego/unreachable.ts'
import type { KubeJson } from '../facts.ts'
import { parseJson } from '../json.ts'
import { bodyDepthMax, protobufFieldsMax } from '../limits.ts'
import { MessageError, type MessageReader, type WireType } from './message-reader.ts'
import { type Field, type FieldType, messageAt } from './messages.ts'

/** Decodes one message. Throws MessageError, or JsonError for JSON within it. */
export function decodeMessage(reader: MessageReader, index: number): ReadonlyMap<string, KubeJson> {
  return new Decoder().members(reader, index, 1)
}

class Decoder {
  #fields = 0

  members(reader: MessageReader, index: number, depth: number, into = new Map<string, KubeJson>()) {
    if (depth > bodyDepthMax) throw new MessageError('bound', 'the body nests too deep')
    const fields = messageAt(index)
    const seen = new Set<number>()
    const lists = new Map<string, KubeJson[]>()
    const maps = new Map<string, Map<string, KubeJson>>()
    while (reader.more) {
      this.#count()
      const { number, type } = reader.tag()
      const field = fields.get(number)
      if (field === undefined) throw new MessageError('schema', 'the body has a field that is not known')
      if (field.mark === '*') {
        grown(lists, field.name, () => []).push(this.#value(reader, field.type, type, depth))
      } else if (field.mark === '%') {
        wired(type, 'bytes')
        this.#entry(
          reader.message(),
          field.type,
          depth,
          grown(maps, field.name, () => new Map()),
        )
      } else {
        once(seen, number)
        this.#single(reader, field, type, depth, into)
      }
    }
    for (const [name, list] of lists) put(into, name, list)
    for (const [name, map] of maps) put(into, name, Object.fromEntries(map))
    return into
  }

  #single(reader: MessageReader, field: Field, type: WireType, depth: number, into: Map<string, KubeJson>): void {
    if (field.mark === '^') {
      if (typeof field.type !== 'number') throw new Error('only a message can be inlined')
      wired(type, 'bytes')
      this.members(reader.message(), field.type, depth, into)
      return
    }
    const value = this.#value(reader, field.type, type, depth)
    if (field.mark === '?' && (value === '' || value === 0 || value === false || value === null)) return
    put(into, field.name, value)
  }

  /** A key and its value; Go writes both, always. */
  #entry(reader: MessageReader, valueType: FieldType, depth: number, into: Map<string, KubeJson>): void {
    let key: string | undefined
    let value: KubeJson | undefined
    while (reader.more) {
      this.#count()
      const { number, type } = reader.tag()
      if (number === 1 && key === undefined) {
        wired(type, 'bytes')
        key = reader.text()
      } else if (number === 2 && value === undefined) {
        value = this.#value(reader, valueType, type, depth + 1)
      } else {
        throw new MessageError('schema', 'the body has a map whose entries are more than key and value')
      }
    }
    if (key === undefined || value === undefined)
      throw new MessageError('schema', 'the body has a map with an entry that lacks its key or value')
    put(into, key, value)
  }

  #value(reader: MessageReader, type: FieldType, wire: WireType, depth: number): KubeJson {
    if (type === 'i' || type === 'l' || type === 'b') {
      wired(wire, 'varint')
      return numeric(reader.varint(), type)
    }
    wired(wire, 'bytes')
    switch (type) {
      case 's':
        return reader.text()
      case 'y':
        return base64(reader.bytes())
      case 'Q':
        return quantity(reader.message())
      case 'I':
        return intOrString(reader.message())
      case 'T':
        return time(reader.message(), false)
      case 'M':
        return time(reader.message(), true)
      case 'R':
        return embedded(reader.message(), depth)
      default: {
        const members = this.members(reader.message(), type, depth + 1)
        // A message that stands for a list has one field, without a name.
        return isList(type) ? (members.get('') ?? []) : Object.fromEntries(members)
      }
    }
  }

  #count(): void {
    if (++this.#fields > protobufFieldsMax) throw new MessageError('bound', 'the body has too many fields')
  }
}

function isList(index: number): boolean {
  const first = messageAt(index).get(1)
  return first !== undefined && first.name === '' && first.mark === '*'
}

function grown<Value>(all: Map<string, Value>, name: string, start: () => Value): Value {
  let value = all.get(name)
  if (value === undefined) {
    value = start()
    all.set(name, value)
  }
  return value
}

function once(seen: Set<number>, number: number): void {
  if (seen.has(number)) throw new MessageError('twice', 'a field of the body comes twice')
  seen.add(number)
}

function put(into: Map<string, KubeJson>, name: string, value: KubeJson): void {
  if (into.has(name)) throw new MessageError('twice', 'a key of the body comes twice')
  into.set(name, value)
}

function wired(is: WireType, wanted: WireType): void {
  if (is !== wanted) throw new MessageError('wire', 'the body has a field of another type than it is known to have')
}

function numeric(value: number, type: 'i' | 'l' | 'b'): number | boolean {
  switch (type) {
    case 'l':
      return value
    case 'i':
      if (value < -(2 ** 31) || value >= 2 ** 31)
        throw new MessageError('value', 'a number of the body is out of range')
      return value
    case 'b':
      if (value !== 0 && value !== 1) throw new MessageError('value', 'a boolean of the body is neither true nor false')
      return value === 1
    default:
      return unreachable(type)
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Fields of a small message with a JSON of its own; each may come once. */
function small(reader: MessageReader, take: (number: number, type: WireType) => void): void {
  const seen = new Set<number>()
  while (reader.more) {
    const { number, type } = reader.tag()
    once(seen, number)
    take(number, type)
  }
}

function notKnown(): never {
  throw new MessageError('schema', 'the body has a field that is not known')
}

function quantity(reader: MessageReader): string {
  let text = ''
  small(reader, (number, type) => {
    if (number !== 1) notKnown()
    wired(type, 'bytes')
    text = reader.text()
  })
  if (text === '') throw new MessageError('value', 'the body has a quantity without a value')
  return text
}

function intOrString(reader: MessageReader): number | string {
  let kind = 0
  let whole = 0
  let text = ''
  small(reader, (number, type) => {
    wired(type, number === 3 ? 'bytes' : 'varint')
    if (number === 1) kind = reader.varint()
    else if (number === 2) whole = Number(numeric(reader.varint(), 'i'))
    else if (number === 3) text = reader.text()
    else notKnown()
  })
  if (kind === 0 && text === '') return whole
  if (kind === 1 && whole === 0) return text
  throw new MessageError('value', 'the body has a value that is both a number and a text')
}

/** From the first second of year 1, which is Go's zero, to the last of year 9999. */
const secondsMin = -62_135_596_800
const secondsMax = 253_402_300_799

function time(reader: MessageReader, micro: boolean): string | null {
  let seconds = reader.more ? 0 : secondsMin
  let nanos = 0
  small(reader, (number, type) => {
    wired(type, 'varint')
    if (number === 1) seconds = reader.varint()
    else if (number === 2) nanos = reader.varint()
    else notKnown()
  })
  const fraction = nanos / 1000
  if (seconds < secondsMin || seconds > secondsMax || nanos < 0 || fraction >= 1_000_000 || !Number.isInteger(fraction))
    throw new MessageError('value', 'a time of the body is out of range')
  // Of a time without microseconds Go reads the seconds alone; a printer writes no others.
  if (!micro && nanos !== 0) throw new MessageError('value', 'a time of the body is out of range')
  if (seconds === secondsMin && nanos === 0) return null
  const text = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length)
  return micro ? `${text}.${String(fraction).padStart(6, '0')}Z` : `${text}Z`
}

function embedded(reader: MessageReader, depth: number): KubeJson {
  let value: KubeJson = null
  small(reader, (number, type) => {
    if (number !== 1) notKnown()
    wired(type, 'bytes')
    value = parseJson(reader.text(), bodyDepthMax - depth)
  })
  return value
}
