// Payment cards: ISO/IEC 7812 issuer ranges in use, Luhn's check digit, plain or in groups.
import { found, more, no, setEnd, setJudged, setStart } from "./hit";
import { windowAt } from "./layout";
import { digit, has, word } from "./sets";

const cardDigitsMin: i32 = 13;
const cardDigitsMax: i32 = 19;
/** A card in groups is never longer, with a separator behind each digit. */
const cardBytesMax: i32 = 2 * cardDigitsMax;

/** For each first four digits the lengths that are issued: bit 0 for thirteen digits, and so on. */
const issuedLengths: i32 = i32(memory.data(10000));
/** The last groups: where each begins, its size, and its sums once they are asked for. */
const groups: i32 = i32(memory.data(128));

/** Fills the table. */
export function fillCards(): void {
  for (let prefix = 0; prefix < 10000; prefix++) {
    let bits = 0;
    for (let length = cardDigitsMin; length <= cardDigitsMax; length++)
      if (isIssued(prefix, length)) bits |= 1 << (length - cardDigitsMin);
    store<u8>(issuedLengths + prefix, bits);
  }
}

function isIssued(prefix: i32, length: i32): bool {
  const two = prefix / 100;
  if (two >= 40 && two <= 49) return length == 13 || length == 16 || length == 19;
  if (two >= 51 && two <= 55) return length == 16;
  if (prefix >= 2221 && prefix <= 2720) return length == 16;
  if (two == 34 || two == 37) return length == 15;
  if (two == 36 || two == 38 || two == 39 || (prefix >= 3000 && prefix <= 3059) || prefix == 3095) return length >= 14;
  if (prefix >= 3528 && prefix <= 3589) return length >= 16;
  if (two == 65 || prefix == 6011 || two == 62 || two == 64 || two == 81) return length >= 16;
  if (two == 50 || (two >= 56 && two <= 69)) return true;
  return prefix >= 2200 && prefix <= 2204 && length >= 16;
}

/** What a digit counts where Luhn doubles it. */
@inline
function doubled(value: i32): i32 {
  return (value << 1) - (value > 4 ? 9 : 0);
}

/** Sixteen bytes that are digits: one bit each. */
@inline
function digits16(at: i32): u64 {
  return u64(i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(0x30)), i8x16.splat(10))));
}

/** Which of 64 bytes are digits. */
@inline
function digits64(at: i32): u64 {
  return digits16(at) | (digits16(at + 16) << 16) | (digits16(at + 32) << 32) | (digits16(at + 48) << 48);
}

/** The same of those before a limit. */
@inline
function digitsBefore(at: i32, limit: i32): u64 {
  return limit - at < 64 ? digits64(at) & ((u64(1) << max(0, limit - at)) - 1) : digits64(at);
}

/** Which of 16 bytes are separators. */
@inline
function separators16(at: i32): u64 {
  const text = v128.load(at);
  return u64(i8x16.bitmask(v128.or(i8x16.eq(text, i8x16.splat(0x20)), i8x16.eq(text, i8x16.splat(0x2d)))));
}

/** Where the groups begin that may belong to a card that ends at a place, or behind the place when there are none. */
@inline
function firstGroup(asked: i32): i32 {
  const base = asked - 64;
  const figures = digits64(base);
  const separators =
    separators16(base) | (separators16(base + 16) << 16) | (separators16(base + 32) << 32) | (separators16(base + 48) << 48);
  const others = ~(figures | (separators & (figures >> 1)));
  const floor = max(windowAt, asked - cardBytesMax - cardDigitsMax);
  let index = max(floor, asked - i32(clz(others)));
  // In the middle of a group there is no beginning of one.
  if (index == floor && index > windowAt) index += i32(ctz(~(figures >> u64(index - base))));
  return has(digit, index) ? index : index + 1;
}

// Where the last walk stopped inside of a run: behind which group, and what it knew there. What lies before is judged.
let stoppedAt: i32 = 0;
let stoppedGroup: i32 = 0;
let stoppedForm: i32 = 0;
let stoppedAlike: i32 = 0;
let stoppedSeparator: i32 = 0;
let stoppedJoined: i32 = 0;
/** Where the card begins that ends there. */
let stoppedCard: i32 = 0;

/** The window has other bytes. */
export function forgetCards(): void {
  stoppedAt = 0;
}

export function card(at: i32, limit: i32, final: bool): i32 {
  const asked = at - 1;
  if (stoppedAt != 0 && asked >= stoppedAt) {
    if (asked == stoppedAt && stoppedCard != 0) return foundCard(stoppedCard, at);
    const verdict = walk(stoppedAt, true, at, limit, final);
    if (verdict >= 0) return verdict;
  }
  const first = firstGroup(asked);
  // The last group alone is longer than any card.
  return first > asked ? no : walk(first, false, at, limit, final);
}

