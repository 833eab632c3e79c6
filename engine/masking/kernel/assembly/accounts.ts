// International bank account numbers (ISO 13616): country, its length, and the check by 97.
import { found, more, no, setEnd, setJudged, setStart } from "./hit";
import { windowAt } from "./layout";
import { alphanumeric, has, word } from "./sets";

/** Lengths by country of the IBAN registry. */
const lengths: i32 = i32(memory.data(676));
/** Places in a run are told apart by these bits: more than the longest number has characters. */
const placeMask: i32 = 63;
/** For each place, the number that is due there: its goal, and in the upper half where it begins. */
const due: i32 = i32(memory.data(512, 16));
/** Numbers that are due where a later one is due as well, in order: the place, the goal, and where it begins. */
const alsoDue: i32 = i32(memory.data(1024, 16));
/** What a character stands for; see `other`. */
const characters: i32 = i32(memory.data(256));
/** The remainder with a character's one or two digits behind it. */
const folded: i32 = i32(memory.data(8192));
/** Powers of ten by 97. */
const powers: i32 = i32(memory.data(128));
/** For what country and check digits leave, what everything behind them has to leave, wherever the number stands. */
const rests: i32 = i32(memory.data(97));

const bodyBits: i32 = 7;
const bodyMask: i32 = 127;
const restBits: i32 = 8;
const restMask: i32 = 255;
/** Digits are counted up to this many: more than stand between a number's check digits and its end. */
const digitsMask: i32 = 127;
const valueBits: i32 = 6;
/** A byte that ends a run; a separator is one more. */
const other: i32 = 100;

/** Fills the tables. */
export function fillAccounts(): void {
  const entries =
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";
  for (let at = 0; at < entries.length; at += 5) {
    const size = (entries.charCodeAt(at + 2) - 48) * 10 + entries.charCodeAt(at + 3) - 48;
    store<u8>(lengths + countryIndex(entries.charCodeAt(at), entries.charCodeAt(at + 1)), size);
  }
  memory.fill(characters, u8(other), 256);
  for (let value = 0; value < 36; value++) store<u8>(characters + (value < 10 ? 48 + value : 55 + value), value);
  store<u8>(characters + 0x20, other + 1);
  store<u8>(characters + 0x2d, other + 1);
  for (let remainder = 0; remainder < 97; remainder++)
    for (let value = 0; value < 36; value++)
      store<u8>(folded + ((remainder << valueBits) | value), (remainder * (value < 10 ? 10 : 100) + value) % 97);
  for (let exponent = 0, power = 1; exponent <= digitsMask; exponent++) {
    store<u8>(powers + exponent, power);
    power = (power * 10) % 97;
  }
  const head = headPower();
  const whole: i32 = 97 * 97 + 1;
  for (let rest = 0; rest < 97; rest++) store<u8>(rests + ((whole - rest * head) % 97), rest);
}

/** Country and check digits stand for six digits. */
// @ts-ignore: decorator
@inline
function headPower(): i32 {
  return load<u8>(powers + 6);
}

// @ts-ignore: decorator
@inline
function countryIndex(first: i32, second: i32): i32 {
  return (first - 65) * 26 + second - 65;
}

// @ts-ignore: decorator
@inline
function slot(ordinal: i32): i32 {
  return due + ((ordinal & placeMask) << 3);
}

/**
 * Goes along a run of characters and separators, with the remainder of everything before each character, so that a
 * number is checked in a few steps wherever it ends. The one that the trigger belongs to is a hit; all triggers before
 * another number, or before one whose end is not here yet, are judged.
 */
