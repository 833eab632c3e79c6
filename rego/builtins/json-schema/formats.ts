// The formats that JSON Schema names. A format that is not here says nothing.
import { isIPv4, isIPv6 } from 'node:net'
import { RE2JS } from 're2js'

type Check = (text: string) => boolean

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/

/** Formats by name. */
export const formats: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['date', isDate],
  ['time', (text) => TIME.test(text)],
  ['date-time', isDateTime],
  ['hostname', isHostname],
  ['email', isEmail],
  ['idn-email', isEmail],
  ['ipv4', isIPv4],
  ['ipv6', (text) => isIPv6(text) && !text.includes('%')],
  ['uri', (text) => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && isReference(text)],
  ['uri-reference', isReference],
  ['iri', (text) => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && !text.includes('\\')],
  ['iri-reference', (text) => !text.includes('\\')],
  ['uuid', (text) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)],
  ['regex', isPattern],
  ['json-pointer', (text) => /^(\/([^~]|~[01])*)?$/.test(text)],
  ['relative-json-pointer', (text) => /^(0|[1-9]\d{0,9})(#|(\/([^~]|~[01])*)?)$/.test(text)],
  ['uri-template', (text) => /^([^{}]|\{[^{}]*\})*$/.test(text)],
])

function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = DATE.exec(text) ?? []
  if (year === '') return false
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

function isDateTime(text: string): boolean {
  const zone = text.slice(11)
  return (
    isDate(text.slice(0, 10)) && /^[Tt ]$/.test(text[10] ?? '') && TIME.test(zone) && /(Z|[+-]\d{2}:\d{2})$/.test(zone)
  )
}

function isHostname(text: string): boolean {
  return (
    text.length <= 253 && text.split('.').every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
  )
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  return at > 0 && at < text.length - 1 && !/[\s<>]/.test(text)
}

function isReference(text: string): boolean {
  return !/[\s<>\\^`{}|]/.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text)
}

function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text)
    return true
  } catch {
    return false
  }
}
