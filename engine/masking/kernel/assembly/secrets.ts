// Secrets that only the word before them gives away: `password=...`, `"api_key": "..."`, `Bearer ...`, passwords in URLs.
import { found, more, no, setEnd, setJudged, setStart, setTail } from "./hit";
import { windowAt } from "./layout";
import { base64url, digit, ending, has, letter, password } from "./sets";
import { all } from "./splats";
import { aboutWords, isOneOf, placeholders, schemes, units } from "./words";

const tailWordBytesMax: i32 = 32;
const valueBytesSeen: i32 = 64;

/** So many different bytes are enough for every value. */
const distinctEnough: i32 = 6;

/** The tails of a value: without quotes, then by its quote. */
const unquoted: i32 = 1;

/** `expected` is true behind a word that names a password. */
export function value(expected: bool, at: i32, limit: i32, final: bool): i32 {
  let index = at;
  while (index < limit && has(base64url, index)) index++;
  // Of key words further away than this from the end of the name nothing comes either.
  setJudged(index - tailWordBytesMax - 1);
  if (index - at > tailWordBytesMax) return no;
  const nameEnd = index;
  let quote = 0;
  let separated = false;
  let spaces = 0;
  // Quotes, spaces and one separator stand between the name and the value; then perhaps a scheme.
  for (; true; index++) {
    if (index >= limit) return final ? no : more;
    const byte = i32(load<u8>(index));
    if (byte == 0x20 || byte == 0x09) {
      if (++spaces > 8) return no;
    } else if (byte == 0x3a || byte == 0x3d) separated = true;
    else if (byte == 0x3e && separated) continue;
    else if (byte == 0x22 || byte == 0x27 || byte == 0x60) {
      if (separated) {
        quote = byte;
        index++;
        break;
      }
      if (index != nameEnd) return no;
    } else break;
    if (index - nameEnd > 16) return no;
  }
  if (index == nameEnd) {
    setJudged(nameEnd);
    return no;
  }
  if (isAbout(at, nameEnd)) return no;
  if (!separated && !isOption(at) && !isScheme(at)) return no;
  let end = past(index, limit, quote);
  if (end >= limit && end - index < valueBytesSeen && !final) return more;
  if (end < limit && load<u8>(end) == 0x20 && has(letter, end - 1) && isOneOf(schemes, index, end)) {
    index = end + 1;
    end = past(index, limit, quote);
    if (end >= limit && end - index < valueBytesSeen && !final) return more;
    if (end - index < 8) return no;
  } else if (!looksSecret(index, end, expected)) {
    // The value is the same for every key word of the name.
    if (separated) setJudged(nameEnd);
    return no;
  }
  setStart(index);
  setEnd(end);
  setTail(quote == 0 ? unquoted : quote == 0x22 ? 2 : quote == 0x27 ? 3 : 4);
  return found;
}

/** Behind what a value has, as far as one is looked at. */
function past(from: i32, limit: i32, quote: i32): i32 {
  const ceiling = min(limit, from + valueBytesSeen);
  let at = from;
  if (quote == 0) {
    while (at < ceiling && !has(ending, at)) at++;
    return at;
  }
  for (; at < ceiling; at++) {
    const byte = i32(load<u8>(at));
    if (byte == quote || byte == 0x0d || byte == 0x0a) break;
  }
  return at;
}

/** Whether the last word of a name says that this is about a secret. */
function isAbout(from: i32, to: i32): bool {
  if (from == to) return false;
  let start = to;
  while (start > from && load<u8>(start - 1) != 0x5f && load<u8>(start - 1) != 0x2d) start--;
  return isOneOf(aboutWords, start, to);
}

/** `--password value`. */
function isOption(at: i32): bool {
  let start = at;
  while (start > windowAt && at - start < tailWordBytesMax && has(base64url, start - 1)) start--;
  return load<u8>(start) == 0x2d && load<u8>(start + 1) == 0x2d;
}

/** `Bearer value`, as in an Authorization field. */
function isScheme(at: i32): bool {
  return (
    at >= windowAt + 6 &&
    (load<u32>(at - 6) | 0x20202020) == 0x72616562 &&
    (i32(load<u16>(at - 2)) | 0x2020) == 0x7265
  );
}

/** References and templates begin so: $NAME, ${name}, {{name}}, <name>, %name%, /path, ./path. */
function isReference(byte: i32): bool {
  return (
    byte == 0x24 || byte == 0x3c || byte == 0x7b || byte == 0x5b || byte == 0x25 || byte == 0x2f || byte == 0x2e ||
    byte == 0x2a || byte == 0x40
  );
}