function foundCard(begins: i32, at: i32): i32 {
  setStart(begins);
  setEnd(at - 1);
  setJudged(at);
  return found;
}

/**
 * Goes along the groups of digits from before the trigger to the end of the run. The first card that ends with the
 * trigger is a hit; one that ends later is left to its own trigger, and all groups before it are judged. With `again`
 * it goes on where it stopped, and answers less than nothing where the run ends before the trigger.
 */
function walk(from: i32, again: bool, at: i32, limit: i32, final: bool): i32 {
  const asked = at - 1;
  let index = from;
  let group = again ? stoppedGroup : 0;
  let form = again ? stoppedForm : 0;
  /** How many of the last separators were the same, and which, and how many digits there are in the groups they join. */
  let alike = again ? stoppedAlike : 0;
  let separator = again ? stoppedSeparator : 0;
  let joined = again ? stoppedJoined : 0;
  let judged = asked;
  let base = index;
  let figures = digitsBefore(base, limit);
  let seen = again;
  let size = 0;
  stoppedAt = 0;
  while (true) {
    if (!seen) {
      const start = index;
      if (index - base > 40) {
        base = index;
        figures = digitsBefore(base, limit);
      }
      index += i32(ctz(~(figures >> u64(index - base))));
      if (index == base + 64) while (index < limit && has(digit, index)) index++;
      size = index - start;
      if (index >= limit && !final) {
        setJudged(judged);
        return index <= asked ? more : no;
      }
      const slot = groups + ((group & 7) << 4);
      store<i32>(slot, start);
      store<i32>(slot, size, 4);
      store<i32>(slot, -1, 8);
      joined += size;
      form = ((form << 4) | min(size, 15)) & 0xfffff;
      if (index >= asked && (size >= cardDigitsMin || (alike > 1 && groupsOf(form, alike) != 0))) {
        // A letter right behind makes it an identifier.
        const begins = index < limit && has(word, index) ? -1 : cardStart(group, form, alike);
        if (begins >= 0) {
          stoppedAt = index;
          stoppedGroup = group;
          stoppedForm = form;
          stoppedAlike = alike;
          stoppedSeparator = separator;
          stoppedJoined = joined;
          stoppedCard = index == asked ? 0 : begins;
          if (index == asked) return foundCard(begins, at);
          setJudged(judged);
          return no;
        }
      }
    }
    const behind = i32(load<u8>(index));
    const goesOn = (behind == 0x20 || behind == 0x2d) && index < limit;
    if (goesOn && index + 1 >= limit && !final) {
      setJudged(judged);
      if (index == asked) return more;
      if (index > asked) return no;
    }
    const next = index + 1 - base;
    const another =
      goesOn && (next < 64 ? ((figures >> u64(next)) & 1) != 0 : index + 1 < limit && has(digit, index + 1));
    if (!another) {
      if (index < asked && again) return -1;
      // Any other grouping only where a whole run of digits is one number, so that it ends here.
      if (
        index >= asked && !seen && size < cardDigitsMin && joined >= cardDigitsMin && joined <= cardDigitsMax && alike > 0
      ) {
        const begins = index < limit && has(word, index) ? -1 : runStart(index, separator);
        if (begins >= 0) {
          if (index == asked) return foundCard(begins, at);
          setJudged(judged);
          return no;
        }
      }
      setJudged(max(judged, index + 1));
      return no;
    }
    if (index >= asked) judged = index + 1;
    if (behind == separator) alike++;
    else {
      alike = 1;
      joined = seen ? stoppedSize() : size;
      separator = behind;
    }
    seen = false;
    index++;
    group++;
  }
  return no;
}

/** The size of the group where the walk stopped. */
@inline
function stoppedSize(): i32 {
  return load<i32>(groups + ((stoppedGroup & 7) << 4), 4);
}

/** Whether a sum below 1,000 is a multiple of ten, without a division. */
@inline
function isTens(sum: i32): bool {
  return sum == 10 * ((sum * 205) >> 11);
}

/** The sum of eight bytes. */
@inline
function sumOf(bytes: u64): i32 {
  return i32((bytes * 0x0101010101010101) >> 56);
}

/** The sums of a group of at most eight digits by Luhn: with its last digit plain, and 16 bits higher with it doubled. */
function sumsOf(end: i32, size: i32): i32 {
  // The last eight bytes, those before the group left out; the last digit is in the highest byte.
  const own = u64.MAX_VALUE << u64((8 - size) << 3);
  const values = (load<u64>(end - 8) & own) - (0x3030303030303030 & own);
  const above = ((values + 0x7b7b7b7b7b7b7b7b) >> 7) & 0x0101010101010101;
  const twice = (values << 1) - above * 9;
  const odd: u64 = 0xff00ff00ff00ff00;
  return sumOf((values & odd) | (twice & ~odd)) | (sumOf((twice & odd) | (values & ~odd)) << 16);
}

