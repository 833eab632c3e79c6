// The layouts by which Go writes and reads times (`2006-01-02T15:04:05Z07:00`): their parts, and the names in them.

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

/** The months, from January. */
export const MONTHS: readonly string[] = [
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
/** The days of the week, from Sunday. */
export const DAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** How long a layout or a time may be. */
export const TEXT_MAX: number = 1_000

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

/** A part of a layout. */
export type Part = { readonly literal: string } | { readonly chunk: string } | { readonly fraction: string }

/** A layout in its parts. */
export function partsOf(layout: string): readonly Part[] {
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

/** True for an ASCII digit. */
export function isDigit(one: string | undefined): boolean {
  return one !== undefined && one >= '0' && one <= '9'
}
function isLower(one: string | undefined): boolean {
  return one !== undefined && one >= 'a' && one <= 'z'
}
