// time.date time.clock time.weekday time.add_date time.diff time.format time.parse_ns time.parse_rfc3339_ns
// time.parse_duration_ns: instants in nanoseconds and their parts in a zone.
import { integerOf, isArray, isNumber, numberFromBigInt, type Value } from '../value/index.ts'
import { type Builtin, BuiltinError, operandError, operandTypeError } from './contract.ts'
import { parseDuration } from './go-duration.ts'
import { layouts, type ParsedTime } from './go-layout.ts'
import { formatTime } from './go-time-format.ts'
import { parseTime } from './go-time-parse.ts'
import { anyOperand, integerOperand, stringOperand } from './operands.ts'
import { zoneAbbreviation } from './zone-abbreviation.ts'

const NS_PER_MS = 1_000_000n
const NS_PER_S = 1_000_000_000n

/** How far years, months and days may be added: beyond it no instant is within 64 bits anyway. */
const ADD_MAX = 1_000_000

/** How many zones are kept. */
const ZONES_MAX = 600

/** The built-ins on dates by name. */
export const calendar: Readonly<Record<string, Builtin>> = {
  'time.date': (_, args) => {
    const { local } = instantOperand(args)
    return [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()]
  },
  'time.clock': (_, args) => {
    const { local } = instantOperand(args)
    return [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()]
  },
  'time.weekday': (_, args) => WEEKDAYS[instantOperand(args).local.getUTCDay()],
  'time.add_date': (_, args) => {
    const { ns, local, zone } = instantOperand(args)
    const [years, months, days] = [2, 3, 4].map((position) => {
      const amount = integerOperand(args, position)
      if (Math.abs(amount) > ADD_MAX) throw outside()
      return amount
    })
    const moved = new Date(local)
    moved.setUTCFullYear(
      local.getUTCFullYear() + (years ?? 0),
      local.getUTCMonth() + (months ?? 0),
      local.getUTCDate() + (days ?? 0),
    )
    if (Number.isNaN(moved.getTime())) throw outside()
    return valid(BigInt(utcMs(moved.getTime(), zone)) * NS_PER_MS + modulo(ns, NS_PER_MS))
  },
  'time.diff': (_, args) => {
    const a = instantOperand(args)
    const b = instantOperand(args.slice(1))
    return difference(a, { ...b, ...localOf(b.ns, a.zone) })
  },
  'time.format': (_, args) => {
    const instant = instantOperand(args)
    const [operand] = args
    const given = isArray(operand) ? (operand[2] ?? '') : ''
    const named = given === '' ? RFC3339_NANO : given
    if (typeof named !== 'string') throw operandError(1, 'must have a layout as its third element')
    return formatTime(fieldsOf(instant), layouts.get(named) ?? named)
  },
  'time.parse_ns': (_, args) => {
    const layout = stringOperand(args, 1)
    const text = stringOperand(args, 2)
    const parsed = parseTime(layouts.get(layout) ?? layout, text)
    if (typeof parsed === 'string') throw refused(parsed)
    return valid(nanosecondsOf(parsed))
  },
  'time.parse_rfc3339_ns': (_, args) => parseRfc3339(stringOperand(args, 1)),
  'time.parse_duration_ns': (_, args) => {
    const text = stringOperand(args, 1)
    const ns = parseDuration(text)
    if (typeof ns === 'string') throw refused(`time: ${ns}`)
    return numberFromBigInt(ns)
  },
}

const RFC3339_NANO = 'RFC3339Nano'

/** Whole years, months, days, hours, minutes and seconds between two instants that are written in the same zone. */
function difference(a: Instant, b: Instant): Value {
  const [from, to] = a.ns <= b.ns ? [a.local, b.local] : [b.local, a.local]
  const first = fields(from)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields(to).map(
    (n, at) => n - (first[at] ?? 0),
  )
  const carried = { year, month, day, hour, minute, second }
  if (carried.second < 0) {
    carried.second += 60
    carried.minute--
  }
  if (carried.minute < 0) {
    carried.minute += 60
    carried.hour--
  }
  if (carried.hour < 0) {
    carried.hour += 24
    carried.day--
  }
  if (carried.day < 0) {
    // Days of the month in which it began.
    carried.day += new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 0)).getUTCDate()
    carried.month--
  }
  if (carried.month < 0) {
    carried.month += 12
    carried.year--
  }
  return [carried.year, carried.month, carried.day, carried.hour, carried.minute, carried.second]
}

function fields(date: Date): readonly number[] {
  return [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ]
}

function fieldsOf({ ns, zone, local }: Instant): Parameters<typeof formatTime>[0] {
  const ms = Number((ns - modulo(ns, NS_PER_MS)) / NS_PER_MS)
  const offset = offsetMs(ms, zone) / 1000
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields(local)
  return {
    year,
    month: month + 1,
    day,
    hour,
    minute,
    second,
    nanosecond: Number(modulo(ns, NS_PER_S)),
    weekday: local.getUTCDay(),
    yearDay: Math.round((Date.UTC(2000, month, day) - Date.UTC(2000, 0, 1)) / DAY_MS) + 1 - leapShift(year, month),
    offset,
    zone: zoneAbbreviation(zone, ms / 1000, offset),
  }
}

