// Built-ins on strings inside the module. Strings are UTF-8, so searching for bytes finds runes.
import { failed1, failed2, failed3 } from "./failed";
import { sameBytes } from "./compare";
import { copyToTop, host1, host2, host3, spend } from "./memory";
import { sorted } from "./object";
import { arrayOf, makeArray, push } from "./statements";
import { runeCount } from "./string";
import {
  byteLength,
  bytesOf,
  intOf,
  isInt,
  isKind,
  isRecord,
  K_ARRAY,
  K_SET,
  K_STRING,
  lengthOf,
  makeInt,
  makeString,
  truth,
} from "./value";

/** The longest string that is joined here; beyond it the host says what is too long. */
const TEXT_MAX: usize = 16777216;

@inline
function isString(value: usize): bool {
  return isKind(value, K_STRING);
}

@inline
function both(a: usize, b: usize): bool {
  return isString(a) && isString(b);
}

/** Part of a string's bytes as a string. */
function slice(from: usize, length: usize): usize {
  const made = makeString(length);
  copyToTop(bytesOf(made), from, length);
  return made;
}

/** Where some bytes are found between two addresses; 0 where they are not. */
function search(from: usize, end: usize, part: usize, length: usize): usize {
  if (length == 0) return from;
  const first = load<u8>(part);
  const last = end - length;
  // Bytes that were read again since the last payment: a long part may nearly be found everywhere.
  let again: usize = 0;
  for (let at = from; at <= last && at + length <= end; at++) {
    if (load<u8>(at) != first) continue;
    let same: usize = 1;
    while (same < length && load<u8>(at + same) == load<u8>(part + same)) same++;
    if (same == length) {
      spend(<i32>((at - from + again) >> 8));
      return at;
    }
    again += same;
    if (again >= 65536) {
      spend(<i32>(again >> 8));
      again = 0;
    }
  }
  spend(<i32>((end - from + again) >> 8));
  return 0;
}

export function builtin_startswith(id: i32, site: i32, a: usize, b: usize): usize {
  if (!both(a, b)) return failed2(id, site, a, b);
  return truth(startsWith(a, b));
}

function startsWith(a: usize, b: usize): bool {
  const length = byteLength(b);
  return length <= byteLength(a) && sameBytes(bytesOf(a), bytesOf(b), length);
}

export function builtin_endswith(id: i32, site: i32, a: usize, b: usize): usize {
  if (!both(a, b)) return failed2(id, site, a, b);
  return truth(endsWith(a, b));
}

function endsWith(a: usize, b: usize): bool {
  const length = byteLength(b);
  return length <= byteLength(a) && sameBytes(bytesOf(a) + byteLength(a) - length, bytesOf(b), length);
}

export function builtin_contains(id: i32, site: i32, a: usize, b: usize): usize {
  if (!both(a, b)) return failed2(id, site, a, b);
  return truth(search(bytesOf(a), bytesOf(a) + byteLength(a), bytesOf(b), byteLength(b)) != 0);
}

export function builtin_trim_prefix(id: i32, site: i32, a: usize, b: usize): usize {
  if (!both(a, b)) return failed2(id, site, a, b);
  if (!startsWith(a, b)) return a;
  return slice(bytesOf(a) + byteLength(b), byteLength(a) - byteLength(b));
}

export function builtin_trim_suffix(id: i32, site: i32, a: usize, b: usize): usize {
  if (!both(a, b)) return failed2(id, site, a, b);
  return endsWith(a, b) ? slice(bytesOf(a), byteLength(a) - byteLength(b)) : a;
}

function isAscii(string: usize): bool {
  const end = bytesOf(string) + byteLength(string);
  for (let at = bytesOf(string); at < end; at++) if (load<u8>(at) & 0x80) return false;
  return true;
}

export function builtin_lower(id: i32, site: i32, a: usize): usize {
  if (!isString(a) || !isAscii(a)) return isString(a) ? host1(id, site, a) : failed1(id, site, a);
  return changed(a, 65, 90);
}

export function builtin_upper(id: i32, site: i32, a: usize): usize {
  if (!isString(a) || !isAscii(a)) return isString(a) ? host1(id, site, a) : failed1(id, site, a);
  return changed(a, 97, 122);
}

/** The string with the case of letters between two bytes changed. */
function changed(string: usize, low: u8, high: u8): usize {
  const length = byteLength(string);
  const made = slice(bytesOf(string), length);
  for (let at = bytesOf(made), end = at + length; at < end; at++) {
    const byte = load<u8>(at);
    if (byte >= low && byte <= high) store<u8>(at, byte ^ 32);
  }
  return made;
}

