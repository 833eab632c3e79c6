// JSON text to values; with set literals for opa_value_parse. Any fault gives 0.
import { hashBytes, hashOf } from "./hash";
import { sameBytes } from "./compare";
import { DEPTH_MAX } from "./json-skip";
import { hex4, isUtf8, plainEscape, putRune } from "./json-text";
import { alloc, copyToTop } from "./memory";
import { numberEnd, readNumber } from "./number";
import { add, insert, makeCollection } from "./object";
import { byteLength, bytesOf, FALSE, K_ARRAY, K_OBJECT, K_SET, makeString, NULL, TRUE } from "./value";

const KEYS: u32 = 256;

/** Where the last value ended. */
export let at: usize = 0;
let end: usize = 0;
let literals: bool = false;
let stack: usize = 0;
let stackTop: usize = 0;
let stackEnd: usize = 0;

/** Reads one document; 0 when the text is none. `sets` allows `{1, 2}` and `set()`. */
export function readJson(text: usize, length: usize, sets: bool): usize {
  begin(text, length, sets);
  const read = value(0);
  if (read == 0) return 0;
  space();
  return at == end ? read : 0;
}

/** Begins a text. */
export function begin(text: usize, length: usize, sets: bool): void {
  at = text;
  end = text + length;
  literals = sets;
  stack = memory.data(4096);
  stackTop = stack;
  stackEnd = stack + 4096;
  memory.fill(keyCache(), 0, KEYS << 2);
}

/** Keys seen in this text, by the low bits of their hash. */
function keyCache(): usize {
  return memory.data(1024);
}

/** Puts a value on the stack. */
@inline
export function pushWord(word: usize): void {
  if (stackTop == stackEnd) growStack();
  store<u32>(stackTop, word);
  stackTop += 4;
}

function growStack(): void {
  const size = stackEnd - stack;
  const larger = alloc(size << 1);
  memory.copy(larger, stack, size);
  stack = larger;
  stackTop = larger + size;
  stackEnd = larger + (size << 1);
}

@inline
function space(): void {
  while (at < end) {
    const byte = load<u8>(at);
    if (byte > 32 || (byte != 32 && byte != 10 && byte != 13 && byte != 9)) return;
    at++;
  }
}

@inline
function take(byte: u8): bool {
  if (at >= end || load<u8>(at) != byte) return false;
  at++;
  return true;
}

/** How high the stack of values is, in bytes. */
@inline
export function stackHeight(): i32 {
  return <i32>(stackTop - stack);
}

/** The value at a place of the text that was begun; `at` is where it ends. */
export function valueAt(from: usize, depth: i32): usize {
  at = from;
  return value(depth);
}

/** The name at a place of the text that was begun; `at` is where it ends. */
export function keyAt(from: usize): usize {
  at = from;
  return string(true);
}

function value(depth: i32): usize {
  if (depth > DEPTH_MAX) return 0;
  space();
  if (at >= end) return 0;
  const byte = load<u8>(at);
  switch (byte) {
    case 0x22:
      return string(false);
    case 0x7b:
      return object(depth);
    case 0x5b:
      return array(depth);
    case 0x74:
      return word(0x65757274, 4, TRUE);
    case 0x66:
      return at + 5 <= end && load<u8>(at, 4) == 0x65 ? word(0x736c6166, 5, FALSE) : 0;
    case 0x6e:
      return word(0x6c6c756e, 4, NULL);
    case 0x73:
      return literals && at + 5 <= end && load<u8>(at, 4) == 0x29 ? word(0x28746573, 5, makeCollection(K_SET, 0)) : 0;
    default: {
      const number = readNumber(at, end);
      if (number) at = numberEnd;
      return number;
    }
  }
}

function word(text: u32, length: usize, read: usize): usize {
  if (at + length > end || load<u32>(at) != text) return 0;
  at += length;
  return read;
}

function array(depth: i32): usize {
  at++;
  const base = stackHeight();
  space();
  if (!take(0x5d)) {
    for (;;) {
      const element = value(depth + 1);
      if (element == 0) return 0;
      pushWord(element);
      space();
      if (take(0x5d)) break;
      if (!take(0x2c)) return 0;
    }
  }
  return arrayOf(base);
}

/** An array of what is on the stack from a place on. */
export function arrayOf(base: i32): usize {
  const from = stack + base;
  const bytes = stackTop - from;
  stackTop = from;
  const record = alloc(24 + bytes);
  store<u64>(record, K_ARRAY);
  store<u32>(record, bytes >> 2, 8);
  store<u32>(record, bytes >> 2, 12);
  store<u32>(record, bytes == 0 ? 0 : record + 24, 16);
  copyToTop(record + 24, from, bytes);
  return record;
}

