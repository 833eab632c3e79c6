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
/** The last groups: where each begins, its sums by Luhn with its last digit plain and doubled, and its size. */
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
// @ts-ignore: decorator
@inline
function doubled(value: i32): i32 {
  return (value << 1) - (value > 4 ? 9 : 0);
}

/**
 * Goes along the groups of digits from before the trigger to the end of the run. The first card that ends with the
 * trigger is a hit; one that ends later is left to its own trigger, and all groups before it are judged.
 */
export function card(at: i32, limit: i32, final: bool): i32 {
  const asked = at - 1;
  let index = asked;
  const floor = max(windowAt, asked - cardBytesMax - cardDigitsMax);
  while (index > floor) {
    const byte = load<u8>(index - 1);
    if (u32(byte) - 0x30 > 9 && ((byte != 0x20 && byte != 0x2d) || !has(digit, index))) break;
    index--;
  }
  // In the middle of a group there is no beginning of one.
  if (index == floor && index > windowAt) while (index < asked && has(digit, index)) index++;
  if (!has(digit, index)) index++;
  // The last group alone is longer than any card.
  if (index > asked) return no;
  let group = 0;
  let form = 0;
  /** How many of the last separators were the same, and which. */
  let alike = 0;
  let separator = 0;
  let judged = asked;
  while (true) {
    const start = index;
    let plain = 0;
    let twice = 0;
    while (index < limit) {
      const value = i32(load<u8>(index)) - 0x30;
      if (u32(value) > 9) break;
      const next = twice + value;
      twice = plain + doubled(value);
      plain = next;
      index++;
    }
    const size = index - start;
    if (index >= limit && !final) {
      setJudged(judged);
      return index <= asked ? more : no;
    }
    const slot = groups + ((group & 7) << 4);
    store<i32>(slot, start);
    store<i32>(slot, plain, 4);
    store<i32>(slot, twice, 8);
    store<i32>(slot, size, 12);
    form = ((form << 4) | min(size, 15)) & 0xfffff;
    const behind = i32(load<u8>(index));
    const goesOn = (behind == 0x20 || behind == 0x2d) && index < limit;
    if (index >= asked) {
      // A letter right behind makes it an identifier.
      const begins = index < limit && has(word, index) ? -1 : cardStart(group, form, alike);
      if (begins >= 0) {
        setJudged(judged);
        if (index != asked) return no;
        setStart(begins);
        setEnd(index);
        setJudged(at);
        return found;
      }
    }
    if (goesOn && index + 1 >= limit && !final) {
      setJudged(judged);
      if (index == asked) return more;
      if (index > asked) return no;
    }
    const another = goesOn && index + 1 < limit && has(digit, index + 1);
    if (!another) {
      // Any other grouping only where a whole run of digits is one number, so that it ends here.
      if (index >= asked && size < cardDigitsMin && alike > 0 && !(index < limit && has(word, index))) {
        const begins = runStart(index, separator);
        if (begins >= 0) {
          setJudged(judged);
          if (index != asked) return no;
          setStart(begins);
          setEnd(index);
          setJudged(at);
          return found;
        }
      }
      setJudged(max(judged, index + 1));
      return no;
    }
    if (index >= asked) judged = index + 1;
    alike = behind == separator ? alike + 1 : 1;
    separator = behind;
    index++;
    group++;
  }
  return no;
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
// @ts-ignore: decorator
@inline
function cardStart(group: i32, form: i32, alike: i32): i32 {
  const last = groups + ((group & 7) << 4);
  const size = load<i32>(last, 12);
  if (size >= cardDigitsMin) {
    const start = load<i32>(last);
    if (size > cardDigitsMax || load<i32>(last, 4) % 10 != 0) return -1;
    return issued(start, size) && !isInside(start) ? start : -1;
  }
  const count = groupsOf(form, alike);
  return count == 0 ? -1 : groupedStart(group, count);
}

function groupedStart(group: i32, count: i32): i32 {
  let sum = 0;
  let digits = 0;
  for (let index = group; index > group - count; index--) {
    const slot = groups + ((index & 7) << 4);
    sum += (digits & 1) == 0 ? load<i32>(slot, 4) : load<i32>(slot, 8);
    digits += load<i32>(slot, 12);
  }
  if (sum % 10 != 0) return -1;
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
  return sum % 10 == 0;
}
