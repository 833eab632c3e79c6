// Reference, as plain as the kernel is quick: Detector of payment cards: ISO/IEC 7812 issuer ranges in use, Luhn's check digit, plain or in groups.
import { bytes, digits, has, not, word } from '../../../engine/masking/detect/bytes.ts'
import { type Detector, found, type Hit, more, no, type Verdict } from '../../../engine/masking/detect/detector.ts'
import { pattern, some } from '../../../engine/masking/detect/pattern.ts'

const digit = some(digits)
const groupSeparator = some(bytes(' -'), 0, 1)

/** Thirteen digits with at most one separator between two, seen to the end of a group. */
const thirteen = Array.from({ length: 12 }, () => [digit, groupSeparator]).flat()

/** Payment cards. */
export const creditCard: Detector = {
  name: 'credit_card',
  looks: [{ triggers: [pattern(...thirteen, digit, some(not(digits)))], look: lookAtCard, judges: true }],
}

const cardDigitsMin = 13
const cardDigitsMax = 19
/** A card in groups is never longer, with a separator behind each digit. */
const cardBytesMax = 2 * cardDigitsMax
const zero = 0x30
const space = 0x20
const dash = 0x2d

/** How cards are written in groups: the sizes of the groups, four bits each, and how many there are. */
const cardForms = new Uint8Array(1 << 20)
for (const form of [0x4444, 0x465, 0x464, 0x44443, 0x44442, 0x4441, 0x445]) cardForms[form] = form.toString(16).length

/** What a digit counts where Luhn doubles it. */
const doubled = new Uint8Array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9])

/** The last groups: where each begins, its sums by Luhn with its last digit plain and doubled, and its size. */
const starts = new Int32Array(8)
const plainSums = new Int32Array(8)
const doubledSums = new Int32Array(8)
const sizes = new Int32Array(8)

/**
 * Goes along the groups of digits from before the trigger to the end of the run. The first card that ends with the
 * trigger is a hit; one that ends later is left to its own trigger, and all groups before it are judged.
 */
function lookAtCard(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const asked = at - 1
  let index = asked
  const floor = Math.max(0, asked - cardBytesMax - cardDigitsMax)
  while (index > floor) {
    const byte = view[index - 1] ?? 0
    if (digits[byte] !== 1 && ((byte !== space && byte !== dash) || digits[view[index] ?? 0] !== 1)) break
    index--
  }
  // In the middle of a group there is no beginning of one.
  if (index === floor && index > 0) while (index < asked && digits[view[index] ?? 0] === 1) index++
  if (digits[view[index] ?? 0] !== 1) index++
  // The last group alone is longer than any card.
  if (index > asked) return no
  let group = 0
  let form = 0
  /** How many of the last separators were the same, and which. */
  let alike = 0
  let separator = 0
  hit.judged = asked
  for (;;) {
    const start = index
    let plain = 0
    let twice = 0
    while (index < limit) {
      const value = (view[index] ?? 0) - zero
      if (value < 0 || value > 9) break
      const next = twice + value
      twice = plain + (doubled[value] ?? 0)
      plain = next
      index++
    }
    const size = index - start
    if (index >= limit && !final) return index <= asked ? more : no
    const slot = group & 7
    starts[slot] = start
    plainSums[slot] = plain
    doubledSums[slot] = twice
    sizes[slot] = size
    form = ((form << 4) | Math.min(size, 15)) & 0xfffff
    const behind = view[index] ?? 0
    const goesOn = (behind === space || behind === dash) && index < limit
    if (index >= asked) {
      // A letter right behind makes it an identifier.
      const begins = index < limit && word[behind] === 1 ? -1 : cardStart(view, group, form, alike)
      if (begins >= 0) {
        if (index !== asked) return no
        hit.start = begins
        hit.end = index
        hit.judged = at
        return found
      }
    }
    if (goesOn && index + 1 >= limit && !final) {
      if (index === asked) return more
      if (index > asked) return no
    }
    const another = goesOn && index + 1 < limit && digits[view[index + 1] ?? 0] === 1
    if (!another) {
      // Any other grouping only where a whole run of digits is one number, so that it ends here.
      if (index >= asked && size < cardDigitsMin && alike > 0 && !(index < limit && word[behind] === 1)) {
        const begins = runStart(view, index, separator)
        if (begins >= 0) {
          if (index !== asked) return no
          hit.start = begins
          hit.end = index
          hit.judged = at
          return found
        }
      }
      hit.judged = Math.max(hit.judged, index + 1)
      return no
    }
    if (index >= asked) hit.judged = index + 1
    alike = behind === separator ? alike + 1 : 1
    separator = behind
    index++
    group++
  }
}

