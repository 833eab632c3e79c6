// Detectors of addresses: e-mail and IP.
import { alphanumeric, bytes, digits, has, hexadecimal, not, word } from './bytes.ts'
import type { Detector, Hit, Verdict } from './detector.ts'
import { pattern, some } from './pattern.ts'

const localPart = bytes('A-Za-z0-9._%+-')
const label = bytes('A-Za-z0-9-')
const letters = bytes('A-Za-z')
const localBytesMax = 64
const domainBytesMax = 255
const dot = 0x2e
const colon = 0x3a
const slash = 0x2f

/** RFC 5321 4.5.3.1, in the characters that addresses are really written with. */
export const email: Detector = { name: 'email', looks: [{ triggers: [pattern('@')], look: lookAtEmail }] }

/** Endings of file names that look like the end of a domain, as in `icon@2x.png`. */
const fileEndings = new Set([
  'png',
  'jpg',
  'jpeg',
  'gif',
  'svg',
  'webp',
  'css',
  'js',
  'mjs',
  'ts',
  'map',
  'json',
  'html',
])

function lookAtEmail(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  if (at < limit && label[view[at] ?? 0] !== 1) return 'no'
  let start = at - 1
  while (start > 0 && at - 1 - start < localBytesMax && localPart[view[start - 1] ?? 0] === 1) start--
  while (start < at - 1 && alphanumeric[view[start] ?? 0] !== 1) start++
  if (start === at - 1) return 'no'
  if (isUserinfo(view, start)) return 'no'
  hit.start = start
  let end = at
  let last = at
  while (end < limit && end - at < domainBytesMax && (label[view[end] ?? 0] === 1 || view[end] === dot)) {
    if (view[end] === dot) {
      if (end === last) break
      last = end + 1
    }
    end++
  }
  if (end >= limit && !final && end - at < domainBytesMax) return 'more'
  // A dot or dash at the end belongs to the sentence.
  while (end > at && alphanumeric[view[end - 1] ?? 0] !== 1) end--
  let top = end
  while (top > at && view[top - 1] !== dot) top--
  if (top <= at + 1 || end - top < 2 || end - top > 24) return 'no'
  let ending = ''
  for (let index = top; index < end; index++) {
    if (letters[view[index] ?? 0] !== 1 && !(ending.startsWith('xn') && label[view[index] ?? 0] === 1)) return 'no'
    ending += String.fromCharCode((view[index] ?? 0) | 0x20)
  }
  if (fileEndings.has(ending)) return 'no'
  hit.end = end
  return 'hit'
}

/** What stands before the at sign is the password of `scheme://user:password@host`. */
function isUserinfo(view: Uint8Array, start: number): boolean {
  if (start === 0 || view[start - 1] !== colon) return false
  let at = start - 1
  while (at > 0 && start - at < localBytesMax && localPart[view[at - 1] ?? 0] === 1) at--
  return at >= 3 && view[at - 1] === slash && view[at - 2] === slash && view[at - 3] === colon
}

const octet = some(digits, 1, 3)

/** IPv4 in dotted decimal, IPv6 in the forms of RFC 4291 2.2. */
export const ip: Detector = {
  name: 'ip',
  looks: [
    {
      triggers: [pattern(some(not(bytes('A-Za-z0-9_.'))), octet, '.', octet, '.', octet, '.', some(digits))],
      look: lookAtIpv4,
    },
    {
      triggers: [
        pattern('::'),
        pattern(
          some(not(bytes('A-Za-z0-9_:.'))),
          ...Array.from({ length: 7 }, () => [some(hexadecimal, 1, 4), ...pattern(':')]).flat(),
          some(hexadecimal),
        ),
      ],
      look: lookAtIpv6,
    },
  ],
}

function lookAtIpv4(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  let start = at - 1
  for (let dots = 0; start > 0; start--) {
    const before = view[start - 1] ?? 0
    if (before === dot ? ++dots > 3 : digits[before] !== 1) break
  }
  hit.start = start
  if (start > 0 && (word[view[start - 1] ?? 0] === 1 || view[start - 1] === dot)) return 'no'
  let end = at
  while (end < limit && end - at < 3 && digits[view[end] ?? 0] === 1) end++
  if (end + 1 >= limit && !final) return 'more'
  if (has(word, view, end) && end < limit) return 'no'
  if (end + 1 < limit && view[end] === dot && digits[view[end + 1] ?? 0] === 1) return 'no'
  let value = 0
  let length = 0
  for (let index = start; index <= end; index++) {
    const byte = view[index] ?? 0
    if (index < end && digits[byte] === 1) {
      if (length > 0 && value === 0) return 'no'
      value = value * 10 + byte - 0x30
      length++
      continue
    }
    if (value > 255 || length > 3) return 'no'
    value = 0
    length = 0
  }
  hit.end = end
  return 'hit'
}

const addressBytesMax = 39

function lookAtIpv6(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  let start = at
  let doubles = 0
  for (; start > 0 && at - start <= addressBytesMax; start--) {
    const byte = view[start - 1] ?? 0
    if (byte === colon && view[start] === colon && start < at && ++doubles > 1) return 'no'
    if (byte !== colon && hexadecimal[byte] !== 1) break
  }
  hit.start = start
  if (at - start > addressBytesMax || (start > 0 && (word[view[start - 1] ?? 0] === 1 || view[start - 1] === dot)))
    return 'no'
  let end = at
  for (; end - start <= addressBytesMax; end++) {
    if (end >= limit) {
      if (!final) return 'more'
      break
    }
    const byte = view[end] ?? 0
    if (byte === colon && view[end - 1] === colon && end > at && ++doubles > 1) return 'no'
    if (byte !== colon && hexadecimal[byte] !== 1) break
  }
  if (end - start > addressBytesMax || (end < limit && word[view[end] ?? 0] === 1)) return 'no'
  // The colon of `address: text`, but not the double one of a prefix.
  if (view[end - 1] === colon && view[end - 2] !== colon) end--
  const groups = Buffer.from(view.subarray(start, end)).toString('latin1').split(':')
  const filled = groups.filter((group) => group !== '')
  const wellFormed =
    filled.every((group) => group.length <= 4) && (doubles === 1 ? filled.length < 8 : groups.length === 8)
  const hasDigit = filled.some((group) => [...group].some((character) => character >= '0' && character <= '9'))
  if (!wellFormed || !hasDigit || (doubles === 0 && filled.length !== 8)) return 'no'
  hit.end = end
  return 'hit'
}