const DAY_MS = 86_400_000

/** 2000, by which days are counted, has a day more than most years. */
function leapShift(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month > 1 && !isLeap ? 1 : 0
}

/** The instant of what a text said. A zone that is only an abbreviation counts as UTC, as it does in Go. */
function nanosecondsOf(time: ParsedTime): bigint {
  const date = new Date(0)
  date.setUTCFullYear(time.year, time.month - 1, time.day)
  date.setUTCHours(time.hour, time.minute, time.second)
  return BigInt(date.getTime() / 1000 - (time.offset ?? 0)) * NS_PER_S + BigInt(time.nanosecond)
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

function unknownZone(zone: string): BuiltinError {
  return refused(`unknown time zone ${zone}`)
}

function outside(): BuiltinError {
  return refused('time outside of valid range')
}

/** An instant as a value; refused outside 64 bits of nanoseconds. */
function valid(ns: bigint): Value {
  if (BigInt.asIntN(64, ns) !== ns) throw outside()
  return numberFromBigInt(ns)
}

interface Instant {
  readonly ns: bigint
  readonly zone: string
  /** A date whose UTC fields are the fields in the zone. */
  readonly local: Date
}

/** Nanoseconds, or an array of them and a zone. */
function instantOperand(args: readonly Value[]): Instant {
  const operand = anyOperand(args, 1)
  const [time = null, zone = 'UTC'] = isArray(operand) ? operand : [operand]
  if (isArray(operand) ? operand.length === 0 : !isNumber(operand))
    throw operandTypeError(1, operand, 'either number (ns) or [number (ns), string (tz)]')
  if (!isNumber(time)) throw operandTypeError(1, time, 'number')
  if (typeof zone !== 'string') throw operandTypeError(1, zone, 'string')
  const ns = integerOf(time)
  if (ns === undefined || BigInt.asIntN(64, ns) !== ns) throw refused('timestamp too big')
  // An evaluation does not depend on where it runs.
  return { ns, ...localOf(ns, zone === 'Local' ? 'UTC' : zone) }
}

function localOf(ns: bigint, zone: string): Pick<Instant, 'zone' | 'local'> {
  const ms = Number((ns - modulo(ns, NS_PER_MS)) / NS_PER_MS)
  return { zone, local: new Date(ms + offsetMs(ms, zone)) }
}

function modulo(n: bigint, by: bigint): bigint {
  const rest = n % by
  return rest < 0n ? rest + by : rest
}

const zones = new Map<string, Intl.DateTimeFormat>()

function zoneFormat(zone: string): Intl.DateTimeFormat {
  const kept = zones.get(zone)
  if (kept !== undefined) return kept
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (error) {
    if (error instanceof RangeError) throw unknownZone(zone)
    throw error
  }
  // Names are files to Go: they are written in one way, and offsets are none.
  const canonical = format.resolvedOptions().timeZone
  const isRespelled = canonical !== zone && canonical.toLowerCase() === zone.toLowerCase()
  if (isRespelled || zone.startsWith('+') || zone.startsWith('-')) throw unknownZone(zone)
  if (zones.size >= ZONES_MAX) zones.clear()
  zones.set(zone, format)
  return format
}

/** How far a zone is ahead of UTC at an instant. */
function offsetMs(ms: number, zone: string): number {
  if (zone === '' || zone === 'UTC') return 0
  const parts = zoneFormat(zone).formatToParts(ms)
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value)
  const isBefore = parts.some((each) => each.type === 'era' && each.value.startsWith('B'))
  const year = isBefore ? 1 - part('year') : part('year')
  const local = Date.UTC(2000, part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return new Date(local).setUTCFullYear(year, part('month') - 1, part('day')) - Math.floor(ms / 1000) * 1000
}

/** The instant that has these fields in a zone. Where a clock was set back and both do, the earlier one. */
function utcMs(localMs: number, zone: string): number {
  const guess = localMs - offsetMs(localMs, zone)
  return localMs - offsetMs(guess, zone)
}

const RFC3339_LAYOUT = '2006-01-02T15:04:05Z07:00'
const RFC3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,30}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/

/** What is not written exactly so may still be read by the layout, as Go does: hours of one digit, zones of 24 hours. */
function parseLoosely(text: string): Value {
  const read = parseTime(RFC3339_LAYOUT, text)
  if (typeof read === 'string') throw refused(read)
  return valid(nanosecondsOf(read))
}

function parseRfc3339(text: string): Value {
  const parts = RFC3339.exec(text)
  if (parts === null) return parseLoosely(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number)
  const [fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = parts.slice(7)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return parseLoosely(text)
  if (hour > 23 || minute > 59 || second > 59 || Number(zoneHour) > 23 || Number(zoneMinute) > 59)
    return parseLoosely(text)
  const ahead = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60 * (sign === '-' ? -1 : 1)
  const seconds = date.getTime() / 1000 + (hour * 60 + minute) * 60 + second - ahead
  return valid(BigInt(seconds) * NS_PER_S + BigInt(fraction.slice(0, 9).padEnd(9, '0')))
}
