// Detectors of numbers with a form: payment cards, US social security numbers, phone numbers.
import { alphanumeric, bytes, digits, has, not, word } from './bytes.ts'
import type { Detector, Hit, Verdict } from './detector.ts'
import { type Element, pattern, some } from './pattern.ts'

const digit = some(digits)
const groupSeparator = some(bytes(' -'), 0, 1)

function numberOf(count: number): Element {
  return some(digits, count)
}

/** Thirteen digits with at most one separator between two, seen to the end of a group. */
const thirteen = Array.from({ length: 12 }, () => [digit, groupSeparator]).flat()

/** Payment cards: ISO/IEC 7812 issuer ranges in use, Luhn's check digit, plain or in groups. */
export const creditCard: Detector = {
  name: 'credit_card',
  looks: [{ triggers: [pattern(...thirteen, digit, some(not(digits)))], look: lookAtCard }],
}

const cardDigitsMin = 13
const cardDigitsMax = 19
const zero = 0x30
const space = 0x20
const dash = 0x2d

/** First digits of issuer ranges. */
const begins = bytes('2-68')

/** How cards are written in groups: where the separators stand, counted from the end. */
const cardForms = [
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4, 2],
  [4, 4, 4, 1],
  [4, 4, 5],
].map((groups) => {
  const separators: number[] = []
  let length = 0
  for (const size of groups.toReversed()) {
    length += size
    separators.push(++length)
  }
  separators.pop()
  return { length: length - 1, separators }
})

function lookAtCard(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const end = at - 1
  const behind = view[end] ?? 0
  // A letter right behind makes it an identifier.
  if (word[behind] === 1) return 'no'
  hit.end = end
  let group = end
  while (group > 0 && end - group <= cardDigitsMax && digits[view[group - 1] ?? 0] === 1) group--
  const before = view[group - 1] ?? 0
  if (end - group >= cardDigitsMin) {
    hit.start = group
    return end - group <= cardDigitsMax && !isInside(view, group) && isCard(view, group, end) ? 'hit' : 'no'
  }
  if (before !== space && before !== dash) return 'no'
  for (const { length, separators } of cardForms) {
    const start = end - length
    if (start < 0 || begins[view[start] ?? 0] !== 1 || !stands(view, end, separators, before)) continue
    if (isInside(view, start) || !isCard(view, start, end)) continue
    hit.start = start
    return 'hit'
  }
  // Any other grouping only where a whole run of digits is one number, so that it ends here.
  if (behind === space || behind === dash) {
    if (at >= limit) {
      if (!final) return 'more'
    } else if (digits[view[at] ?? 0] === 1) return 'no'
  }
  return lookAtRun(view, end, before, hit)
}

function stands(view: Uint8Array, end: number, separators: readonly number[], separator: number): boolean {
  for (const back of separators) if (view[end - back] !== separator) return false
  return true
}

function lookAtRun(view: Uint8Array, end: number, separator: number, hit: Hit): Verdict {
  let start = end
  let total = 0
  for (; start > 0; start--) {
    const byte = view[start - 1] ?? 0
    if (digits[byte] === 1) {
      if (++total > cardDigitsMax) return 'no'
    } else if (byte !== separator || digits[view[start - 2] ?? 0] !== 1 || start < 2) break
  }
  hit.start = start
  return total >= cardDigitsMin && !isInside(view, start) && isCard(view, start, end) ? 'hit' : 'no'
}

/** True when letters, or digits and a decimal point, stand right before a number. */
function isInside(view: Uint8Array, start: number): boolean {
  if (start === 0) return false
  const before = view[start - 1] ?? 0
  return word[before] === 1 || (before === 0x2e && has(digits, view, start - 2))
}

/** Issuer ranges first: they refuse most numbers at the first digits. */
function isCard(view: Uint8Array, start: number, end: number): boolean {
  let prefix = 0
  let total = 0
  for (let at = start; at < end; at++) {
    const byte = view[at] ?? 0
    if (digits[byte] !== 1) {
      if (byte !== space && byte !== dash) return false
      continue
    }
    if (total++ < 4) prefix = prefix * 10 + byte - zero
    // The first digits refuse most numbers.
    else if (total === 5 && !issued(prefix, 16) && !issued(prefix, 14) && !issued(prefix, 13) && !issued(prefix, 15))
      return false
  }
  return issued(prefix, total) && luhn(view, start, end)
}

function issued(prefix: number, length: number): boolean {
  const two = Math.floor(prefix / 100)
  if (two >= 40 && two <= 49) return length === 13 || length === 16 || length === 19
  if (two >= 51 && two <= 55) return length === 16
  if (prefix >= 2221 && prefix <= 2720) return length === 16
  if (two === 34 || two === 37) return length === 15
  if (two === 36 || two === 38 || two === 39 || (prefix >= 3000 && prefix <= 3059) || prefix === 3095)
    return length >= 14 && length <= cardDigitsMax
  if (prefix >= 3528 && prefix <= 3589) return length >= 16
  if (two === 65 || prefix === 6011 || two === 62 || two === 64 || two === 81) return length >= 16
  if (two === 50 || (two >= 56 && two <= 69)) return length >= cardDigitsMin
  if (prefix >= 2200 && prefix <= 2204) return length >= 16
  return false
}