/** True for what is more likely a secret than a word, a number, a path, a reference or a placeholder. */
function looksSecret(from: i32, to: i32, expected: bool): bool {
  const length = to - from;
  const least = expected ? 6 : 8;
  if (length < least || isReference(load<u8>(from))) return false;
  /** Where the bytes of each kind are: `joint` stands between words. */
  let lower: u64 = 0;
  let upper: u64 = 0;
  let figure: u64 = 0;
  let joint: u64 = 0;
  for (let at = 0; at < length; at += 16) {
    const text = v128.load(from + at);
    const joints = v128.or(
      i8x16.le_u(i8x16.sub(text, all(0x2d)), all(2)),
      v128.or(i8x16.eq(text, all(0x3a)), i8x16.eq(text, all(0x5f))),
    );
    lower |= u64(i8x16.bitmask(i8x16.le_u(i8x16.sub(text, all(0x61)), all(25)))) << at;
    upper |= u64(i8x16.bitmask(i8x16.le_u(i8x16.sub(text, all(0x41)), all(25)))) << at;
    figure |= u64(i8x16.bitmask(i8x16.le_u(i8x16.sub(text, all(0x30)), all(9)))) << at;
    joint |= u64(i8x16.bitmask(joints)) << at;
  }
  const inside = u64.MAX_VALUE >> (64 - length);
  const lowers = i32(popcnt(lower & inside));
  const uppers = i32(popcnt(upper & inside));
  const figures = i32(popcnt(figure & inside));
  const joints = i32(popcnt(joint & inside));
  const letters = lowers + uppers;
  const symbols = length - letters - figures - joints;
  // A URL, and what is masked already.
  if (joints >= 3 && holds(from, to, 0x2f2f3a)) return false;
  if (symbols >= 3 && holds(from, to, 0x2a2a2a)) return false;
  const distinct = distinctBytes(from, to);
  if (distinct < 4 || (letters == length && isOneOf(placeholders, from, to)) || isNegation(from)) return false;
  if (expected)
    return (
      symbols > 0 || (figures > 0 && letters > 0) || (lowers > 0 && uppers > 0) || figures == length || length >= 12
    );
  if (figures > 0 && letters > 0 && !isDate(from, to)) return distinct >= distinctEnough;
  if (symbols > 0 && letters > 0) return length >= 10;
  return joints == 0 && lowers > 2 && uppers > 2 && length >= 16;
}

/** Whether three bytes stand somewhere. */
function holds(from: i32, to: i32, three: i32): bool {
  for (let at = from; at + 2 < to; at++) if ((load<i32>(at) & 0xffffff) == three) return true;
  return false;
}

/** How many different bytes there are, counted up to enough; those that are no ASCII differ by their last five bits. */
function distinctBytes(from: i32, to: i32): i32 {
  let low: u64 = 0;
  let high: u64 = 0;
  let rest: u32 = 0;
  let distinct = 0;
  for (let at = from; at < to && distinct < distinctEnough; at++) {
    const byte = i32(load<u8>(at));
    if (u32(byte - 0x20) < 64) low |= u64(1) << (byte - 0x20);
    else if (u32(byte - 0x60) < 32) high |= u64(1) << (byte - 0x60);
    else rest |= 1 << (byte & 31);
    distinct = i32(popcnt(low)) + i32(popcnt(high)) + i32(popcnt(rest));
  }
  return distinct;
}

/** `not_set`, `not-needed`. */
function isNegation(from: i32): bool {
  return (load<u32>(from) | 0x00202020) == 0x5f746f6e || (load<u32>(from) | 0x00202020) == 0x2d746f6e;
}

/** True for what begins like a date, and for a number with its unit. */
function isDate(from: i32, to: i32): bool {
  if (to - from >= 10) {
    let is = true;
    for (let at = 0; at < 10; at++)
      if (at == 4 || at == 7 ? load<u8>(from + at) != 0x2d : !has(digit, from + at)) is = false;
    if (is) return true;
  }
  let unit = from;
  while (unit < to && has(digit, unit)) unit++;
  return unit > from && (isOneOf(units, unit, to) || (unit == to - 1 && load<u8>(unit) == 0x25));
}

const passwordBytesMax: i32 = 256;

/** RFC 3986 3.2.1: the password of `scheme://user:password@host`. */
export function userinfo(at: i32, limit: i32, final: bool): i32 {
  const start = at - 1;
  setStart(start);
  let end = at;
  const ceiling = min(limit, start + passwordBytesMax);
  while (end < ceiling && has(password, end)) end++;
  if (end >= limit && end - start < passwordBytesMax) return final ? no : more;
  if (load<u8>(end) != 0x40) return no;
  setEnd(end);
  return found;
}