/** Where a card begins that ends with the group seen last and is written in one of the usual forms, or -1. */
function cardStart(view: Uint8Array, group: number, form: number, alike: number): number {
  const size = sizes[group & 7] ?? 0
  if (size >= cardDigitsMin) {
    const start = starts[group & 7] ?? 0
    if (size > cardDigitsMax || (plainSums[group & 7] ?? 0) % 10 !== 0) return -1
    return issued(view, start, size) && !isInside(view, start) ? start : -1
  }
  const groups =
    (alike > 3 ? (cardForms[form] ?? 0) : 0) ||
    (alike > 2 ? (cardForms[form & 0xffff] ?? 0) : 0) ||
    (alike > 1 ? (cardForms[form & 0xfff] ?? 0) : 0)
  if (groups === 0) return -1
  let sum = 0
  let count = 0
  for (let index = group; index > group - groups; index--) {
    sum += (count & 1) === 0 ? (plainSums[index & 7] ?? 0) : (doubledSums[index & 7] ?? 0)
    count += sizes[index & 7] ?? 0
  }
  if (sum % 10 !== 0) return -1
  const start = starts[(group - groups + 1) & 7] ?? 0
  return issued(view, start, count) && !isInside(view, start) ? start : -1
}

/** Where the run of digits begins that ends here, all with one separator, when it is a card; -1 otherwise. */
function runStart(view: Uint8Array, end: number, separator: number): number {
  let start = end
  let total = 0
  for (; start > 0; start--) {
    const byte = view[start - 1] ?? 0
    if (digits[byte] === 1) {
      if (++total > cardDigitsMax) return -1
    } else if (byte !== separator || digits[view[start - 2] ?? 0] !== 1 || start < 2) break
  }
  if (total < cardDigitsMin || isInside(view, start) || !issued(view, start, total)) return -1
  return luhn(view, start, end) ? start : -1
}

/** True when letters, or digits and a decimal point, stand right before a number. */
function isInside(view: Uint8Array, start: number): boolean {
  if (start === 0) return false
  const before = view[start - 1] ?? 0
  return word[before] === 1 || (before === 0x2e && has(digits, view, start - 2))
}

/** Whether cards of a length begin with these four digits. Separators may stand between them. */
function issued(view: Uint8Array, start: number, length: number): boolean {
  let prefix = 0
  for (let at = start, count = 0; count < 4; at++) {
    const value = (view[at] ?? 0) - zero
    if (value < 0 || value > 9) continue
    prefix = prefix * 10 + value
    count++
  }
  return (((lengths[prefix] ?? 0) >> (length - cardDigitsMin)) & 1) === 1
}

function luhn(view: Uint8Array, start: number, end: number): boolean {
  let sum = 0
  let twice = false
  for (let at = end - 1; at >= start; at--) {
    const value = (view[at] ?? 0) - zero
    if (value < 0 || value > 9) continue
    sum += twice ? (doubled[value] ?? 0) : value
    twice = !twice
  }
  return sum % 10 === 0
}

/** For each first four digits the lengths that are issued: bit 0 for thirteen digits, and so on. */
const lengths = new Uint8Array(10_000)
for (let prefix = 0; prefix < 10_000; prefix++)
  for (let length = cardDigitsMin; length <= cardDigitsMax; length++)
    if (isIssued(prefix, length)) lengths[prefix] = (lengths[prefix] ?? 0) | (1 << (length - cardDigitsMin))

function isIssued(prefix: number, length: number): boolean {
  const two = Math.floor(prefix / 100)
  if (two >= 40 && two <= 49) return length === 13 || length === 16 || length === 19
  if (two >= 51 && two <= 55) return length === 16
  if (prefix >= 2221 && prefix <= 2720) return length === 16
  if (two === 34 || two === 37) return length === 15
  if (two === 36 || two === 38 || two === 39 || (prefix >= 3000 && prefix <= 3059) || prefix === 3095)
    return length >= 14
  if (prefix >= 3528 && prefix <= 3589) return length >= 16
  if (two === 65 || prefix === 6011 || two === 62 || two === 64 || two === 81) return length >= 16
  if (two === 50 || (two >= 56 && two <= 69)) return true
  return prefix >= 2200 && prefix <= 2204 && length >= 16
}