function luhn(view: Uint8Array, start: number, end: number): boolean {
  let sum = 0
  let double = false
  for (let at = end - 1; at >= start; at--) {
    const value = (view[at] ?? 0) - zero
    if (value < 0 || value > 9) continue
    const weighted = double ? value * 2 : value
    sum += weighted > 9 ? weighted - 9 : weighted
    double = !double
  }
  return sum % 10 === 0
}

/** US social security numbers in their written form, numbers that were never issued left out. */
export const ssn: Detector = {
  name: 'ssn',
  looks: [
    {
      triggers: [
        pattern(numberOf(3), '-', numberOf(2), '-', numberOf(4)),
        pattern(numberOf(3), ' ', numberOf(2), ' ', numberOf(4)),
      ],
      look: lookAtSsn,
    },
  ],
}

function lookAtSsn(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const start = at - 11
  hit.start = start
  if (touches(view, start)) return 'no'
  const area = number(view, start, 3)
  if (area === 0 || area === 666 || area >= 900 || number(view, start + 4, 2) === 0 || number(view, start + 7, 4) === 0)
    return 'no'
  return endsHere(view, at, limit, final)
}

/** Phone numbers: international with a plus sign, and North American in their written forms. */
export const phone: Detector = {
  name: 'phone',
  looks: [
    { triggers: [pattern('+', some(bytes('1-9'))), pattern('+(', some(bytes('1-9')))], look: lookAtInternational },
    {
      triggers: [
        pattern(numberOf(3), some(bytes(').-')), some(bytes(' '), 0, 1), numberOf(3), some(bytes('-. ')), numberOf(4)),
        pattern(numberOf(3), ' ', numberOf(3), some(bytes('- ')), numberOf(4)),
      ],
      look: lookAtNorthAmerican,
    },
  ],
}

const internationalDigitsMin = 8
const internationalDigitsMax = 15
const separators = bytes(' .()-')

/** ITU-T E.164: at most 15 digits. */
function lookAtInternational(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const start = view[at - 2] === 0x28 ? at - 3 : at - 2
  hit.start = start
  if (start > 0 && (has(word, view, start - 1) || view[start - 1] === 0x2b)) return 'no'
  let index = at
  let count = 1
  let end = 0
  for (;;) {
    if (index >= limit) {
      if (!final) return 'more'
      break
    }
    const byte = view[index] ?? 0
    if (digits[byte] === 1) {
      if (++count > internationalDigitsMax) break
      index++
      end = index
      continue
    }
    if (separators[byte] !== 1) {
      if (word[byte] === 1 && index === end) return 'no'
      break
    }
    // At most two separators between two digits.
    if (index + 2 >= limit && !final) return 'more'
    const next = index + 1 < limit && separators[view[index + 1] ?? 0] === 1 ? index + 2 : index + 1
    if (next >= limit || digits[view[next] ?? 0] !== 1) break
    index = next
  }
  if (count > internationalDigitsMax) {
    // The group that went over belongs to something else.
    const back = groupStart(view, index)
    if (back <= at || digits[view[back - 1] ?? 0] === 1) return 'no'
    end = back - 1
    while (end > at && separators[view[end - 1] ?? 0] === 1) end--
    count = 0
    for (let each = start; each < end; each++) count += digits[view[each] ?? 0] ?? 0
  }
  hit.end = end
  return count >= internationalDigitsMin ? 'hit' : 'no'
}

function groupStart(view: Uint8Array, at: number): number {
  let start = at
  while (start > 0 && digits[view[start - 1] ?? 0] === 1) start--
  return start
}

/** NANP: neither the area code nor the exchange begins with 0 or 1. */
function lookAtNorthAmerican(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const exchange = at - 8
  let area = exchange - 1
  if (view[area] === 0x20 && !has(digits, view, area - 1)) area--
  const bracket = view[area] === 0x29
  area -= 3
  let start = bracket ? area - 1 : area
  if (bracket && view[start] !== 0x28) return 'no'
  if ((view[area] ?? 0) < zero + 2 || (view[exchange] ?? 0) < zero + 2) return 'no'
  // 1- before the area code.
  if (start >= 2 && separators[view[start - 1] ?? 0] === 1 && view[start - 2] === zero + 1 && !touches(view, start - 2))
    start -= 2
  hit.start = start
  if (touches(view, start)) return 'no'
  return endsHere(view, at, limit, final)
}

/** True when something right before a number makes it part of something else. */
function touches(view: Uint8Array, start: number): boolean {
  if (start === 0) return false
  const before = view[start - 1] ?? 0
  if (before === 0x2d || before === 0x2e) return has(alphanumeric, view, start - 2)
  return word[before] === 1 || before === 0x2b
}

/** A hit when the number does not go on behind `at`. */
function endsHere(view: Uint8Array, at: number, limit: number, final: boolean): Verdict {
  if (at >= limit) return final ? 'hit' : 'more'
  const next = view[at] ?? 0
  if (word[next] === 1) return 'no'
  if (next !== 0x2d && next !== 0x2e) return 'hit'
  if (at + 1 >= limit) return final ? 'hit' : 'more'
  return has(digits, view, at + 1) ? 'no' : 'hit'
}

function number(view: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) value = value * 10 + (view[index] ?? zero) - zero
  return value
}
