// Credentials that tell by their beginning what they are: cloud keys, tokens of services, JWTs, PEM keys.
import { found, more, no, setEnd, setStart, setTail } from "./hit";
import { windowAt } from "./layout";
import { azureSecret, base64url, has, pemRun, whitespace, word } from "./sets";
import { headerNames, isOneOf } from "./words";

/** Something may stand right before the prefix. */
const insideFlag: i32 = 1;
/** The prefix is not part of the value. */
const namedFlag: i32 = 2;
/** The value goes on while bytes are in the set. */
const openFlag: i32 = 4;

/** A prefix of `prefix` bytes and then at least `least` bytes of a set, which is a table of flags. */
export function formed(prefix: i32, set: i32, least: i32, flags: i32, at: i32, limit: i32, final: bool): i32 {
  const start = at - prefix;
  setStart((flags & namedFlag) != 0 ? at : start);
  if ((flags & insideFlag) == 0 && start > windowAt && has(word, start - 1)) return no;
  let end = at;
  while (end < limit && end - at < least && load<u8>(set + i32(load<u8>(end))) == 1) end++;
  if (end - at < least) return end >= limit && !final ? more : no;
  setEnd(end);
  if ((flags & openFlag) != 0) {
    setTail(1);
    return found;
  }
  if (end >= limit) return final ? found : more;
  return load<u8>(set + i32(load<u8>(end))) == 1 ? no : found;
}

/** Three characters, a digit, `Q~`, then 31 to 34 more. */
export function azure(at: i32, limit: i32, final: bool): i32 {
  const start = at - 6;
  setStart(max(windowAt, start));
  if (start < windowAt || (start > windowAt && has(word, start - 1))) return no;
  for (let index = start; index < at; index++) if (!has(azureSecret, index)) return no;
  let end = at;
  while (end < limit && end - at < 35 && has(azureSecret, end)) end++;
  if (end >= limit && end - at < 35 && !final) return more;
  setEnd(end);
  return end - at >= 31 && end - at <= 34 ? found : no;
}

const headerBytes: i32 = 12;
const headerSearchBytes: i32 = 512;
const decoded: i32 = i32(memory.data(16));
/** What a letter of base64 stands for, in either alphabet; 0 for every other byte. */
const base64Values: i32 = i32(memory.data(256));

/** Fills the table. */
export function fillTokens(): void {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let value = 0; value < 64; value++) store<u8>(base64Values + letters.charCodeAt(value), value);
  store<u8>(base64Values + 0x2d, 62);
  store<u8>(base64Values + 0x5f, 63);
}

export function jwt(trigger: i32, limit: i32, final: bool): i32 {
  const start = trigger - headerBytes - 4;
  setStart(start);
  if (namesHeader(start)) {
    // Decided by its first bytes, so that no length hides it.
    setEnd(trigger);
    setTail(1);
    return found;
  }
  let end = trigger;
  const ceiling = min(limit, start + headerSearchBytes);
  while (end < ceiling && has(base64url, end)) end++;
  if (end >= limit && end - start < headerSearchBytes && !final) return more;
  // An unusual first member: the second part is an object too.
  if (end >= limit || load<u8>(end) != 0x2e) return no;
  if (end + 3 >= limit && !final) return more;
  if (load<u8>(end + 1) != 0x65 || load<u8>(end + 2) != 0x79) return no;
  setEnd(end);
  setTail(1);
  return found;
}

@inline
function valueAt(at: i32): i32 {
  return load<u8>(base64Values + i32(load<u8>(at)));
}

/** Whether what base64 stands for begins an object with the name of a header parameter. */
function namesHeader(start: i32): bool {
  for (let at = 0; at < headerBytes / 3; at++) {
    const from = start + at * 4;
    const bits = (valueAt(from) << 18) | (valueAt(from + 1) << 12) | (valueAt(from + 2) << 6) | valueAt(from + 3);
    store<u8>(decoded + at * 3, bits >> 16);
    store<u8>(decoded + at * 3 + 1, bits >> 8);
    store<u8>(decoded + at * 3 + 2, bits);
  }
  let at = pastSpace(decoded);
  if (load<u8>(at) != 0x7b || at >= decoded + headerBytes) return false;
  at = pastSpace(at + 1);
  return at + 3 < decoded + headerBytes && load<u8>(at) == 0x22 && isOneOf(headerNames, at + 1, at + 4);
}

/** Behind white space. */
function pastSpace(from: i32): i32 {
  let at = from;
  while (at < decoded + headerBytes && has(whitespace, at)) at++;
  return at;
}

const labelBytesMax: i32 = 48;
const keyBytesMin: i32 = 24;

/** Private keys in PEM (RFC 7468) and in the armour of OpenPGP. */
export function pem(at: i32, limit: i32, final: bool): i32 {
  setStart(at - 10);
  let end = at;
  let names = false;
  const ceiling = min(limit, at + labelBytesMax);
  // PRIVATE
  for (; end < ceiling && load<u8>(end) != 0x2d; end++)
    if (load<u8>(end) == 0x50 && load<u32>(end) == 0x56495250 && (load<u32>(end + 4) & 0xffffff) == 0x455441) names = true;
  if (end + 5 > limit && end - at < labelBytesMax) return final ? no : more;
  if (!names) return no;
  while (end < limit && end - at < labelBytesMax + 5 && load<u8>(end) == 0x2d) end++;
  if (end >= limit && !final) return more;
  // A key follows, not a sentence about one: a long run of base64, or the headers of an encrypted key.
  let index = end;
  while (index < limit && index - end < 8 && has(whitespace, index)) index++;
  const first = index;
  while (index < limit && index - first < keyBytesMin && has(pemRun, index)) index++;
  if (index >= limit && index - first < keyBytesMin && !final) return more;
  if (index - first < keyBytesMin && !hasHeader(first, index)) return no;
  setEnd(end);
  setTail(1);
  return found;
}

function hasHeader(from: i32, to: i32): bool {
  return (
    isAt(from, to, "Proc-Type:") || isAt(from, to, "DEK-Info:") || isAt(from, to, "Version:") || isAt(from, to, "Comment:")
  );
}

function isAt(from: i32, to: i32, text: string): bool {
  if (to - from < text.length) return false;
  for (let index = 0; index < text.length; index++) if (i32(load<u8>(from + index)) != text.charCodeAt(index)) return false;
  return true;
}
