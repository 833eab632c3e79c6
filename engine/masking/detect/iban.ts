// Detector of international bank account numbers (ISO 13616): country, its length, and the check by 97.
import { alphanumeric, bytes, digits, not, word } from './bytes.ts'
import type { Detector, Hit, Verdict } from './detector.ts'
import { pattern, some } from './pattern.ts'

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

function lookAtIban(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const separated = alphanumeric[view[at - 2] ?? 0] !== 1
  const start = separated ? at - 6 : at - 5
  hit.start = start
  if (start > 0 && word[view[start - 1] ?? 0] === 1) return 'no'
  const length = lengths[countryIndex(view[start] ?? 0, view[start + 1] ?? 0)] ?? 0
  if (length === 0) return 'no'
  const check = ((view[start + 2] ?? 0) - 0x30) * 10 + (view[start + 3] ?? 0) - 0x30
  if (check < 2 || check > 98) return 'no'
  let remainder = 0
  let count = 0
  let index = start + 4
  for (let wasSeparator = false; count < length - 4; index++) {
    if (index >= limit) return final ? 'no' : 'more'
    const byte = view[index] ?? 0
    if (letterOrDigit[byte] === 1) {
      remainder = fold(remainder, byte)
      count++
      wasSeparator = false
    } else if ((byte === 0x20 || byte === 0x2d) && !wasSeparator) wasSeparator = true
    else return 'no'
  }
  if (index >= limit && !final) return 'more'
  if (index < limit && word[view[index] ?? 0] === 1) return 'no'
  // ISO 7064: country and check digits go to the end.
  for (let each = start; each < start + 4; each++) remainder = fold(remainder, view[each] ?? 0)
  hit.end = index
  return remainder === 1 ? 'hit' : 'no'
}

function fold(remainder: number, byte: number): number {
  return digits[byte] === 1 ? (remainder * 10 + byte - 0x30) % 97 : (remainder * 100 + byte - 55) % 97
}
