// Times as Go writes and reads them by a layout (`2006-01-02T15:04:05Z07:00`), and durations (`1h30m`).

/** The fields of a time in its zone. */
export interface TimeFields {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** Day of the year, from 1. */
  readonly yearDay: number
  /** Seconds ahead of UTC. */
  readonly offset: number
  readonly zone: string
}

/** What a text says by a layout; a zone that only has a name has `zone`, and no offset. */
export interface ParsedTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  readonly offset: number | undefined
  readonly zone: string | undefined
}

/** Layouts by their Go names. */
export const layouts: ReadonlyMap<string, string> = new Map([
  ['ANSIC', 'Mon Jan _2 15:04:05 2006'],
  ['UnixDate', 'Mon Jan _2 15:04:05 MST 2006'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006'],
  ['RFC822', '02 Jan 06 15:04 MST'],
  ['RFC822Z', '02 Jan 06 15:04 -0700'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 MST'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 MST'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700'],
  ['RFC3339', '2006-01-02T15:04:05Z07:00'],
  ['RFC3339Nano', '2006-01-02T15:04:05.999999999Z07:00'],
])

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** How long a layout, a time or a duration may be. */
const TEXT_MAX = 1_000

/** The parts of layouts, longest first where one begins another. A fraction is found apart. */
const CHUNKS = [
  'January',
  'Monday',
  'Z070000',
  'Z07:00:00',
  '-07:00:00',
  '-070000',
  'Z07:00',
  '-07:00',
  'Z0700',
  '-0700',
  '2006',
  '__2',
  '002',
  'Jan',
  'Mon',
  'MST',
  'Z07',
  '-07',
  '_2',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '15',
  'PM',
  'pm',
  '1',
  '2',
  '3',
  '4',
  '5',
]

type Part = { readonly literal: string } | { readonly chunk: string } | { readonly fraction: string }

/** A layout in its parts. */
function partsOf(layout: string): readonly Part[] {
  const parts: Part[] = []
  let literal = ''
  for (let at = 0; at < layout.length; ) {
    const chunk = chunkAt(layout, at)
    if (chunk === undefined) {
      literal += layout[at]
      at++
      continue
    }
    if (literal !== '') parts.push({ literal })
    literal = ''
    parts.push(chunk)
    at += 'chunk' in chunk ? chunk.chunk.length : 'fraction' in chunk ? chunk.fraction.length : 0
  }
  if (literal !== '') parts.push({ literal })
  return parts
}

function chunkAt(layout: string, at: number): Part | undefined {
  const first = layout[at]
  if (first === '.' || first === ',') {
    const digit = layout[at + 1]
    if (digit !== '0' && digit !== '9') return undefined
    let end = at + 1
    while (layout[end] === digit) end++
    // A digit after it means that it is no fraction.
    return isDigit(layout[end]) ? undefined : { fraction: layout.slice(at, end) }
  }
  const chunk = CHUNKS.find((one) => layout.startsWith(one, at))
  if (chunk === undefined) return undefined
  // `Jan` in `January` was found before; `Janet` is text.
  if ((chunk === 'Jan' || chunk === 'Mon') && isLower(layout[at + 3])) return undefined
  // `_2006` is an underscore and a year.
  if (chunk === '_2' && layout.startsWith('_2006', at)) return undefined
  return { chunk }
}

/** Writes a time by a layout. */
export function formatTime(time: TimeFields, layout: string): string {
  if (layout.length > TEXT_MAX) throw new RangeError('layout too long')
  return partsOf(layout)
    .map((part) =>
      'literal' in part
        ? part.literal
        : 'fraction' in part
          ? formatFraction(time.nanosecond, part.fraction)
          : formatChunk(time, part.chunk),
    )
    .join('')
}

function formatChunk(time: TimeFields, chunk: string): string {
  const two = (n: number): string => pad(n, 2)
  switch (chunk) {
    case '2006':
      return time.year < 0 ? `-${pad(-time.year, 4)}` : pad(time.year, 4)
    case '06':
      return two(((time.year % 100) + 100) % 100)
    case 'January':
      return MONTHS[time.month - 1] ?? ''
    case 'Jan':
      return (MONTHS[time.month - 1] ?? '').slice(0, 3)
    case '01':
      return two(time.month)
    case '1':
      return String(time.month)
    case 'Monday':
      return DAYS[time.weekday] ?? ''
    case 'Mon':
      return (DAYS[time.weekday] ?? '').slice(0, 3)
    case '02':
      return two(time.day)
    case '_2':
      return String(time.day).padStart(2, ' ')
    case '2':
      return String(time.day)
    case '002':
      return pad(time.yearDay, 3)
    case '__2':
      return String(time.yearDay).padStart(3, ' ')
    case '15':
      return two(time.hour)
    case '03':
      return two(time.hour % 12 === 0 ? 12 : time.hour % 12)
    case '3':
      return String(time.hour % 12 === 0 ? 12 : time.hour % 12)
    case '04':
      return two(time.minute)
    case '4':
      return String(time.minute)
    case '05':
      return two(time.second)
    case '5':
      return String(time.second)
    case 'PM':
      return time.hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return time.hour >= 12 ? 'pm' : 'am'
    case 'MST':
      return time.zone === '' ? formatOffset(time.offset, time.offset % 3600 === 0 ? '-07' : '-0700') : time.zone
    default:
      return formatOffset(time.offset, chunk)
  }
}

function formatOffset(offset: number, chunk: string): string {
  if (chunk.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const hours = pad(Math.floor(size / 3600), 2)
  const minutes = pad(Math.floor(size / 60) % 60, 2)
  const seconds = pad(size % 60, 2)
  const sign = offset < 0 ? '-' : '+'
  switch (chunk.slice(1)) {
    case '07':
      return `${sign}${hours}`
    case '0700':
      return `${sign}${hours}${minutes}`
    case '07:00':
      return `${sign}${hours}:${minutes}`
    case '070000':
      return `${sign}${hours}${minutes}${seconds}`
    default:
      return `${sign}${hours}:${minutes}:${seconds}`
  }
}

function formatFraction(nanosecond: number, fraction: string): string {
  const digits = pad(nanosecond, 9).slice(0, fraction.length - 1)
  if (fraction[1] === '0') return `${fraction[0]}${digits.padEnd(fraction.length - 1, '0')}`
  const trimmed = trimZeros(digits)
  return trimmed === '' ? '' : `${fraction[0]}${trimmed}`
}

function trimZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

/** Reads a time by a layout; undefined when the text is not written so. */
export function parseTime(layout: string, text: string): ParsedTime | undefined {
  if (layout.length > TEXT_MAX || text.length > TEXT_MAX) return undefined
  const reader = new TimeReader(text)
  const parts = partsOf(layout)
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    const read =
      'literal' in part
        ? reader.literal(part.literal)
        : 'fraction' in part
          ? reader.fraction(part.fraction)
          : reader.chunk(part.chunk, next !== undefined && 'fraction' in next)
    if (!read) return undefined
  }
  return reader.end()
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

  constructor(text: string) {
    this.#text = text
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
        return this.#number(2, 2, (n) => {
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
    return take(n)
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
    let end = this.#at
    while (end - this.#at < 5 && isUpper(this.#text[end])) end++
    const name = this.#text.slice(this.#at, end)
    if (name.length < 3) return false
    this.#at = end
    this.#zone = name
    const hours = /^GMT([+-][0-9]{1,2})/.exec(this.#text.slice(end - 3, end + 3))
    if (name === 'GMT' && hours !== null) {
      this.#at = end + (hours[1]?.length ?? 0)
      this.#zone = hours[0]
      this.#offset = Number(hours[1]) * 3600
    }
    return true
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
    if (hours > 24 || minutes >= 60 || seconds >= 60) return false
    this.#offset = (sign === '-' ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
    this.#at += length
    return true
  }

  end(): ParsedTime | undefined {
    if (this.#at !== this.#text.length) return undefined
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
      if (date.getUTCFullYear() !== this.#year) return undefined
      if ((month !== 0 && month !== date.getUTCMonth() + 1) || (day !== 0 && day !== date.getUTCDate()))
        return undefined
      month = date.getUTCMonth() + 1
      day = date.getUTCDate()
    }
    if (month === 0) month = 1
    if (day === 0 && !this.#sawDay) day = 1
    const check = new Date(0)
    check.setUTCFullYear(this.#year, month - 1, day)
    if (day < 1 || check.getUTCDate() !== day) return undefined
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

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Nanoseconds of a duration such as `-1.5h` or `2m3s`; undefined when it is none or beyond 64 bits. */
export function parseDuration(text: string): bigint | undefined {
  if (text.length > TEXT_MAX) return undefined
  let at = text[0] === '-' || text[0] === '+' ? 1 : 0
  const negative = text[0] === '-'
  if (text.slice(at) === '0') return 0n
  if (at === text.length) return undefined
  let total = 0n
  while (at < text.length) {
    const whole = digitsAt(text, at)
    at += whole.length
    let fraction = ''
    if (text[at] === '.') {
      fraction = digitsAt(text, at + 1)
      at += 1 + fraction.length
    }
    if (whole === '' && fraction === '') return undefined
    let end = at
    while (end < text.length && text[end] !== '.' && !isDigit(text[end])) end++
    const unit = UNITS[text.slice(at, end)]
    if (unit === undefined) return undefined
    at = end
    total += BigInt(whole === '' ? '0' : whole) * unit
    if (fraction !== '') total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
    if (total > 1n << 63n) return undefined
  }
  const signed = negative ? -total : total
  return BigInt.asIntN(64, signed) === signed ? signed : undefined
}

function digitsAt(text: string, at: number): string {
  let end = at
  while (isDigit(text[end])) end++
  return text.slice(at, end)
}

function isDigit(one: string | undefined): boolean {
  return one !== undefined && one >= '0' && one <= '9'
}
function isLower(one: string | undefined): boolean {
  return one !== undefined && one >= 'a' && one <= 'z'
}
function isUpper(one: string | undefined): boolean {
  return one !== undefined && one >= 'A' && one <= 'Z'
}
function pad(n: number, width: number): string {
  return String(n).padStart(width, '0')
}