export function iban(at: i32, limit: i32, final: bool): i32 {
  const asked = has(alphanumeric, at - 2) ? at - 5 : at - 6;
  setStart(asked);
  if (asked > windowAt && has(word, asked - 1)) return no;
  /** At which places numbers are due, by their last bits. */
  let dueBits: u64 = 0;
  let others = 0;
  let remainder = 0;
  /** The remainder where the group began. */
  let head = 0;
  let count = 0;
  let ordinal = 0;
  /** Where a group began, counted in characters, and where check digits end that begin with it. */
  let begun = 0;
  let checked = 4;
  let index = asked;
  for (; index < limit; index++) {
    const value = i32(load<u8>(characters + i32(load<u8>(index))));
    if (value >= other) {
      if (value == other) break;
      // At most one separator between two characters.
      if (begun == ordinal) break;
      begun = ordinal;
      checked = ordinal + 4;
      head = remainder;
      continue;
    }
    // Letters stand for two digits.
    count += 1 + i32(value > 9);
    remainder = load<u8>(folded + ((remainder << valueBits) | value));
    ordinal++;
    if (ordinal == checked && value < 10) {
      const length = lengthAt(index);
      if (length > 0) {
        const end = begun + length;
        if (((dueBits >> u64(end)) & 1) != 0) keepOther(others++, end);
        store<u64>(slot(end), u64(u32(goalOf(head, remainder, count))) | (u64(index - 3) << 32));
        dueBits |= u64(1) << u64(end);
      }
    }
    if (((dueBits >> u64(ordinal)) & 1) == 0) continue;
    // What stands behind it is not here yet.
    if (index + 1 >= limit && !final) {
      index = limit;
      break;
    }
    const number = load<u64>(slot(ordinal));
    let begins = isValid(i32(number), remainder, count) ? i32(number >> 32) : 0;
    if (others > 0) {
      if (begins == 0) begins = validOther(others, ordinal, remainder, count);
      others = withoutOthers(others, ordinal);
    }
    dueBits &= ~(u64(1) << u64(ordinal));
    if (begins == 0 || !endsAt(index, limit)) continue;
    if (begins == asked) {
      setEnd(index + 1);
      return found;
    }
    setJudged(begins + 4);
    return no;
  }
  if (index < limit || final) {
    setJudged(index);
    return no;
  }
  // The first number whose end is not here; before it everything is decided.
  let first = i32.MAX_VALUE;
  for (; dueBits != 0; dueBits &= dueBits - 1) first = min(first, load<i32>(slot(i32(ctz(dueBits))) + 4));
  for (let which = 0; which < others; which++) first = min(first, load<i32>(alsoDue + (which << 4), 8));
  if (first == asked) return more;
  if (first != i32.MAX_VALUE) setJudged(first + 4);
  else setJudged(begun == ordinal ? limit : max(at, limit - 4));
  return no;
}

/** The number that is due at a place makes room for a later one. */
function keepOther(which: i32, end: i32): void {
  const other = alsoDue + ((which & placeMask) << 4);
  const number = load<u64>(slot(end));
  store<i32>(other, end & placeMask);
  store<i32>(other, i32(number), 4);
  store<i32>(other, i32(number >> 32), 8);
}

/** Where the latest of the other numbers begins that is due at a place and is valid; 0 for none. */
function validOther(others: i32, ordinal: i32, remainder: i32, count: i32): i32 {
  for (let which = others - 1; which >= 0; which--) {
    const other = alsoDue + (which << 4);
    if (load<i32>(other) == (ordinal & placeMask) && isValid(load<i32>(other, 4), remainder, count))
      return load<i32>(other, 8);
  }
  return 0;
}

/** Forgets the other numbers that were due at a place; answers how many are left. */
function withoutOthers(others: i32, ordinal: i32): i32 {
  let left = 0;
  for (let which = 0; which < others; which++) {
    const other = alsoDue + (which << 4);
    if (load<i32>(other) != (ordinal & placeMask)) memory.copy(alsoDue + (left++ << 4), other, 16);
  }
  return left;
}

/** The length of the number whose check digits, the last one a digit, end at `end`; 0 when none does. */
// @ts-ignore: decorator
@inline
function lengthAt(end: i32): i32 {
  const first = i32(load<u8>(end - 3)) - 65;
  const second = i32(load<u8>(end - 2)) - 65;
  const tens = i32(load<u8>(end - 1)) - 48;
  const check = tens * 10 + i32(load<u8>(end)) - 48;
  const is = i32(u32(first) < 26) & i32(u32(second) < 26) & i32(u32(tens) < 10) & i32(u32(check - 2) <= 96);
  return is == 0 ? 0 : i32(load<u8>(lengths + first * 26 + second));
}

// @ts-ignore: decorator
@inline
function endsAt(last: i32, limit: i32): bool {
  return last + 1 >= limit || !has(word, last + 1);
}

/** What is known of a number once its check digits are seen, from the remainders before it and behind them. */
// @ts-ignore: decorator
@inline
function goalOf(head: i32, body: i32, count: i32): i32 {
  return body | ((i32(load<u8>(rests + body)) + head) << bodyBits) | ((count & digitsMask) << (bodyBits + restBits));
}

/** ISO 7064: everything behind the check digits, and then country and check digits, leave one. */
// @ts-ignore: decorator
@inline
function isValid(goal: i32, remainder: i32, count: i32): bool {
  const digitsBehind = (count - (goal >> (bodyBits + restBits))) & digitsMask;
  const rest = (goal >> bodyBits) & restMask;
  const whole = (goal & bodyMask) * i32(load<u8>(powers + digitsBehind)) + rest;
  // The quotient by 97, exact below 10,000: a division takes as long as everything else here.
  return whole - 97 * ((whole * 43241) >> 22) == remainder;
}
