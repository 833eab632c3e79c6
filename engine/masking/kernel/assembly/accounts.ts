// International bank account numbers (ISO 13616): country, its length, and the check by 97.
import { found, more, no, setEnd, setJudged, setStart } from "./hit";
import { windowAt } from "./layout";
import { alphanumeric, has, word } from "./sets";

/**
 * By country, of whose letters the last five bits count: the length of its numbers by the IBAN registry, and what the
 * letters count in a head. Of that, ten thousand is nine by 97, and a hundred is three.
 */
const countries: i32 = i32(memory.data(2048, 2));
const lengthBits: i32 = 6;
/** Longest number, in characters. */
const numberMax: i32 = 34;
/** Places in a run are told apart by these bits: more than twice the longest number has characters. */
const placeMask: i32 = 63;
/** For each place, the number that is due there: the sum behind its check digits; in the upper half its head and beginning. */
const due: i32 = i32(memory.data(512, 16));
/** Numbers that are due where a later one is due as well, in order: the place, and then the same. */
const alsoDue: i32 = i32(memory.data(1024, 16));
/** What a character stands for; see `other`. */
const characters: i32 = i32(memory.data(256));
/** What a character weighs by 97 that ends a number of digits, in rows for these: itself by ten to minus that number. */
const weighed: i32 = i32(memory.data(6144));
/** Ten to minus a number, by 97. */
const weights: i32 = i32(memory.data(128));

/** After so many digits the powers of ten come again. */
const period: i32 = 96;
const valueBits: i32 = 6;
/** A head stands behind the place where the number begins, which has these bits. */
const beginsBits: i32 = 20;
const beginsMask: i32 = (1 << beginsBits) - 1;
/** A byte that ends a run; a separator is one more. */
const other: i32 = 100;

/** Fills the tables. */
export function fillAccounts(): void {
  const entries =
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";
  for (let at = 0; at < entries.length; at += 5) {
    const size = (entries.charCodeAt(at + 2) - 48) * 10 + entries.charCodeAt(at + 3) - 48;
    const first = entries.charCodeAt(at);
    const second = entries.charCodeAt(at + 1);
    const counted = (first - 55) * 9 + (second - 55) * 3;
    store<u16>(countries + (((first & 31) << 6) | ((second & 31) << 1)), size | (counted << lengthBits));
  }
  memory.fill(characters, u8(other), 256);
  for (let value = 0; value < 36; value++) store<u8>(characters + (value < 10 ? 48 + value : 55 + value), value);
  store<u8>(characters + 0x20, other + 1);
  store<u8>(characters + 0x2d, other + 1);
  // By 97, ten is 68 times what one is behind one more digit.
  for (let digits = 0, weight = 1; digits < 128; digits++) {
    store<u8>(weights + digits, weight);
    if (digits < period)
      for (let value = 0; value < 36; value++)
        store<u8>(weighed + ((digits << valueBits) | value), (value * weight) % 97);
    weight = (weight * 68) % 97;
  }
}

@inline
function slot(ordinal: i32): i32 {
  return due + ((ordinal & placeMask) << 3);
}

/**
 * Goes along a run of characters and separators, with a sum of what each character weighs, so that a number is checked in
 * a few steps wherever it ends; it ends with a group, or in the middle of something else. The one that the trigger belongs
 * to is a hit; all triggers before another number, or before one whose end is not here yet, are judged.
 */
