// Payment cards: ISO/IEC 7812 issuer ranges in use, Luhn's check digit, plain or in groups. Where one may end in a run of
// digits and separators is found for a block of bytes at once, one bit each; only there anything is summed.
import { found, more, no, setEnd, setJudged, setStart } from "./hit";
import { windowAt } from "./layout";
import { digit, has, word } from "./sets";
import { all } from "./splats";

const cardDigitsMin: i32 = 13;
const cardDigitsMax: i32 = 19;

/** For each first four digits the lengths that are issued: bit 0 for thirteen digits, and so on. */
const issuedLengths: i32 = i32(memory.data(10000));

// How cards are written: four fours, and so on; behind them plain numbers by their length.
const fourFours: i32 = 0;
const fourFoursThree: i32 = 1;
const fourFoursTwo: i32 = 2;
const threeFoursOne: i32 = 3;
const fourSixFive: i32 = 4;
const fourSixFour: i32 = 5;
const fourFourFive: i32 = 6;
const plain: i32 = 7;
/** For each form how many digits it has. */
const formDigits: i32 = i32(memory.data(16));
/** And how many bytes. */
const formBytes: i32 = i32(memory.data(16));
/** Which of its bytes are digits: the last one in the highest bit, and behind the first one a bit for what stands before. */
const formPatterns: i32 = i32(memory.data(64));
/** For the size of the last group, up to two forms in groups that end with one. */
const formsByLast: i32 = i32(memory.data(16));
const noForm: i32 = 255;
/** Of the 32 bytes that end with a card of the form: what leaves the values of its digits, those that Luhn doubles, nines. */
const formMasks: i32 = i32(memory.data(1792, 16));
const formMasksBits: i32 = 7;

/** Fills the tables. */
export function fillCards(): void {
  for (let prefix = 0; prefix < 10000; prefix++) {
    let bits = 0;
    for (let length = cardDigitsMin; length <= cardDigitsMax; length++)
      if (isIssued(prefix, length)) bits |= 1 << (length - cardDigitsMin);
    store<u8>(issuedLengths + prefix, bits);
  }
  memory.fill(formsByLast, u8(noForm), 16);
  // The sizes of the groups, the last one in the lowest four bits.
  fillForm(fourFours, 0x4444);
  fillForm(fourFoursThree, 0x44443);
  fillForm(fourFoursTwo, 0x44442);
  fillForm(threeFoursOne, 0x4441);
  fillForm(fourSixFive, 0x465);
  fillForm(fourSixFour, 0x464);
  fillForm(fourFourFive, 0x445);
  for (let length = cardDigitsMin; length <= cardDigitsMax; length++) fillForm(plain + length - cardDigitsMin, length);
}

