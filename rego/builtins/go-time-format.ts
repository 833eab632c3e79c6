// Times as Go writes them by a layout.
import { DAYS, MONTHS, partsOf, TEXT_MAX, type TimeFields } from './go-layout.ts'

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

function pad(n: number, width: number): string {
  return String(n).padStart(width, '0')
}