export function iban(at: i32, limit: i32, final: bool): i32 {
  const asked = has(alphanumeric, at - 2) ? at - 5 : at - 6;
  setStart(asked);
  if (asked > windowAt && has(word, asked - 1)) return no;
  /** At which places numbers are due, by their last bits. */
  let dueBits: u64 = 0;
  let others = 0;
  let sum = 0;
  /** How many digits there were, without whole periods; letters stand for two. */
  let digits = 0;
  /** How many characters there were. */
  let ordinal = 0;
  let index = asked;
  let size = 0;
  const ceiling = limit - 4;
  while (true) {
    const group = index;
    const begun = ordinal;
    if (index <= ceiling) {
      const text = load<u32>(index);
      if (mayBeHead(text)) {
        const country = countryAt(text);
        if (country > 0) {
          const end = begun + (country & ((1 << lengthBits) - 1));
          if (((dueBits >> u64(end)) & 1) != 0) keepOther(others++, end);
          const head = (country >> lengthBits) + checkDigits(text);
          sum += head * i32(load<u8>(weights + digits + 6));
          digits = within(digits + 6);
          index += 4;
          // One is what a valid number leaves.
          store<i32>(slot(end), sum);
          store<i32>(slot(end), ((head - 1) << beginsBits) | group, 4);
          dueBits |= u64(1) << u64(end);
        }
      } else if (isFourDigits(text)) {
        sum += fourDigits(text) * i32(load<u8>(weights + digits + 4));
        digits = within(digits + 4);
        index += 4;
        // Mostly no number ends in a group of four, and another group follows.
        if (index < limit) if (load<u8>(characters + i32(load<u8>(index))) == other + 1)
          if ((((dueBits >> u64(begun + 4)) & 1) | others) == 0) {
            dueBits &= rotl(u64.MAX_VALUE << 4, u64(begun + 1));
            ordinal = begun + 4;
            index++;
            continue;
          }
      }
    }
    let value = other;
    if (index < limit) value = i32(load<u8>(characters + i32(load<u8>(index))));
    if (value < other) {
      while (index <= ceiling) {
        const text = load<u32>(index);
        if (!isFourDigits(text)) break;
        sum += fourDigits(text) * i32(load<u8>(weights + digits + 4));
        digits = within(digits + 4);
        index += 4;
      }
      value = other;
      while (index < limit) {
        value = i32(load<u8>(characters + i32(load<u8>(index))));
        if (value >= other) break;
        digits = within(digits + 1 + i32(value > 9));
        sum += i32(load<u8>(weighed + ((digits << valueBits) | value)));
        index++;
      }
    }
    size = index - group;
    ordinal = begun + size;
    // What stands behind it is not here yet.
    let open = 0;
    if (index >= limit) open = i32(!final);
    if (((dueBits >> u64(ordinal)) & 1) != 0) {
      if (open == 0) if (size <= numberMax) if (index >= limit || !has(word, index)) {
        const head = load<i32>(slot(ordinal), 4);
        let begins = isValid(load<i32>(slot(ordinal)), head, sum, digits) ? head & beginsMask : 0;
        if (begins == 0) if (others > 0) begins = validOther(others, ordinal, sum, digits);
        if (begins == asked) {
          setEnd(index);
          return found;
        }
        if (begins != 0) {
          setJudged(begins + 4);
          return no;
        }
      }
    }
    if (size == 0) break;
    // Numbers that end in the group are none.
    const passed = size - open;
    dueBits &= passed > numberMax ? 0 : rotl(u64.MAX_VALUE << u64(passed), u64(begun + 1));
    if (others > 0) others = withoutOthers(others, begun + 1, passed);
    // At most one separator between two characters.
    if (index >= limit) break;
    if (value == other) break;
    index++;
  }
  if (index < limit || final) {
    setJudged(index);
    return no;
  }
  // The first number whose end is not here; before it everything is decided.
  let first = i32.MAX_VALUE;
  for (; dueBits != 0; dueBits &= dueBits - 1)
    first = min(first, load<i32>(slot(i32(ctz(dueBits))) + 4) & beginsMask);
  for (let which = 0; which < others; which++) first = min(first, load<i32>(alsoDue + (which << 4), 8) & beginsMask);
  if (first == asked) return more;
  if (first != i32.MAX_VALUE) setJudged(first + 4);
  else setJudged(size == 0 ? limit : max(at, limit - 4));
  return no;
}

/** Without whole periods. */
@inline
function within(digits: i32): i32 {
  return digits >= period ? digits - period : digits;
}

/** The number that is due at a place makes room for a later one. */
function keepOther(which: i32, end: i32): void {
  const other = alsoDue + ((which & placeMask) << 4);
  store<i32>(other, end & placeMask);
  store<i32>(other, load<i32>(slot(end)), 4);
  store<i32>(other, load<i32>(slot(end), 4), 8);
}

/** Where the latest of the other numbers begins that is due at a place and is valid; 0 for none. */
function validOther(others: i32, ordinal: i32, sum: i32, digits: i32): i32 {
  for (let which = others - 1; which >= 0; which--) {
    const other = alsoDue + (which << 4);
    const head = load<i32>(other, 8);
    if (load<i32>(other) == (ordinal & placeMask) && isValid(load<i32>(other, 4), head, sum, digits))
      return head & beginsMask;
  }
  return 0;
}

/** Forgets the other numbers that were due at some places; answers how many are left. */
function withoutOthers(others: i32, first: i32, count: i32): i32 {
  let left = 0;
  for (let which = 0; which < others; which++) {
    const other = alsoDue + (which << 4);
    if (((load<i32>(other) - first) & placeMask) >= count) memory.copy(alsoDue + (left++ << 4), other, 16);
  }
  return left;
}

@inline
function isFourDigits(text: u32): bool {
  return (text & (text + 0x06060606) & 0xf0f0f0f0) == 0x30303030;
}

/** What four digits stand for. */
@inline
function fourDigits(text: u32): i32 {
  const pairs = ((text & 0x0f0f0f0f) * 10 + ((text >> 8) & 0x0f0f0f)) & 0xff00ff;
  return i32((pairs * 100 + (pairs >> 16)) & 0xffff);
}

/** Most texts that are no head are told by the upper halves of their bytes. */
@inline
function mayBeHead(text: u32): bool {
  return (text & 0xf0f0e0e0) == 0x30304040;
}

/** The two digits behind the country. */
@inline
function checkDigits(text: u32): i32 {
  return i32((text >> 16) & 15) * 10 + i32((text >> 24) & 15);
}

/** What is known of the country of a head; 0 when it is none. */
@inline
function countryAt(text: u32): i32 {
  if (((text + 0x06060000) & 0xf0f00000) != 0x30300000) return 0;
  if (u32(checkDigits(text) - 2) > 96) return 0;
  return i32(load<u16>(countries + (((text & 31) << 6) | ((text >> 7) & 62))));
}

/** ISO 7064: everything behind the check digits, and then country and check digits, leave one. */
@inline
function isValid(before: i32, head: i32, sum: i32, digits: i32): bool {
  const whole = u32(sum - before) + u32(head >> beginsBits) * u32(load<u8>(weights + digits + 6));
  // The quotient by 97, exact below 69,000,000: a division takes as long as everything else here.
  return whole == 97 * u32((u64(whole) * 44278014) >> 32);
}