function object(depth: i32): usize {
  at++;
  const base = stackHeight();
  let isSet = false;
  space();
  if (!take(0x7d)) {
    for (;;) {
      space();
      const key = at < end && load<u8>(at) == 0x22 ? string(true) : literals ? value(depth + 1) : 0;
      if (key == 0) return 0;
      pushWord(key);
      space();
      if (!isSet && take(0x3a)) {
        const item = value(depth + 1);
        if (item == 0) return 0;
        pushWord(item);
        space();
      } else if (literals && (isSet || stackHeight() == base + 4)) {
        isSet = true;
      } else return 0;
      if (take(0x7d)) break;
      if (!take(0x2c)) return 0;
    }
  }
  return objectOf(base, (stackHeight() - base) >> (isSet ? 2 : 3), isSet);
}

/** An object or set of what is on the stack from a place on. */
export function objectOf(base: i32, count: i32, isSet: bool): usize {
  const from = stack + base;
  stackTop = from;
  if (!isSet && count <= FLAT_MAX && (count < 2 || areDistinct(from, count))) return flat(from, count);
  const record = makeCollection(isSet ? K_SET : K_OBJECT, count);
  for (let i = 0; i < count; i++) {
    if (isSet) add(record, load<u32>(from + (i << 2)));
    else insert(record, load<u32>(from + (i << 3)), load<u32>(from + (i << 3), 4));
  }
  return record;
}

/** Up to so many entries an object needs no table (object.ts). */
const FLAT_MAX: i32 = 12;

/** Whether the keys of some entries surely differ: their hashes do. */
function areDistinct(entries: usize, count: i32): bool {
  const end = entries + (count << 3);
  for (let entry = entries; entry < end; entry += 8) {
    const hash = hashOf(load<u32>(entry));
    for (let other = entries; other < entry; other += 8) if (hashOf(load<u32>(other)) == hash) return false;
  }
  return true;
}

/** An object of entries as they are. Their order is for who asks for it. */
function flat(entries: usize, count: i32): usize {
  const record = alloc(32 + (count << 3));
  store<u64>(record, K_OBJECT);
  store<i32>(record, count, 8);
  store<i32>(record, count, 12);
  store<u64>(record, count == 0 ? 0 : record + 32, 16);
  store<u64>(record, count < 2 ? 0x100000000 : 0, 24);
  copyToTop(record + 32, entries, count << 3);
  return record;
}

/** Goes to the quote that ends a string; false at an escape, at what no string may hold, and at the end of the text. */
@inline
function scanString(from: usize): bool {
  const quotes = i8x16.splat(0x22);
  const backslashes = i8x16.splat(0x5c);
  const control = i8x16.splat(0x20);
  let high: i32 = 0;
  let mask: i32 = 0;
  at = from;
  do {
    if (at >= end) return false;
    // What is read behind the text is found there only when the string does not end.
    const bytes = v128.load(at);
    const found = v128.or(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)), i8x16.lt_u(bytes, control));
    mask = i8x16.bitmask(found);
    const count = mask == 0 ? 16 : ctz(mask);
    high |= i8x16.bitmask(bytes) & ((1 << count) - 1);
    at += count;
  } while (mask == 0);
  if (at >= end || load<u8>(at) != 0x22) return false;
  if (high == 0 || isUtf8(from, at)) return true;
  at = end;
  return false;
}

/** A string; a key is shared with equal ones of the same text. */
function string(isKey: bool): usize {
  const from = ++at;
  if (!scanString(from)) return at < end && load<u8>(at) == 0x5c ? escaped(from) : 0;
  const length = at++ - from;
  if (!isKey) {
    const made = makeString(length);
    copyToTop(bytesOf(made), from, length);
    return made;
  }
  const hash = hashBytes(from, length);
  const slot = keyCache() + ((hash & (KEYS - 1)) << 2);
  const known = load<u32>(slot);
  if (known && load<u32>(known, 4) == hash && byteLength(known) == length && sameBytes(bytesOf(known), from, length)) {
    return known;
  }
  const made = makeString(length);
  copyToTop(bytesOf(made), from, length);
  store<u32>(made, hash, 4);
  store<u32>(slot, made);
  return made;
}

/** A string with escapes: never longer than its text. */
function escaped(from: usize): usize {
  let last = at;
  while (last < end && load<u8>(last) != 0x22) last += load<u8>(last) == 0x5c ? 2 : 1;
  if (last >= end || !isUtf8(from, last)) return 0;
  const made = makeString(last - from);
  let to = bytesOf(made);
  let read = from;
  while (read < last) {
    const byte = load<u8>(read++);
    if (byte < 0x20) return 0;
    if (byte != 0x5c) {
      store<u8>(to++, byte);
      continue;
    }
    const letter = load<u8>(read++);
    if (letter == 0x75) {
      let code = hex4(read, last);
      if (code < 0) return 0;
      read += 4;
      if (code >= 0xd800 && code < 0xe000) {
        let low = -1;
        if (code < 0xdc00 && read + 6 <= last && load<u16>(read) == 0x755c) low = hex4(read + 2, last);
        if (low >= 0xdc00 && low < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          read += 6;
        } else code = 0xfffd;
      }
      to = putRune(to, code);
    } else {
      const plain = plainEscape(letter);
      if (plain == 0) return 0;
      store<u8>(to++, plain);
    }
  }
  at = last + 1;
  store<u32>(made, to - bytesOf(made), 8);
  return made;
}
