// E-mail and IP addresses.
import { found, more, no, setEnd, setJudged, setStart } from "./hit";
import { windowAt } from "./layout";
import { address, alphanumeric, digit, domain, has, letter, localPart, word } from "./sets";
import { all } from "./splats";
import { fileEndings, isOneOf } from "./words";

const localBytesMax: i32 = 64;
const domainBytesMax: i32 = 255;
/** RFC 1035 2.3.4. */
const labelBytesMax: i32 = 63;
const endingBytesMax: i32 = 24;
const fileEndingBytesMax: i32 = 4;
/** The last letters of `fileEndings` by their last five bits: f, g, l, n, p, s. */
const fileLetters: i32 = (1 << 6) | (1 << 7) | (1 << 12) | (1 << 14) | (1 << 16) | (1 << 19);

export function email(trigger: i32, limit: i32, final: bool): i32 {
  // Behind the at sign: a label, a dot and two bytes.
  const label = trigger - 3;
  const sign = signBefore(label);
  if (sign < 0) return no;
  const at = sign + 1;
  let start = sign;
  const floor = max(windowAt, sign - localBytesMax);
  while (has(localPart, start - 1)) {
    start--;
    if (start <= floor) break;
  }
  start = max(start, floor);
  while (!has(alphanumeric, start)) if (++start >= sign) return no;
  setStart(start);
  const near = isCountry(trigger, limit) ? trigger : quickEnd(at, limit);
  if (near > 0) {
    if (isUserinfo(start)) return no;
    setEnd(near);
    return found;
  }
  if (near == 0) return no;
  let end = label;
  let last = at;
  const ceiling = min(limit, at + domainBytesMax);
  for (; end < ceiling; end++) {
    if (!has(domain, end)) break;
    if (load<u8>(end) == 0x2e) {
      if (end == last) break;
      last = end + 1;
    }
  }
  if (end >= limit && !final && end - at < domainBytesMax) return more;
  // A dot or dash at the end belongs to the sentence.
  while (end > at && !has(alphanumeric, end - 1)) end--;
  // Mostly the last dot seen is the last of the domain, too.
  let top = min(last, end);
  while (top > at && load<u8>(top - 1) != 0x2e) top--;
  if (top <= at + 1 || end - top < 2 || end - top > endingBytesMax) return no;
  for (let index = top; index < end; index++)
    if (!has(letter, index) && !(index > top + 1 && isPunycode(top))) return no;
  if ((end - top <= fileEndingBytesMax && isOneOf(fileEndings, top, end)) || isUserinfo(start)) return no;
  setEnd(end);
  return found;
}

/** Where the at sign stands before a label; -1 where that is too long. */
@inline
function signBefore(label: i32): i32 {
  const near = i8x16.bitmask(i8x16.eq(v128.load(label - 16), all(0x40)));
  if (near != 0) return label + 15 - clz(near);
  let at = label - 16;
  while (load<u8>(at - 1) != 0x40) {
    at--;
    if (at <= windowAt || label - at > labelBytesMax) return -1;
  }
  return at - 1;
}

/** Whether the domain ends with the trigger: a name and two letters, which are no ending of files. */
@inline
function isCountry(trigger: i32, limit: i32): bool {
  if (trigger >= limit) return false;
  if (has(domain, trigger)) return false;
  if (!has(letter, trigger - 2)) return false;
  if (!has(letter, trigger - 1)) return false;
  return !mayEndFile(trigger - 1);
}

/** Whether the letter at a place is the last one of an ending of files. */
@inline
function mayEndFile(at: i32): bool {
  return ((fileLetters >> (load<u8>(at) & 31)) & 1) != 0;
}