function fillForm(form: i32, groups: i32): void {
  const masks = formMasks + (form << formMasksBits);
  let digits = 0;
  let size = 0;
  let pattern: u32 = 0;
  const isPlain = form >= plain;
  for (let rest = groups; rest > 0; rest = isPlain ? 0 : rest >> 4) {
    if (size > 0) {
      size++;
      pattern <<= 1;
    }
    for (let count = isPlain ? rest : rest & 15; count > 0; count--) {
      size++;
      pattern = (pattern << 1) | 1;
      store<u8>(masks + 32 - size, 0x0f);
      if ((digits & 1) != 0) {
        store<u8>(masks + 64 - size, 0x0f);
        // What is more than nine when doubled counts by its digits.
        store<u8>(masks + 96 - size, 9);
      }
      digits++;
    }
  }
  store<u8>(formDigits + form, digits);
  store<u8>(formBytes + form, size);
  store<u32>(formPatterns + (form << 2), pattern << 1);
  if (isPlain) return;
  const byLast = formsByLast + ((groups & 15) << 1);
  store<u8>(byLast + i32(load<u8>(byLast) != noForm), form);
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

/** Sixteen bytes that are digits: one bit each. */
@inline
function digits16(at: i32): u64 {
  return u64(i8x16.bitmask(i8x16.le_u(i8x16.sub(v128.load(at), all(0x30)), all(9))));
}

/** Which of 64 bytes are digits, without those before the window or behind the limit. */
@inline
function digits64(at: i32, limit: i32): u64 {
  let bits = digits16(at) | (digits16(at + 16) << 16) | (digits16(at + 32) << 32) | (digits16(at + 48) << 48);
  if (limit - at < 64) bits &= (u64(1) << u64(limit - at)) - 1;
  if (at < windowAt) bits &= u64.MAX_VALUE << u64(windowAt - at);
  return bits;
}

/** Which of 16 bytes are a certain one. */
@inline
function bytes16(at: i32, byte: i32): u64 {
  return u64(i8x16.bitmask(i8x16.eq(v128.load(at), all(byte))));
}

/** Which of 64 bytes are a certain one. */
@inline
function bytes64(at: i32, byte: i32): u64 {
  return bytes16(at, byte) | (bytes16(at + 16, byte) << 16) | (bytes16(at + 32, byte) << 32) | (bytes16(at + 48, byte) << 48);
}

/** So many bytes of a block stand before the first one where the end of a card is looked for: more than any card has. */
const beforeBytes: i32 = 24;
/** Before the end of a run so many are seen: more than any run has that is one card. */
const runBytes: i32 = 48;
/** The last byte of a block is only seen. */
const lastBit: i32 = 62;

// The block: from where, and the places behind groups of digits where a card of each form may end.
let base: i32 = 0;
let plains: u64 = 0;
let foursFour: u64 = 0;
let foursThree: u64 = 0;
let foursTwo: u64 = 0;
let foursOne: u64 = 0;
let sixFive: u64 = 0;
let sixFour: u64 = 0;
let fourFive: u64 = 0;
/** Where a card of any form may end. */
let candidates: u64 = 0;
/** Where runs of groups end. */
let runEnds: u64 = 0;
let digitsOfBlock: u64 = 0;

/** Where the next card ends that is known already, and begins; what lies before is judged. */
let nextEnd: i32 = 0;
let nextStart: i32 = 0;

/** The window has other bytes. */
export function forgetCards(): void {
  base = 0;
  nextEnd = 0;
}

/** Finds the places in the block where a card may end. */
function see(at: i32, limit: i32): void {
  base = at;
  const d = digits64(base, limit);
  const others = ~d;
  const spaces = bytes64(base, 0x20);
  const separators = spaces | bytes64(base, 0x2d);
  // Behind one digit, two, and so on.
  const one = d << 1;
  const two = one & (one << 1);
  const three = two & (one << 2);
  const four = two & (two << 2);
  const five = four & (one << 4);
  const six = four & (two << 4);
  const twelve = four & (four << 4) & (four << 8);
  // Behind a group of just so many.
  const four4 = others & four & ~(one << 4);
  const four5 = others & five & ~(one << 5);
  // At separators behind one group of four, and behind two, three and four with the same separator.
  const alike5 = ~(spaces ^ (spaces << 5));
  const a1 = separators & four4;
  const a2 = a1 & (a1 << 5) & alike5;
  const a3 = a2 & (a2 << 5);
  const a4 = a3 & (a3 << 5);
  // At separators behind six digits, and before these four and the same separator.
  const b2 = separators & six & ~(one << 6) & (a1 << 7) & ~(spaces ^ (spaces << 7));
  plains = others & twelve & (one << 12);
  foursFour = four4 & (a3 << 5);
  foursThree = others & three & ~(one << 3) & (a4 << 4);
  foursTwo = others & two & ~(one << 2) & (a4 << 3);
  foursOne = others & one & ~(one << 1) & (a3 << 2);
  sixFive = four5 & (b2 << 6);
  sixFour = four4 & (b2 << 5);
  fourFive = four5 & (a2 << 6);
  const seen = (u64(1) << (lastBit + 1)) - 1;
  candidates = seen & (plains | foursFour | foursThree | foursTwo | foursOne | sixFive | sixFour | fourFive);
  runEnds = seen & others & one & ~(separators & (d >> 1));
  digitsOfBlock = d;
}

/**
 * A card that ends with the trigger is a hit. Looks along the run of groups for the next one that ends later, which is left
 * to its own trigger; all groups before it are judged.
 */
export function card(at: i32, limit: i32, final: bool): i32 {
  const asked = at - 1;
  let verdict = no;
  let from = asked;
  if (asked == nextEnd) {
    setStart(nextStart);
    setEnd(asked);
    verdict = found;
    from = at;
    // It was found in this block.
    if (((runEnds >> u64(asked - base)) & 1) != 0) {
      setJudged(at);
      return found;
    }
  }
  nextEnd = 0;
  if (from == asked) if (endsRun(asked, limit, final)) return alone(asked, limit);
  if (base == 0 || from < base + beforeBytes || from > base + lastBit) see(from - beforeBytes, limit);
  let places = (candidates | runEnds) & (u64.MAX_VALUE << u64(from - base));
  while (true) {
    if (places == 0) {
      see(base + lastBit + 1 - beforeBytes, limit);
      places = (candidates | runEnds) & (u64.MAX_VALUE << u64(beforeBytes));
      continue;
    }
    const bit = u64(ctz(places));
    const end = base + i32(bit);
    if (end >= limit) if (!final) return undecided(verdict, end, asked);
    const isEnd = ((runEnds >> bit) & 1) != 0;
    let begins = -1;
    if (((candidates >> bit) & 1) != 0) begins = candidate(bit, end, limit);
    if (isEnd) {
      if (begins < 0) {
        if (!endsRun(end, limit, final)) return undecided(verdict, end, asked);
        begins = lastStart(end, limit);
      }
      if (begins < 0) {
        setJudged(end + 1);
        return verdict;
      }
    }
    if (begins >= 0) {
      if (end != asked) {
        nextEnd = end;
        nextStart = begins;
        setJudged(end);
        return verdict;
      }
      setStart(begins);
      setEnd(end);
      verdict = found;
      if (isEnd) {
        setJudged(at);
        return found;
      }
    }
    places &= places - 1;
  }
  return no;
}

/** Whether a run of groups ends with the group before a place, whatever comes. */
@inline
function endsRun(end: i32, limit: i32, final: bool): bool {
  if (end >= limit) return final;
  const behind = i32(load<u8>(end));
  if (behind != 0x20) if (behind != 0x2d) return true;
  return end + 1 >= limit ? final : !has(digit, end + 1);
}

/** The trigger ends its run. */
@inline
function alone(asked: i32, limit: i32): i32 {
  setJudged(asked + 1);
  const begins = lastStart(asked, limit);
  if (begins < 0) return no;
  setStart(begins);
  setEnd(asked);
  return found;
}

/** What is behind a place decides whether a card ends there. */
@inline
function undecided(verdict: i32, end: i32, asked: i32): i32 {
  if (end == asked) return more;
  setJudged(end);
  return verdict;
}

/** Where the card begins that ends at a place of the block in one of the forms, or -1. */
@inline
function candidate(bit: u64, end: i32, limit: i32): i32 {
  // A letter right behind makes it an identifier.
  if (end < limit) if (has(word, end)) return -1;
  const form = formAt(bit);
  return form < 0 ? -1 : startOf(form, end);
}

/** Where the card begins that ends at a place in a form, or -1 when it is none. */
@inline
function startOf(form: i32, end: i32): i32 {
  if (!isValid(form, end)) return -1;
  const start = end - i32(load<u8>(formBytes + form));
  // All forms begin with four digits.
  if (!isIssuedAt(firstFour(load<u32>(start)), i32(load<u8>(formDigits + form)))) return -1;
  return isInside(start) ? -1 : start;
}

/** The form in which a card ends at a place of the block; -1 for plain numbers that are too long. */
@inline
function formAt(shift: u64): i32 {
  if (((foursFour >> shift) & 1) != 0) return fourFours;
  if (((plains >> shift) & 1) != 0) {
    const length = i32(clz(~(digitsOfBlock << (64 - shift))));
    return length > cardDigitsMax ? -1 : plain + length - cardDigitsMin;
  }
  if (((foursOne >> shift) & 1) != 0) return threeFoursOne;
  if (((sixFive >> shift) & 1) != 0) return fourSixFive;
  if (((sixFour >> shift) & 1) != 0) return fourSixFour;
  if (((fourFive >> shift) & 1) != 0) return fourFourFive;
  return ((foursThree >> shift) & 1) != 0 ? fourFoursThree : fourFoursTwo;
}

/** Luhn's check of what ends at a place and is written in a form. */
@inline
function isValid(form: i32, end: i32): bool {
  const masks = formMasks + (form << formMasksBits);
  const counted = i8x16.add(counting(end - 32, masks), counting(end - 16, masks + 16));
  return isTens(sumOf(i64x2.extract_lane(counted, 0) + i64x2.extract_lane(counted, 1)));
}

/** What each of sixteen bytes counts. */
@inline
function counting(at: i32, masks: i32): v128 {
  const values = v128.and(v128.load(at), v128.load(masks));
  const above = v128.and(i8x16.ge_u(values, all(5)), v128.load(masks, 64));
  return i8x16.sub(i8x16.add(values, v128.and(values, v128.load(masks, 32))), above);
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

/** Four digits as a number. */
@inline
function firstFour(text: u32): i32 {
  const values = text & 0x0f0f0f0f;
  const pairs = (values * 10 + (values >> 8)) & 0xff00ff;
  return i32((pairs * 100 + (pairs >> 16)) & 0xffff);
}

/** Whether cards of a length begin with four digits. */
@inline
function isIssuedAt(prefix: i32, length: i32): bool {
  return ((load<u8>(issuedLengths + prefix) >> u8(length - cardDigitsMin)) & 1) == 1;
}

/**
 * Where the card begins that ends a run, or -1: one of the forms, and any other grouping only where the whole run is one
 * number, all with one separator.
 */
function lastStart(end: i32, limit: i32): i32 {
  // A letter right behind makes it an identifier.
  if (end < limit) if (has(word, end)) return -1;
  // The last digit is in the highest bit.
  const first = end - runBytes;
  let digits = (digits16(first) << 16) | (digits16(first + 16) << 32) | (digits16(first + 32) << 48);
  if (first < windowAt) digits &= u64.MAX_VALUE << u64(64 - (end - windowAt));
  const last = i32(clz(~digits));
  if (last >= cardDigitsMin) return last > cardDigitsMax ? -1 : startOf(plain + last - cardDigitsMin, end);
  const before = u64(63 - last);
  const spaces = (bytes16(first, 0x20) << 16) | (bytes16(first + 16, 0x20) << 32) | (bytes16(first + 32, 0x20) << 48);
  const dashes = (bytes16(first, 0x2d) << 16) | (bytes16(first + 16, 0x2d) << 32) | (bytes16(first + 32, 0x2d) << 48);
  const alike = ((spaces >> before) & 1) != 0 ? spaces : dashes;
  const inside = digits | (alike & (digits << 1));
  const size = i32(clz(~inside));
  // One group alone.
  if (size == last) return -1;
  if (last < 6) {
    const begins = max(
      formedStart(load<u8>(formsByLast + (last << 1)), digits, size, end),
      formedStart(load<u8>(formsByLast + (last << 1), 1), digits, size, end),
    );
    if (begins >= 0) return begins;
  }
  const total = i32(popcnt(digits & ~(u64.MAX_VALUE >> u64(size))));
  if (total < cardDigitsMin) return -1;
  if (total > cardDigitsMax) return -1;
  const start = end - size;
  if (!isIssuedAt(firstFour(fourDigits(start)), total)) return -1;
  return !isInside(start) && luhn(start, end) ? start : -1;
}

/** Where a card of a form in groups begins that ends at a place, or -1. */
@inline
function formedStart(form: i32, digits: u64, size: i32, end: i32): i32 {
  if (form == noForm) return -1;
  const bytes = i32(load<u8>(formBytes + form));
  if (size < bytes) return -1;
  if (u32(digits >> u64(63 - bytes)) != load<u32>(formPatterns + (form << 2))) return -1;
  return startOf(form, end);
}

/** True when letters, or digits and a decimal point, stand right before a number. */
@inline
function isInside(start: i32): bool {
  if (start <= windowAt) return false;
  return has(word, start - 1) || (load<u8>(start - 1) == 0x2e && start - 2 >= windowAt && has(digit, start - 2));
}

/** The first four digits of a number. Separators may stand between them. */
@inline
function fourDigits(start: i32): u32 {
  const text = load<u32>(start);
  // A separator has no such bit.
  if ((text & 0x10101010) == 0x10101010) return text;
  let four: u32 = 0;
  for (let at = start, shift = 0; shift < 32; at++) {
    if (!has(digit, at)) continue;
    four |= u32(load<u8>(at)) << shift;
    shift += 8;
  }
  return four;
}

/** Luhn's check of digits with separators between them. */
function luhn(start: i32, end: i32): bool {
  let sum = 0;
  let twice = false;
  for (let at = end - 1; at >= start; at--) {
    const value = i32(load<u8>(at)) - 0x30;
    if (u32(value) > 9) continue;
    sum += twice ? (value << 1) - (value > 4 ? 9 : 0) : value;
    twice = !twice;
  }
  return isTens(sum);
}
