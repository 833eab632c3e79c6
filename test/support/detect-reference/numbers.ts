// Reference, as plain as the kernel is quick: Detectors of numbers with a form: US social security numbers, phone numbers.
import { alphanumeric, bytes, digits, has, word } from '../../../engine/masking/detect/bytes.ts'
import { type Detector, found, type Hit, more, no, type Verdict } from '../../../engine/masking/detect/detector.ts'
import { type Element, pattern, some } from '../../../engine/masking/detect/pattern.ts'

const digit = some(digits)

function numberOf(count: number): Element {
  return some(digits, count)
}

const zero = 0x30
const plus = 0x2b

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
  if (touches(view, start)) return no
  const area = number(view, start, 3)
  if (area === 0 || area === 666 || area >= 900 || number(view, start + 4, 2) === 0 || number(view, start + 7, 4) === 0)
    return no
  return endsHere(view, at, limit, final)
}

const separators = bytes(' .()-')
/** Digits with up to two separators before each. */
const fourDigits = Array.from({ length: 4 }, () => [some(separators, 0, 2), digit]).flat()

/** Phone numbers: international with a plus sign, and North American in their written forms. */
export const phone: Detector = {
  name: 'phone',
  looks: [
    {
      triggers: [pattern('+', some(bytes('1-9')), ...fourDigits), pattern('+(', some(bytes('1-9')), ...fourDigits)],
      look: lookAtInternational,
    },
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

/** ITU-T E.164: at most 15 digits. */
function lookAtInternational(view: Uint8Array, trigger: number, limit: number, final: boolean, hit: Hit): Verdict {
  let start = trigger - 5
  while (view[start] !== plus) start--
  const at = view[start + 1] === 0x28 ? start + 3 : start + 2
  hit.start = start
  if (start > 0 && (has(word, view, start - 1) || view[start - 1] === 0x2b)) return no
  let index = at
  let count = 1
  let end = 0
  for (;;) {
    if (index >= limit) {
      if (!final) return more
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
      if (word[byte] === 1 && index === end) return no
      break
    }
    // At most two separators between two digits.
    if (index + 2 >= limit && !final) return more
    const next = index + 1 < limit && separators[view[index + 1] ?? 0] === 1 ? index + 2 : index + 1
    if (next >= limit || digits[view[next] ?? 0] !== 1) break
    index = next
  }
  if (count > internationalDigitsMax) {
    // The group that went over belongs to something else.
    const back = groupStart(view, index)
    if (back <= at || digits[view[back - 1] ?? 0] === 1) return no
    end = back - 1
    while (end > at && separators[view[end - 1] ?? 0] === 1) end--
    count = 0
    for (let each = start; each < end; each++) count += digits[view[each] ?? 0] ?? 0
  }
  hit.end = end
  return count >= internationalDigitsMin ? found : no
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
  if (bracket && view[start] !== 0x28) return no
  if ((view[area] ?? 0) < zero + 2 || (view[exchange] ?? 0) < zero + 2) return no
  // 1- before the area code.
  if (start >= 2 && separators[view[start - 1] ?? 0] === 1 && view[start - 2] === zero + 1 && !touches(view, start - 2))
    start -= 2
  hit.start = start
  if (touches(view, start)) return no
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
  if (at >= limit) return final ? found : more
  const next = view[at] ?? 0
  if (word[next] === 1) return no
  if (next !== 0x2d && next !== 0x2e) return found
  if (at + 1 >= limit) return final ? found : more
  return has(digits, view, at + 1) ? no : found
}

function number(view: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) value = value * 10 + (view[index] ?? zero) - zero
  return value
}
