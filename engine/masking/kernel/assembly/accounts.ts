// International bank account numbers (ISO 13616): country, its length, and the check by 97.
import { found, more, no, setEnd, setJudged, setStart } from "./hit";
import { windowAt } from "./layout";
import { alphanumeric, has, word } from "./sets";

/** Lengths by country of the IBAN registry. */
const lengths: i32 = i32(memory.data(676));
/** Characters of a run so far whose remainders are kept: more than the longest number has. */
const keptMask: i32 = 63;
/** Before each character of the run: the remainder by 97 of all before it. */
const before: i32 = i32(memory.data(64));
/**
 * For each number by its first character, what its check needs once its check digits are seen: the remainder up to
 * there, what has to be left of the rest, and how many digits came before the rest.
 */
const goals: i32 = i32(memory.data(256, 16));
/** Where numbers begin, by their first character. */
const places: i32 = i32(memory.data(256, 16));
/** For each place in the run: the number that would end there, counted from one, and others that would end with it. */
const due: i32 = i32(memory.data(256, 16));
const alsoDue: i32 = i32(memory.data(256, 16));
/** What a character stands for; see `other`. */
const characters: i32 = i32(memory.data(256));
/** The remainder with a character's one or two digits behind it. */
const folded: i32 = i32(memory.data(8192));
/** Powers of ten by 97. */
const powers: i32 = i32(memory.data(128));
/** For what country and check digits leave, what everything behind them has to leave. */
const rests: i32 = i32(memory.data(97));

const remainderBits: i32 = 7;
const remainderMask: i32 = 127;
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
function slot(table: i32, ordinal: i32): i32 {
  return table + ((ordinal & keptMask) << 2);
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
  memory.fill(due, 0, 256);
  let remainder = 0;
  let count = 0;
  let ordinal = 0;
  /** Where a group began, counted in characters. */
  let begun = 0;
  let index = asked;
  for (; index < limit; index++) {
    const value = i32(load<u8>(characters + i32(load<u8>(index))));
    if (value >= other) {
      if (value == other) break;
      // At most one separator between two characters.
      if (i32(load<u8>(characters + i32(load<u8>(index - 1)))) >= other) break;
      begun = ordinal;
      continue;
    }
    store<u8>(before + (ordinal & keptMask), remainder);
    // Letters stand for two digits.
    count += value < 10 ? 1 : 2;
    remainder = load<u8>(folded + ((remainder << valueBits) | value));
    ordinal++;
    if (ordinal == begun + 4 && value < 10) {
      const length = lengthAt(index);
      if (length > 0) {
        const end = begun + length;
        store<i32>(slot(places, begun), index - 3);
        store<i32>(slot(goals, begun), goalOf(load<u8>(before + (begun & keptMask)), remainder, count));
        store<i32>(slot(alsoDue, begun), load<i32>(slot(due, end)));
        store<i32>(slot(due, end), begun + 1);
      }
    }
    let start = load<i32>(slot(due, ordinal));
    if (start == 0) continue;
    // What stands behind it is not here yet.
    if (index + 1 >= limit && !final) {
      index = limit;
      break;
    }
    store<i32>(slot(due, ordinal), 0);
    for (; start > 0; start = load<i32>(slot(alsoDue, start - 1))) {
      if (isValid(load<i32>(slot(goals, start - 1)), remainder, count) && endsAt(index, limit)) {
        if (start == 1) {
          setEnd(index + 1);
          return found;
        }
        setJudged(load<i32>(slot(places, start - 1)) + 4);
        return no;
      }
    }
  }
  if (index < limit || final) {
    setJudged(index);
    return no;
  }
  // The first number whose end is not here; before it everything is decided.
  let first = 0;
  for (let place = 0; place <= keptMask; place++)
    for (let one = load<i32>(slot(due, place)); one > 0; one = load<i32>(slot(alsoDue, one - 1)))
      if (first == 0 || one < first) first = one;
  if (first == 1) return more;
  if (first > 0) setJudged(load<i32>(slot(places, first - 1)) + 4);
  else setJudged(begun == ordinal ? limit : max(at, limit - 4));
  return no;
}

/** The length of the number whose check digits end at `end`; 0 when none does. */
function lengthAt(end: i32): i32 {
  const first = i32(load<u8>(end - 3));
  const second = i32(load<u8>(end - 2));
  const tens = i32(load<u8>(end - 1));
  const ones = i32(load<u8>(end));
  if (first < 65 || second < 65 || tens < 48 || tens > 57) return 0;
  const check = (tens - 48) * 10 + ones - 48;
  return check < 2 || check > 98 ? 0 : i32(load<u8>(lengths + countryIndex(first, second)));
}

// @ts-ignore: decorator
@inline
function endsAt(last: i32, limit: i32): bool {
  return last + 1 >= limit || !has(word, last + 1);
}

/** What is known of a number once its check digits are seen, from the remainders before it and behind them. */
function goalOf(head: i32, body: i32, count: i32): i32 {
  const first = (body + 97 * 97 - head * headPower()) % 97;
  return body | (i32(load<u8>(rests + first)) << remainderBits) | ((count & digitsMask) << (2 * remainderBits));
}

/** ISO 7064: everything behind the check digits, and then country and check digits, leave one. */
function isValid(goal: i32, remainder: i32, count: i32): bool {
  const digitsBehind = (count - (goal >> (2 * remainderBits))) & digitsMask;
  const rest = (goal >> remainderBits) & remainderMask;
  return ((goal & remainderMask) * i32(load<u8>(powers + digitsBehind)) + rest) % 97 == remainder;
}
