// Reference, as plain as the kernel is quick: Detectors of addresses: e-mail and IP.
import { alphanumeric, bytes, digits, has, hexadecimal, not, word } from '../../../engine/masking/detect/bytes.ts'
import { type Detector, found, type Hit, more, no, type Verdict } from '../../../engine/masking/detect/detector.ts'
import { pattern, some } from '../../../engine/masking/detect/pattern.ts'
import { WordSet } from './word-set.ts'

const localPart = bytes('A-Za-z0-9._%+-')
const label = bytes('A-Za-z0-9-')
const domain = bytes('A-Za-z0-9.-')
const letters = bytes('A-Za-z')
const localBytesMax = 64
const domainBytesMax = 255
/** RFC 1035 2.3.4. */
const labelBytesMax = 63
const endingBytesMax = 24
const atSign = 0x40
const dot = 0x2e
const colon = 0x3a
const slash = 0x2f

/** RFC 5321 4.5.3.1, in the characters that addresses are really written with. */
export const email: Detector = {
  name: 'email',
  looks: [
    {
      triggers: [pattern(some(localPart), '@', some(label, 1, Number.POSITIVE_INFINITY), '.', some(domain, 2))],
      look: lookAtEmail,
    },
  ],
}

/** Endings of file names that look like the end of a domain, as in `icon@2x.png`. */
const fileEndings = new WordSet('png jpg jpeg gif svg webp css js mjs ts map json html')

function lookAtEmail(view: Uint8Array, trigger: number, limit: number, final: boolean, hit: Hit): Verdict {
  // Behind the at sign: a label, a dot and two bytes.
  let at = trigger - 3
  while (at > 0 && trigger - 3 - at <= labelBytesMax && view[at - 1] !== atSign) at--
  if (trigger - 3 - at > labelBytesMax) return no
  let start = at - 1
  const floor = Math.max(0, at - 1 - localBytesMax)
  while (start > floor && localPart[view[start - 1] ?? 0] === 1) start--
  while (start < at - 1 && alphanumeric[view[start] ?? 0] !== 1) start++
  if (start === at - 1) return no
  hit.start = start
  let end = trigger - 3
  let last = at
  const ceiling = Math.min(limit, at + domainBytesMax)
  for (; end < ceiling; end++) {
    const byte = view[end] ?? 0
    if (domain[byte] !== 1) break
    if (byte === dot) {
      if (end === last) break
      last = end + 1
    }
  }
  if (end >= limit && !final && end - at < domainBytesMax) return more
  // A dot or dash at the end belongs to the sentence.
  while (end > at && alphanumeric[view[end - 1] ?? 0] !== 1) end--
  // Mostly the last dot seen is the last of the domain, too.
  let top = Math.min(last, end)
  while (top > at && view[top - 1] !== dot) top--
  if (top <= at + 1 || end - top < 2 || end - top > endingBytesMax) return no
  for (let index = top; index < end; index++)
    if (letters[view[index] ?? 0] !== 1 && !(index > top + 1 && isPunycode(view, top))) return no
  if (fileEndings.has(view, top, end) || isUserinfo(view, start)) return no
  hit.end = end
  return found
}

function isPunycode(view: Uint8Array, top: number): boolean {
  return ((view[top] ?? 0) | 0x20) === 0x78 && ((view[top + 1] ?? 0) | 0x20) === 0x6e
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
        pattern('::', some(hexadecimal)),
        pattern(some(hexadecimal), '::'),
        pattern(
          some(not(bytes('A-Za-z0-9_:.'))),
          ...Array.from({ length: 7 }, () => [some(hexadecimal, 1, 4), ...pattern(':')]).flat(),
          some(hexadecimal),
        ),
      ],
      look: lookAtIpv6,
      judges: true,
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
  if (start > 0 && (word[view[start - 1] ?? 0] === 1 || view[start - 1] === dot)) return no
  let end = at
  while (end < limit && end - at < 3 && digits[view[end] ?? 0] === 1) end++
  if (end + 1 >= limit && !final) return more
  if (has(word, view, end) && end < limit) return no
  if (end + 1 < limit && view[end] === dot && digits[view[end + 1] ?? 0] === 1) return no
  let value = 0
  let length = 0
  for (let index = start; index <= end; index++) {
    const byte = view[index] ?? 0
    if (index < end && digits[byte] === 1) {
      if (length > 0 && value === 0) return no
      value = value * 10 + byte - 0x30
      length++
      continue
    }
    if (value > 255 || length > 3) return no
    value = 0
    length = 0
  }
  hit.end = end
  return found
}

const addressBytesMax = 39
const addressSet = bytes('0-9A-Fa-f:')
const groupsMax = 8

/** Judges a whole run of hexadecimal digits and colons. */
function lookAtIpv6(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  let start = at
  const floor = Math.max(0, at - addressBytesMax - 2)
  while (start > floor && addressSet[view[start - 1] ?? 0] === 1) start--
  hit.start = start
  let end = at
  while (end < limit && addressSet[view[end] ?? 0] === 1) end++
  if (at - start > addressBytesMax + 1) {
    hit.judged = end
    return no
  }
  if (end >= limit && !final && end - start <= addressBytesMax + 1) return more
  hit.judged = end
  if (start > 0 && (word[view[start - 1] ?? 0] === 1 || view[start - 1] === dot)) return no
  if (end < limit && word[view[end] ?? 0] === 1) return no
  // The colon of `address: text`, but not the double one of a prefix.
  if (view[end - 1] === colon && view[end - 2] !== colon) end--
  if (end - start > addressBytesMax) return no
  hit.end = end
  return isIpv6(view, start, end) ? found : no
}

/** RFC 4291 2.2: eight groups, or fewer around one double colon; with a decimal digit, which `a::b` of programs has not. */
function isIpv6(view: Uint8Array, start: number, end: number): boolean {
  let groups = 0
  let size = 0
  let doubles = 0
  let hasDigit = false
  for (let index = start; index < end; index++) {
    const byte = view[index] ?? 0
    if (byte !== colon) {
      if (digits[byte] === 1) hasDigit = true
      if (size === 0) groups++
      if (++size > 4) return false
      continue
    }
    if (view[index + 1] === colon && index + 1 < end) doubles++
    else if (index === start && view[index + 1] !== colon) return false
    size = 0
  }
  if (!hasDigit || doubles > 1) return false
  return doubles === 1 ? groups < groupsMax : groups === groupsMax
}