/** What says that a text can be joined; no string is this word. */
const READY: usize = 1;

export function builtin_concat(id: i32, site: i32, separator: usize, parts: usize): usize {
  return concatJoin(concatReady(id, site, separator, parts), separator, parts);
}

/** READY where the parts can be joined; else what the call gives. */
export function concatReady(id: i32, site: i32, separator: usize, parts: usize): usize {
  if (!isString(separator) || !isRecord(parts)) return failed2(id, site, separator, parts);
  const kind = <i32>load<u8>(parts);
  if (kind != K_ARRAY && kind != K_SET) return failed2(id, site, separator, parts);
  // A set is joined in order.
  const items = kind == K_ARRAY ? <usize>load<u32>(parts, 16) : sorted(parts);
  const stride = kind == K_ARRAY ? 4 : 8;
  const count = lengthOf(parts);
  let length: usize = count > 1 ? byteLength(separator) * <usize>(count - 1) : 0;
  if (length > TEXT_MAX) return host2(id, site, separator, parts);
  for (let i = 0; i < count; i++) {
    const part = <usize>load<u32>(items + i * stride);
    if (!isString(part)) return failed2(id, site, separator, parts);
    length += byteLength(part);
    if (length > TEXT_MAX) return host2(id, site, separator, parts);
  }
  spend(<i32>(length >> 6));
  return READY;
}

/** The joined text of parts that are ready. */
export function concatJoin(ready: usize, separator: usize, parts: usize): usize {
  if (ready != READY) return ready;
  const isArray = load<u8>(parts) == K_ARRAY;
  const items = load<u32>(parts, 16);
  const stride = isArray ? 4 : 8;
  const count = lengthOf(parts);
  const between = byteLength(separator);
  let length: usize = count > 1 ? between * <usize>(count - 1) : 0;
  for (let i = 0; i < count; i++) length += byteLength(load<u32>(items + i * stride));
  const made = makeString(length);
  let to = bytesOf(made);
  for (let i = 0; i < count; i++) {
    if (i) {
      copyToTop(to, bytesOf(separator), between);
      to += between;
    }
    const part = <usize>load<u32>(items + i * stride);
    copyToTop(to, bytesOf(part), byteLength(part));
    to += byteLength(part);
  }
  return made;
}

/** As concatReady of up to four parts that no array is made of. */
export function joinReady(
  id: i32,
  site: i32,
  separator: usize,
  count: i32,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
): usize {
  const areStrings =
    isString(separator) &&
    isString(a) &&
    (count < 2 || isString(b)) &&
    (count < 3 || isString(c)) &&
    (count < 4 || isString(d));
  if (areStrings) {
    const length = joinedLength(separator, count, a, b, c, d);
    if (length <= TEXT_MAX) {
      spend(<i32>(length >> 6));
      return READY;
    }
  }
  return concatReady(id, site, separator, arrayOf(count, a, b, c, d));
}

/** The joined text of parts that are ready. */
export function join(
  ready: usize,
  separator: usize,
  count: i32,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
): usize {
  if (ready != READY) return ready;
  const made = makeString(joinedLength(separator, count, a, b, c, d));
  let to = putText(bytesOf(made), a);
  if (count > 1) to = putText(putText(to, separator), b);
  if (count > 2) to = putText(putText(to, separator), c);
  if (count > 3) putText(putText(to, separator), d);
  return made;
}

@inline
function joinedLength(separator: usize, count: i32, a: usize, b: usize, c: usize, d: usize): usize {
  let length = byteLength(separator) * <usize>(count - 1) + byteLength(a);
  if (count > 1) length += byteLength(b);
  if (count > 2) length += byteLength(c);
  if (count > 3) length += byteLength(d);
  return length;
}

@inline
function putText(to: usize, text: usize): usize {
  copyToTop(to, bytesOf(text), byteLength(text));
  return to + byteLength(text);
}

export function builtin_split(id: i32, site: i32, text: usize, separator: usize): usize {
  if (!both(text, separator)) return failed2(id, site, text, separator);
  const length = byteLength(separator);
  const parts = makeArray(4);
  let from = bytesOf(text);
  const end = from + byteLength(text);
  if (length == 0) {
    while (from < end) {
      let next = from + 1;
      while (next < end && (load<u8>(next) & 0xc0) == 0x80) next++;
      push(parts, slice(from, next - from));
      from = next;
    }
    return parts;
  }
  for (;;) {
    const at = search(from, end, bytesOf(separator), length);
    if (at == 0) break;
    push(parts, slice(from, at - from));
    from = at + length;
  }
  push(parts, slice(from, end - from));
  return parts;
}