/** The end of a short domain that is letters, digits and dots and ends with a name; 0 where it is none, -1 for others. */
@inline
function quickEnd(at: i32, limit: i32): i32 {
  const text = v128.load(at);
  const letters = i8x16.le_u(i8x16.sub(v128.or(text, all(0x20)), all(0x61)), all(25));
  const dots = i8x16.eq(text, all(0x2e));
  // Dash, dot and digits; the slash between them is none.
  const others = i8x16.le_u(i8x16.sub(text, all(0x2d)), all(12));
  const inside = v128.andnot(v128.or(letters, others), i8x16.eq(text, all(0x2f)));
  const size = ctz(~i8x16.bitmask(inside));
  if (max(size - 16, at + size - limit) >= 0) return -1;
  const bits = (1 << size) - 1;
  const before = i8x16.bitmask(dots) & bits;
  const top = 32 - clz(before);
  const ending = size - top;
  // A dot or dash at the end belongs to the sentence, and not every ending is a name.
  if (((before & (before << 1)) | ((~i8x16.bitmask(letters) & bits) >> top) | i32(ending == 0)) != 0) return -1;
  if (ending <= fileEndingBytesMax) {
    if (ending < 2) return 0;
    if (mayEndFile(at + size - 1))
      if (isOneOf(fileEndings, at + top, at + size)) return 0;
  }
  return at + size;
}

function isPunycode(top: i32): bool {
  return (load<u8>(top) | 0x20) == 0x78 && (load<u8>(top + 1) | 0x20) == 0x6e;
}

/** What stands before the at sign is the password of `scheme://user:password@host`. */
@inline
function isUserinfo(start: i32): bool {
  return start > windowAt && load<u8>(start - 1) == 0x3a && hasUser(start);
}

function hasUser(start: i32): bool {
  let at = start - 1;
  while (at > windowAt && start - at < localBytesMax && has(localPart, at - 1)) at--;
  return at >= windowAt + 3 && load<u8>(at - 1) == 0x2f && load<u8>(at - 2) == 0x2f && load<u8>(at - 3) == 0x3a;
}

/** Bytes before the last octet's second digit: three octets, three dots and a digit. */
const headBytesMax: i32 = 13;

export function ipv4(at: i32, limit: i32, final: bool): i32 {
  // All bytes that matter are here, mostly.
  if (at - 16 < windowAt || at + 5 > limit) return slowIpv4(at, limit, final);
  const before = v128.load(at - 16);
  const inside = i8x16.bitmask(i8x16.le_u(i8x16.sub(before, all(0x2e)), all(11)));
  const others = (~inside | i8x16.bitmask(i8x16.eq(before, all(0x2f)))) & 0xffff;
  if (others == 0) return no;
  const start = at + 16 - clz(others);
  setStart(start);
  const head = at - start;
  if (head > headBytesMax || has(word, start - 1)) return no;
  const text = v128.load(start);
  const digits = i8x16.bitmask(i8x16.le_u(i8x16.sub(text, all(0x30)), all(9)));
  const dots = i8x16.bitmask(i8x16.eq(text, all(0x2e))) & ((1 << head) - 1);
  if (popcnt(dots) != 3) return no;
  const end = at + ctz(~digits >> head);
  if (has(word, end)) return no;
  if (load<u8>(end) == 0x2e && has(digit, end + 1)) return no;
  // Where octets begin, of two digits and more, of three and more.
  const octets = (dots << 1) | 1;
  const tens = octets & (digits >> 1);
  const hundreds = tens & (digits >> 2);
  const above5 = i8x16.bitmask(i8x16.gt_u(text, all(0x35)));
  const at5 = i8x16.bitmask(i8x16.eq(text, all(0x35)));
  const above255 = i8x16.bitmask(i8x16.eq(text, all(0x32))) & ((above5 >> 1) | ((at5 >> 1) & (above5 >> 2)));
  const zeros = i8x16.bitmask(i8x16.eq(text, all(0x30)));
  const above2 = i8x16.bitmask(i8x16.gt_u(text, all(0x32)));
  if (((tens & zeros) | (hundreds & ((digits >> 3) | above2 | above255))) != 0) return no;
  setEnd(end);
  return found;
}