/** How many groups a card is written in by the sizes of the last ones, four bits each; 0 for none. */
function groupsOf(form: i32, alike: i32): i32 {
  if (alike > 3 && (form == 0x44443 || form == 0x44442)) return 5;
  const four = form & 0xffff;
  if (alike > 2 && (four == 0x4444 || four == 0x4441)) return 4;
  const three = form & 0xfff;
  return alike > 1 && (three == 0x465 || three == 0x464 || three == 0x445) ? 3 : 0;
}

/** Where a card begins that ends with the group seen last and is written in one of the usual forms, or -1. */
@inline
function cardStart(group: i32, form: i32, alike: i32): i32 {
  const last = groups + ((group & 7) << 4);
  const size = load<i32>(last, 4);
  if (size >= cardDigitsMin) {
    const start = load<i32>(last);
    if (size > cardDigitsMax || !luhn(start, start + size)) return -1;
    return issued(start, size) && !isInside(start) ? start : -1;
  }
  if (alike > 2 && (form & 0xffff) == 0x4444) {
    // Neither does one of 19 or 18 digits end with such a group.
    const start = load<i32>(last) - 15;
    return isSixteen(start) && issued(start, 16) && !isInside(start) ? start : -1;
  }
  const count = groupsOf(form, alike);
  return count == 0 ? -1 : groupedStart(group, count);
}

/** Luhn's check of four groups of four digits. */
@inline
function isSixteen(start: i32): bool {
  const text = v128.shuffle<i8>(
    v128.load(start), v128.load(start + 3), 0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 28, 29, 30, 31,
  );
  const values = i8x16.sub(text, i8x16.splat(0x30));
  const above = v128.and(i8x16.gt_u(values, i8x16.splat(4)), i8x16.splat(9));
  const twice = i8x16.sub(i8x16.add(values, values), above);
  const counted = v128.bitselect(twice, values, i16x8.splat(0xff));
  return isTens(sumOf(i64x2.extract_lane(counted, 0)) + sumOf(i64x2.extract_lane(counted, 1)));
}

function groupedStart(group: i32, count: i32): i32 {
  let sum = 0;
  let digits = 0;
  for (let index = group; index > group - count; index--) {
    const slot = groups + ((index & 7) << 4);
    const size = load<i32>(slot, 4);
    let sums = load<i32>(slot, 8);
    if (sums < 0) {
      sums = sumsOf(load<i32>(slot) + size, size);
      store<i32>(slot, sums, 8);
    }
    sum += (digits & 1) == 0 ? sums & 0xffff : sums >> 16;
    digits += size;
  }
  if (!isTens(sum)) return -1;
  const start = load<i32>(groups + (((group - count + 1) & 7) << 4));
  return issued(start, digits) && !isInside(start) ? start : -1;
}

/** Where the run of digits begins that ends here, all with one separator, when it is a card; -1 otherwise. */
function runStart(end: i32, separator: i32): i32 {
  let start = end;
  let total = 0;
  for (; start > windowAt; start--) {
    if (has(digit, start - 1)) {
      if (++total > cardDigitsMax) return -1;
    } else if (i32(load<u8>(start - 1)) != separator || start < windowAt + 2 || !has(digit, start - 2)) break;
  }
  if (total < cardDigitsMin || isInside(start) || !issued(start, total)) return -1;
  return luhn(start, end) ? start : -1;
}

/** True when letters, or digits and a decimal point, stand right before a number. */
function isInside(start: i32): bool {
  if (start <= windowAt) return false;
  return has(word, start - 1) || (load<u8>(start - 1) == 0x2e && start - 2 >= windowAt && has(digit, start - 2));
}

/** Whether cards of a length begin with these four digits. Separators may stand between them. */
function issued(start: i32, length: i32): bool {
  let prefix = 0;
  for (let at = start, count = 0; count < 4; at++) {
    const value = i32(load<u8>(at)) - 0x30;
    if (u32(value) > 9) continue;
    prefix = prefix * 10 + value;
    count++;
  }
  return ((load<u8>(issuedLengths + prefix) >> u8(length - cardDigitsMin)) & 1) == 1;
}

function luhn(start: i32, end: i32): bool {
  let sum = 0;
  let twice = false;
  for (let at = end - 1; at >= start; at--) {
    const value = i32(load<u8>(at)) - 0x30;
    if (u32(value) > 9) continue;
    sum += twice ? doubled(value) : value;
    twice = !twice;
  }
  return isTens(sum);
}
