// Times as Go reads them by a layout.
import { DAYS, isDigit, MONTHS, type ParsedTime, partsOf, TEXT_MAX } from './go-layout.ts'

/** Reads a time by a layout; what is wrong, in Go's words, when the text is not written so. */
export function parseTime(layout: string, text: string): ParsedTime | string {
  const told = `parsing time ${quoted(text.slice(0, TEXT_MAX))}`
  if (layout.length > TEXT_MAX || text.length > TEXT_MAX) return `${told}: too long`
  const reader = new TimeReader(text)
  const parts = partsOf(layout)
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    const before = reader.rest
    const read =
      'literal' in part
        ? reader.literal(part.literal)
        : 'fraction' in part
          ? reader.fraction(part.fraction)
          : reader.chunk(part.chunk, next !== undefined && 'fraction' in next)
    if (read) continue
    if ('chunk' in part && reader.outOfRange)
      return `${told}: ${reader.zoneRange ?? RANGES.get(part.chunk) ?? part.chunk} out of range`
    const wanted = 'literal' in part ? part.literal : 'fraction' in part ? part.fraction : part.chunk
    const rest = 'literal' in part ? reader.rest : before
    return `${told} as ${quoted(layout)}: cannot parse ${quoted(rest)} as ${quoted(wanted)}`
  }
  if (reader.rest !== '') return `${told}: extra text: ${quoted(reader.rest)}`
  const time = reader.end()
  return typeof time === 'string' ? `${told}: ${time} out of range` : time
}

/** What a part of a layout is called when its number is too large. */
const RANGES: ReadonlyMap<string, string> = new Map([
  ['01', 'month'],
  ['1', 'month'],
  ['002', 'day-of-year'],
  ['__2', 'day-of-year'],
  ['15', 'hour'],
  ['03', 'hour'],
  ['3', 'hour'],
  ['04', 'minute'],
  ['4', 'minute'],
  ['05', 'second'],
  ['5', 'second'],
])

/** A text in quotes, byte by byte where it is not ASCII. */
function quoted(text: string): string {
  let inside = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte)
    if (byte < 0x20 || byte >= 0x80) inside += `\\x${byte.toString(16).padStart(2, '0')}`
    else inside += char === '"' || char === '\\' ? `\\${char}` : char
  }
  return `"${inside}"`
}

/** Reads a text by the parts of a layout, left to right. */
class TimeReader {
  readonly #text: string
  #at = 0
  #year = 0
  #month = 0
  #day = 0
  #sawDay = false
  #yearDay = 0
  #hour = 0
  #minute = 0
  #second = 0
  #nanosecond = 0
  #half: 'AM' | 'PM' | undefined
  #offset: number | undefined
  #zone: string | undefined
  /** Whether the part that was read last is a number beyond what it may be. */
  outOfRange = false
  /** What of a zone's offset is beyond what it may be. */
  zoneRange: string | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** What was not read yet. */
  get rest(): string {
    return this.#text.slice(this.#at)
  }