export function builtin_replace(id: i32, site: i32, text: usize, old: usize, by: usize): usize {
  if (!both(text, old) || !isString(by)) return failed3(id, site, text, old, by);
  const length = byteLength(old);
  const end = bytesOf(text) + byteLength(text);
  if (length == 0) return host3(id, site, text, old, by);
  let count = 0;
  for (let at = search(bytesOf(text), end, bytesOf(old), length); at != 0; at = search(at + length, end, bytesOf(old), length)) count++;
  if (count == 0) return text;
  const size = byteLength(text) - <usize>count * length + <usize>count * byteLength(by);
  if (byteLength(by) > 0 && (size > TEXT_MAX || <usize>count > TEXT_MAX / byteLength(by))) return host3(id, site, text, old, by);
  const made = makeString(size);
  let to = bytesOf(made);
  let from = bytesOf(text);
  for (let at = search(from, end, bytesOf(old), length); at != 0; at = search(from, end, bytesOf(old), length)) {
    memory.copy(to, from, at - from);
    to += at - from;
    memory.copy(to, bytesOf(by), byteLength(by));
    to += byteLength(by);
    from = at + length;
  }
  memory.copy(to, from, end - from);
  return made;
}

export function builtin_indexof(id: i32, site: i32, text: usize, part: usize): usize {
  if (!both(text, part) || byteLength(part) == 0) return failed2(id, site, text, part);
  const at = search(bytesOf(text), bytesOf(text) + byteLength(text), bytesOf(part), byteLength(part));
  if (at == 0) return makeInt(-1);
  let runes = 0;
  for (let i = bytesOf(text); i < at; i++) runes += i32((load<u8>(i) & 0xc0) != 0x80);
  return makeInt(runes);
}

export function builtin_substring(id: i32, site: i32, text: usize, start: usize, length: usize): usize {
  if (!isString(text) || !isInt(start) || !isInt(length) || intOf(start) < 0) return failed3(id, site, text, start, length);
  const count = <i64>runeCount(text);
  const from = min(intOf(start), count);
  const wanted = intOf(length);
  const to = wanted < 0 || wanted > count - from ? count : from + wanted;
  const first = runeAt(text, <i32>from);
  return slice(first, runeAt(text, <i32>to) - first);
}

/** The address of a rune, or of the end. */
function runeAt(text: usize, index: i32): usize {
  let at = bytesOf(text);
  const end = at + byteLength(text);
  if (<usize>runeCount(text) == byteLength(text)) return at + index;
  for (let i = 0; at < end; at++) {
    if ((load<u8>(at) & 0xc0) == 0x80) continue;
    if (i++ == index) return at;
  }
  return end;
}

export function builtin_trim_space(id: i32, site: i32, a: usize): usize {
  if (!isString(a) || !isAscii(a)) return isString(a) ? host1(id, site, a) : failed1(id, site, a);
  let from = bytesOf(a);
  let end = from + byteLength(a);
  while (from < end && isSpace(load<u8>(from))) from++;
  while (end > from && isSpace(load<u8>(end - 1))) end--;
  return end - from == byteLength(a) ? a : slice(from, end - from);
}

@inline
function isSpace(byte: u8): bool {
  return byte == 32 || (byte >= 9 && byte <= 13);
}

/** regex.match with a constant pattern: `table` is its automaton (rego/wasm/patterns.ts lays it out). */
export function regexTable(id: i32, site: i32, pattern: usize, text: usize, table: usize): usize {
  return isString(text) ? matches(text, table) : failed2(id, site, pattern, text);
}

/** glob.match with a constant pattern and constant delimiters. */
export function globTable(id: i32, site: i32, pattern: usize, delimiters: usize, text: usize, table: usize): usize {
  return isString(text) ? matches(text, table) : failed3(id, site, pattern, delimiters, text);
}

/** Runs a text through an automaton, until it is known what will come of it. */
function matches(text: usize, table: usize): usize {
  const count = <usize>load<u16>(table);
  const marks = table + load<u32>(table, 4);
  const classes = table + 8;
  const next = table + 264;
  const end = bytesOf(text) + byteLength(text);
  spend(<i32>(byteLength(text) >> 8));
  let state: usize = 0;
  let mark = load<u8>(marks);
  for (let at = bytesOf(text); at < end && (mark & 1) == 0; at++) {
    state = load<u8>(next + state * count + load<u8>(classes + load<u8>(at)));
    mark = load<u8>(marks + state);
  }
  return truth(mark == 1 || mark == 2);
}