function slowIpv4(at: i32, limit: i32, final: bool): i32 {
  let start = at - 1;
  for (let dots = 0; start > windowAt; start--) {
    const before = load<u8>(start - 1);
    if (before == 0x2e) {
      if (++dots > 3) break;
    } else if (!has(digit, start - 1)) break;
  }
  setStart(start);
  if (start > windowAt && (has(word, start - 1) || load<u8>(start - 1) == 0x2e)) return no;
  let end = at;
  while (end < limit && end - at < 3 && has(digit, end)) end++;
  if (end + 1 >= limit && !final) return more;
  if (end < limit && has(word, end)) return no;
  if (end + 1 < limit && load<u8>(end) == 0x2e && has(digit, end + 1)) return no;
  let value = 0;
  let length = 0;
  for (let index = start; index <= end; index++) {
    if (index < end && has(digit, index)) {
      if (length > 0 && value == 0) return no;
      value = value * 10 + i32(load<u8>(index)) - 0x30;
      length++;
      continue;
    }
    if (value > 255 || length > 3) return no;
    value = 0;
    length = 0;
  }
  setEnd(end);
  return found;
}

const addressBytesMax: i32 = 39;
const groupsMax: i32 = 8;

/** Judges a whole run of hexadecimal digits and colons. */
export function ipv6(at: i32, limit: i32, final: bool): i32 {
  let start = at;
  const floor = max(windowAt, at - addressBytesMax - 2);
  const before = ~i8x16.bitmask(addressBytes(at - 16)) & 0xffff;
  if (before != 0) start = max(floor, at + 16 - clz(before));
  else while (start > floor && has(address, start - 1)) start--;
  setStart(start);
  let end = at;
  const behind = ~i8x16.bitmask(addressBytes(at)) & 0xffff;
  if (behind != 0) end = min(limit, at + ctz(behind));
  else while (end < limit && has(address, end)) end++;
  if (at - start > addressBytesMax + 1) {
    setJudged(end);
    return no;
  }
  if (end >= limit && !final && end - start <= addressBytesMax + 1) return more;
  setJudged(end);
  if (start > windowAt && (has(word, start - 1) || load<u8>(start - 1) == 0x2e)) return no;
  if (end < limit && has(word, end)) return no;
  // The colon of `address: text`, but not the double one of a prefix.
  if (load<u8>(end - 1) == 0x3a && load<u8>(end - 2) != 0x3a) end--;
  if (end - start > addressBytesMax) return no;
  setEnd(end);
  return isIpv6(start, end) ? found : no;
}

/** Hexadecimal digits and colons among the sixteen bytes at a place. */
@inline
function addressBytes(at: i32): v128 {
  const text = v128.load(at);
  // The colon comes right behind the digits.
  const figures = i8x16.le_u(i8x16.sub(text, all(0x30)), all(10));
  return v128.or(figures, i8x16.le_u(i8x16.sub(v128.or(text, all(0x20)), all(0x61)), all(5)));
}

/** RFC 4291 2.2: eight groups, or fewer around one double colon; with a decimal digit, which `a::b` of programs has not. */
function isIpv6(start: i32, end: i32): bool {
  const size = end - start;
  if (size <= 0) return false;
  let colons: u64 = 0;
  let digits: u64 = 0;
  for (let at = 0; at < size; at += 16) {
    const text = v128.load(start + at);
    colons |= u64(i8x16.bitmask(i8x16.eq(text, all(0x3a)))) << at;
    digits |= u64(i8x16.bitmask(i8x16.le_u(i8x16.sub(text, all(0x30)), all(9)))) << at;
  }
  const inside = u64.MAX_VALUE >> (64 - size);
  colons &= inside;
  if ((digits & inside) == 0 || (colons & 3) == 1) return false;
  const others = ~colons & inside;
  const pairs = others & (others >> 1);
  if ((pairs & (pairs >> 2) & (others >> 4)) != 0) return false;
  const doubles = i32(popcnt(colons & (colons >> 1)));
  if (doubles > 1) return false;
  const groups = i32(popcnt(others & ~(others << 1)));
  return doubles == 1 ? groups < groupsMax : groups == groupsMax;
}