  /** A run of spaces in a layout matches a run of spaces. */
  literal(literal: string): boolean {
    for (let at = 0; at < literal.length; at++) {
      if (literal[at] === ' ') {
        if (this.#at < this.#text.length && this.#text[this.#at] !== ' ') return false
        while (literal[at + 1] === ' ') at++
        while (this.#text[this.#at] === ' ') this.#at++
        continue
      }
      if (this.#text[this.#at] !== literal[at]) return false
      this.#at++
    }
    return true
  }

  fraction(fraction: string): boolean {
    if (fraction[1] === '0') return this.#nanoseconds(fraction.length - 1, fraction.length - 1)
    // `.999` may be absent, and a digit must follow the point for it to be there.
    const point = this.#text[this.#at]
    if ((point !== '.' && point !== ',') || !isDigit(this.#text[this.#at + 1])) return true
    return this.#nanoseconds(1, 9)
  }

  #nanoseconds(min: number, max: number): boolean {
    const point = this.#text[this.#at]
    if (point !== '.' && point !== ',') return false
    let end = this.#at + 1
    while (isDigit(this.#text[end]) && end - this.#at - 1 < 30) end++
    const digits = this.#text.slice(this.#at + 1, end)
    if (digits.length < min || (max === min && digits.length !== min)) return false
    this.#nanosecond = Number(digits.slice(0, 9).padEnd(9, '0'))
    this.#at = end
    return true
  }

  chunk(chunk: string, fractionFollows: boolean): boolean {
    switch (chunk) {
      case '2006':
        return this.#number(4, 4, (n) => {
          this.#year = n
          return true
        })
      case '06':
        return this.#number(2, 2, (n) => {
          this.#year = n >= 69 ? 1900 + n : 2000 + n
          return true
        })
      case 'January':
        return this.#name(MONTHS, (n) => {
          this.#month = n + 1
        })
      case 'Jan':
        return this.#name(
          MONTHS.map((name) => name.slice(0, 3)),
          (n) => {
            this.#month = n + 1
          },
        )
      case 'Monday':
        return this.#name(DAYS, () => undefined)
      case 'Mon':
        return this.#name(
          DAYS.map((name) => name.slice(0, 3)),
          () => undefined,
        )
      case '01':
      case '1':
        return this.#number(chunk.length, 2, (n) => {
          this.#month = n
          return n >= 1 && n <= 12
        })
      case '_2':
      case '02':
      case '2':
        if (chunk === '_2' && this.#text[this.#at] === ' ') this.#at++
        return this.#number(chunk === '02' ? 2 : 1, 2, (n) => {
          this.#day = n
          this.#sawDay = true
          return true
        })
      case '__2':
      case '002':
        for (let spaces = 0; chunk === '__2' && spaces < 2 && this.#text[this.#at] === ' '; spaces++) this.#at++
        return this.#number(chunk === '002' ? 3 : 1, 3, (n) => {
          this.#yearDay = n
          return n >= 1
        })
      case '15':
        return this.#number(1, 2, (n) => {
          this.#hour = n
          return n < 24
        })
      case '03':
      case '3':
        return this.#number(chunk.length, 2, (n) => {
          this.#hour = n
          return n <= 12
        })
      case '04':
      case '4':
        return this.#number(chunk.length, 2, (n) => {
          this.#minute = n
          return n < 60
        })
      case '05':
      case '5':
        return this.#seconds(chunk.length, fractionFollows)
      case 'PM':
      case 'pm':
        return this.#ampm(chunk === 'PM')
      case 'MST':
        return this.#zoneName()
      default:
        return this.#zoneOffset(chunk)
    }
  }

  /** Seconds may carry a fraction that the layout does not mention. */
  #seconds(digits: number, fractionFollows: boolean): boolean {
    const read = this.#number(digits, 2, (n) => {
      this.#second = n
      return n < 60
    })
    if (!read) return false
    const point = this.#text[this.#at]
    if (fractionFollows || (point !== '.' && point !== ',') || !isDigit(this.#text[this.#at + 1])) return true
    return this.#nanoseconds(1, 9)
  }

  #number(min: number, max: number, take: (n: number) => boolean): boolean {
    let end = this.#at
    while (end - this.#at < max && isDigit(this.#text[end])) end++
    if (end - this.#at < min) return false
    const n = Number(this.#text.slice(this.#at, end))
    this.#at = end
    this.outOfRange = !take(n)
    return !this.outOfRange
  }

  #name(names: readonly string[], take: (index: number) => void): boolean {
    const index = names.findIndex(
      (name) => this.#text.slice(this.#at, this.#at + name.length).toLowerCase() === name.toLowerCase(),
    )
    if (index < 0) return false
    this.#at += names[index]?.length ?? 0
    take(index)
    return true
  }

  #ampm(upper: boolean): boolean {
    const two = this.#text.slice(this.#at, this.#at + 2)
    const half = upper ? two : two.toUpperCase()
    if ((half !== 'AM' && half !== 'PM') || (!upper && two !== two.toLowerCase())) return false
    this.#half = half
    this.#at += 2
    return true
  }

  #zoneName(): boolean {
    if (this.#text.startsWith('UTC', this.#at)) {
      this.#at += 3
      this.#offset = 0
      this.#zone = 'UTC'
      return true
    }
    const length = this.#zoneLength()
    if (length === 0) return false
    this.#zone = this.#text.slice(this.#at, this.#at + length)
    this.#at += length
    return true
  }

  /** How long a zone's name is: three letters, longer ones that end in T, GMT with a number behind, or a number. */
  #zoneLength(): number {
    const at = this.#at
    if (this.#text.length - at < 3) return 0
    const four = this.#text.slice(at, at + 4)
    if (four === 'ChST' || four === 'MeST') return 4
    if (this.#text.startsWith('GMT', at)) return 3 + this.#signedLength(at + 3)
    const signed = this.#signedLength(at)
    if (signed > 0) return signed
    let upper = 0
    while (upper < 6 && isUpper(this.#text[at + upper])) upper++
    const endsInT = this.#text[at + upper - 1] === 'T'
    if (upper === 3 || (upper === 4 && (endsInT || four === 'WITA')) || (upper === 5 && endsInT)) return upper
    return 0
  }

  /** How long a number with a sign is that hours of a zone may be; it is a part of the name and no offset. */
  #signedLength(at: number): number {
    if (this.#text[at] !== '+' && this.#text[at] !== '-') return 0
    let end = at + 1
    while (isDigit(this.#text[end])) end++
    return end === at + 1 || Number(this.#text.slice(at + 1, end)) > 23 ? 0 : end - at
  }

  #zoneOffset(chunk: string): boolean {
    if (chunk.startsWith('Z') && this.#text[this.#at] === 'Z') {
      this.#at++
      this.#offset = 0
      return true
    }
    const form = chunk.slice(1)
    const length = form.length + 1
    const text = this.#text.slice(this.#at, this.#at + length)
    const sign = text[0]
    if (text.length !== length || (sign !== '+' && sign !== '-')) return false
    const digits: string[] = []
    for (let at = 0; at < form.length; at++) {
      const one = text[at + 1] ?? ''
      if (form[at] === ':' ? one !== ':' : !isDigit(one)) return false
      if (form[at] !== ':') digits.push(one)
    }
    const [hours = 0, minutes = 0, seconds = 0] = [0, 2, 4].map((from) => Number(digits.slice(from, from + 2).join('')))
    // As wide as Go has it.
    this.zoneRange = hours > 24 ? 'hour' : minutes > 60 ? 'minute' : seconds > 60 ? 'second' : undefined
    if (this.zoneRange !== undefined) {
      this.zoneRange = `time zone offset ${this.zoneRange}`
      this.outOfRange = true
      return false
    }
    this.#offset = (sign === '-' ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
    this.#at += length
    return true
  }

  /** The time; what of it is out of range, where something is. */
  end(): ParsedTime | string {
    const hour =
      this.#half === 'PM' && this.#hour < 12
        ? this.#hour + 12
        : this.#half === 'AM' && this.#hour === 12
          ? 0
          : this.#hour
    let month = this.#month
    let day = this.#day
    if (this.#yearDay > 0) {
      const date = new Date(0)
      date.setUTCFullYear(this.#year, 0, this.#yearDay)
      if (date.getUTCFullYear() !== this.#year) return 'day-of-year'
      if ((month !== 0 && month !== date.getUTCMonth() + 1) || (day !== 0 && day !== date.getUTCDate()))
        return 'day-of-year'
      month = date.getUTCMonth() + 1
      day = date.getUTCDate()
    }
    if (month === 0) month = 1
    if (day === 0 && !this.#sawDay) day = 1
    const check = new Date(0)
    check.setUTCFullYear(this.#year, month - 1, day)
    if (day < 1 || check.getUTCDate() !== day) return 'day'
    return {
      year: this.#year,
      month,
      day,
      hour,
      minute: this.#minute,
      second: this.#second,
      nanosecond: this.#nanosecond,
      offset: this.#offset,
      zone: this.#zone,
    }
  }
}

function isUpper(one: string | undefined): boolean {
  return one !== undefined && one >= 'A' && one <= 'Z'
}
