// Reference, as plain as the kernel is quick: Detector of international bank account numbers (ISO 13616): country, its length, and the check by 97.
import { alphanumeric, bytes, digits, not, word } from '../../../engine/masking/detect/bytes.ts'
import { type Detector, found, type Hit, more, no, type Verdict } from '../../../engine/masking/detect/detector.ts'
import { pattern, some } from '../../../engine/masking/detect/pattern.ts'

const upper = some(bytes('A-Z'))
const digit = some(digits)
const letterOrDigit = bytes('A-Z0-9')

/** Plain, or in groups with one space or dash between them. */
export const iban: Detector = {
  name: 'iban',
  looks: [
    {
      triggers: [pattern(some(not(word)), upper, upper, digit, digit, some(bytes(' -'), 0, 1), some(letterOrDigit))],
      look: lookAtIban,
      judges: true,
    },
  ],
}

/** Lengths by country of the IBAN registry. */
const lengths = new Uint8Array(26 * 26)
for (const entry of (
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
  'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
  'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
  'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
).split(' '))
  lengths[countryIndex(entry.charCodeAt(0), entry.charCodeAt(1))] = Number(entry.slice(2))

function countryIndex(first: number, second: number): number {
  return (first - 65) * 26 + second - 65
}

/** Characters of a run so far whose remainders are kept: more than the longest number has. */
const kept = 64
const keptMask = kept - 1
/** Before each character of the run: the remainder by 97 of all before it. */
const before = new Uint8Array(kept)
/**
 * For each number by its first character, what its check needs once its check digits are seen: the remainder up to
 * there, what has to be left of the rest, and how many digits came before the rest.
 */
const goals = new Int32Array(kept)
/** Where numbers begin, by their first character. */
const places = new Int32Array(kept)
/** For each place in the run: the number that would end there, counted from one, and others that would end with it. */
const due = new Int32Array(kept)
const alsoDue = new Int32Array(kept)

const space = 0x20
const dash = 0x2d

/**
 * Goes along a run of characters and separators, with the remainder of everything before each character, so that a
 * number is checked in a few steps wherever it ends. The one that the trigger belongs to is a hit; all triggers before
 * another number, or before one whose end is not here yet, are judged.
 */
function lookAtIban(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const asked = alphanumeric[view[at - 2] ?? 0] === 1 ? at - 5 : at - 6
  hit.start = asked
  if (asked > 0 && word[view[asked - 1] ?? 0] === 1) return no
  due.fill(0)
  let remainder = 0
  let count = 0
  let ordinal = 0
  /** Where a group began, counted in characters. */
  let begun = 0
  let index = asked
  for (; index < limit; index++) {
    const value = characters[view[index] ?? 0] ?? other
    if (value >= other) {
      if (value === other) break
      // At most one separator between two characters.
      if ((characters[view[index - 1] ?? 0] ?? other) >= other) break
      begun = ordinal
      continue
    }
    before[ordinal & keptMask] = remainder
    // Letters stand for two digits.
    count += value < 10 ? 1 : 2
    remainder = folded[(remainder << valueBits) | value] ?? 0
    ordinal++
    if (ordinal === begun + 4 && value < 10) {
      const length = lengthAt(view, index)
      if (length > 0) {
        const end = (begun + length) & keptMask
        places[begun & keptMask] = index - 3
        goals[begun & keptMask] = goalOf(before[begun & keptMask] ?? 0, remainder, count)
        alsoDue[begun & keptMask] = due[end] ?? 0
        due[end] = begun + 1
      }
    }
    let start = due[ordinal & keptMask] ?? 0
    if (start === 0) continue
    // What stands behind it is not here yet.
    if (index + 1 >= limit && !final) {
      index = limit
      break
    }
    due[ordinal & keptMask] = 0
    for (; start > 0; start = alsoDue[(start - 1) & keptMask] ?? 0) {
      if (isValid(goals[(start - 1) & keptMask] ?? 0, remainder, count) && endsAt(view, index, limit)) {
        if (start === 1) {
          hit.end = index + 1
          return found
        }
        hit.judged = (places[(start - 1) & keptMask] ?? 0) + 4
        return no
      }
    }
  }
  if (index < limit || final) {
    hit.judged = index
    return no
  }
  // The first number whose end is not here; before it everything is decided.
  let first = 0
  for (const start of due)
    for (let one = start; one > 0; one = alsoDue[(one - 1) & keptMask] ?? 0) if (first === 0 || one < first) first = one
  if (first === 1) return more
  if (first > 0) hit.judged = (places[(first - 1) & keptMask] ?? 0) + 4
  else hit.judged = begun === ordinal ? limit : Math.max(at, limit - 4)
  return no
}

/** The length of the number whose check digits end at `end`; 0 when none does. */
function lengthAt(view: Uint8Array, end: number): number {
  const first = view[end - 3] ?? 0
  const second = view[end - 2] ?? 0
  const tens = view[end - 1] ?? 0
  const ones = view[end] ?? 0
  if (first < 65 || second < 65 || tens < 48 || tens > 57) return 0
  const check = (tens - 48) * 10 + ones - 48
  return check < 2 || check > 98 ? 0 : (lengths[countryIndex(first, second)] ?? 0)
}

function endsAt(view: Uint8Array, last: number, limit: number): boolean {
  return last + 1 >= limit || word[view[last + 1] ?? 0] !== 1
}

/** What is known of a number once its check digits are seen, from the remainders before it and behind them. */
function goalOf(head: number, body: number, count: number): number {
  const first = (body + 97 * 97 - head * headPower) % 97
  return body | ((rests[first] ?? 0) << remainderBits) | ((count & digitsMask) << (2 * remainderBits))
}

/** ISO 7064: everything behind the check digits, and then country and check digits, leave one. */
function isValid(goal: number, remainder: number, count: number): boolean {
  const digitsBehind = (count - (goal >> (2 * remainderBits))) & digitsMask
  const rest = (goal >> remainderBits) & remainderMask
  return ((goal & remainderMask) * (powers[digitsBehind] ?? 0) + rest) % 97 === remainder
}

const remainderBits = 7
const remainderMask = 127
/** Digits are counted up to this many: more than stand between a number's check digits and its end. */
const digitsMask = 127
const valueBits = 6

/** A byte that ends a run; a separator is one more. */
const other = 100
const characters = new Uint8Array(256).fill(other)
for (let value = 0; value < 36; value++) characters[value.toString(36).toUpperCase().charCodeAt(0)] = value
characters[space] = other + 1
characters[dash] = other + 1

/** The remainder with a character's one or two digits behind it. */
const folded = new Uint8Array(128 << valueBits)
for (let remainder = 0; remainder < 97; remainder++)
  for (let value = 0; value < 36; value++)
    folded[(remainder << valueBits) | value] = (remainder * (value < 10 ? 10 : 100) + value) % 97

/** Powers of ten by 97. */
const powers = new Uint8Array(digitsMask + 1)
for (let exponent = 0, power = 1; exponent <= digitsMask; exponent++, power = (power * 10) % 97)
  powers[exponent] = power
/** Country and check digits stand for six digits. */
const headPower = powers[6] ?? 0
/** For what country and check digits leave, what everything behind them has to leave. */
const rests = new Uint8Array(97)
for (let rest = 0; rest < 97; rest++) rests[(97 * 97 + 1 - rest * headPower) % 97] = rest
