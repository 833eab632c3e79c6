// JSON text to values; with set literals for opa_value_parse. Any fault gives 0.
import { hashBytes, hashOf } from "./hash";
import { sameBytes } from "./compare";
import { alloc, copyToTop, heap, setHeap } from "./memory";
import { numberEnd, readNumber } from "./number";
import { add, insert, makeCollection } from "./object";
import { byteLength, bytesOf, FALSE, K_ARRAY, K_OBJECT, K_SET, makeString, NULL, TRUE } from "./value";

const DEPTH_MAX: i32 = 1000;
const KEYS: u32 = 256;

let at: usize = 0;
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

function begin(text: usize, length: usize, sets: bool): void {
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

function pushWord(word: usize): void {
  if (stackTop == stackEnd) {
    const size = stackEnd - stack;
    const larger = alloc(size << 1);
    memory.copy(larger, stack, size);
    stack = larger;
    stackTop = larger + size;
    stackEnd = larger + (size << 1);
  }
  store<u32>(stackTop, word);
  stackTop += 4;
}

@inline
function space(): void {
  while (at < end) {
    const byte = load<u8>(at);
    if (byte != 32 && byte != 10 && byte != 13 && byte != 9) return;
    at++;
  }
}

@inline
function take(byte: u8): bool {
  if (at >= end || load<u8>(at) != byte) return false;
  at++;
  return true;
}

/** All of a value is read. */
const WHOLE: usize = 1;

/** What is read of the document: see rego/wasm/shapes.ts; WHOLE for all of it. */
export function readShaped(text: usize, length: usize, shape: usize): usize {
  begin(text, length, false);
  const read = shaped(0, shape);
  if (read == 0) return 0;
  space();
  return at == end ? read : 0;
}

function shaped(depth: i32, shape: usize): usize {
  space();
  if (shape == WHOLE || at >= end) return value(depth);
  const byte = load<u8>(at);
  if (byte != 0x7b && byte != 0x5b) return value(depth);
  if (depth > DEPTH_MAX) return 0;
  return byte == 0x7b ? shapedObject(depth, shape) : shapedArray(depth, load<u32>(shape, 4));
}

/** An array whose elements are read by a shape; 0 for none of them, the array itself stays. */
function shapedArray(depth: i32, elements: usize): usize {
  at++;
  const base = stackTop - stack;
  space();
  if (!take(0x5d)) {
    for (;;) {
      if (elements == 0) {
        if (!skip(depth + 1)) return 0;
      } else {
        const element = shaped(depth + 1, elements);
        if (element == 0) return 0;
        pushWord(element);
      }
      space();
      if (take(0x5d)) break;
      if (!take(0x2c)) return 0;
    }
  }
  return arrayOf(base);
}

/** An object of the fields that are read, or by `elements` of all of them. */
function shapedObject(depth: i32, shape: usize): usize {
  const elements = <usize>load<u32>(shape, 4);
  // Where entries are read by name and as elements besides, all of each is read.
  if (elements) return object(depth, load<u32>(shape) ? WHOLE : elements);
  at++;
  const base = stackTop - stack;
  space();
  if (!take(0x7d)) {
    for (;;) {
      space();
      if (at >= end || load<u8>(at) != 0x22) return 0;
      const from = at + 1;
      if (!skipString()) return 0;
      const field = keyEscaped ? WHOLE : fieldOf(shape, from, at - 1 - from);
      // A name with escapes may be any: it is read in full, and with it what it names.
      let key: usize = 0;
      if (keyEscaped) {
        at = from - 1;
        key = string(true);
        if (key == 0) return 0;
      } else if (field) key = load<u32>(field);
      space();
      if (!take(0x3a)) return 0;
      if (key == 0) {
        if (!skip(depth + 1)) return 0;
      } else {
        pushWord(key);
        const item = shaped(depth + 1, field == WHOLE ? WHOLE : load<u32>(field, 4));
        if (item == 0) return 0;
        pushWord(item);
      }
      space();
      if (take(0x7d)) break;
      if (!take(0x2c)) return 0;
    }
  }
  const count = <i32>(stackTop - stack - base) >> 3;
  return objectOf(base, count, false);
}

/** Where the shape names a field, or 0. */
function fieldOf(shape: usize, name: usize, length: usize): usize {
  const last = shape + 8 + (load<u32>(shape) << 3);
  for (let field = shape + 8; field < last; field += 8) {
    const key = <usize>load<u32>(field);
    if (byteLength(key) == length && sameBytes(bytesOf(key), name, length)) return field;
  }
  return 0;
}

/** Passes over a value that nobody reads; it must be JSON all the same. */
function skip(depth: i32): bool {
  if (depth > DEPTH_MAX) return false;
  space();
  if (at >= end) return false;
  const byte = load<u8>(at);
  if (byte == 0x22) return skipString();
  if (byte != 0x7b && byte != 0x5b) {
    const before = heap;
    const read = value(depth);
    setHeap(before);
    return read != 0;
  }
  const close: u8 = byte == 0x7b ? 0x7d : 0x5d;
  at++;
  space();
  if (take(close)) return true;
  for (;;) {
    if (byte == 0x7b) {
      space();
      if (at >= end || load<u8>(at) != 0x22 || !skipString()) return false;
      space();
      if (!take(0x3a)) return false;
    }
    if (!skip(depth + 1)) return false;
    space();
    if (take(close)) return true;
    if (!take(0x2c)) return false;
  }
  return false;
}

/** Whether the string passed over last had escapes. */
let keyEscaped: bool = false;

function skipString(): bool {
  const from = at;
  keyEscaped = false;
  if (scanString(at + 1)) {
    at++;
    return true;
  }
  if (at >= end || load<u8>(at) != 0x5c) return false;
  // Escapes are rare: the string is read, and forgotten.
  at = from;
  keyEscaped = true;
  const before = heap;
  const read = string(false);
  setHeap(before);
  return read != 0;
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
      return object(depth, WHOLE);
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
  const base = stackTop - stack;
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
function arrayOf(base: usize): usize {
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

/** An object; `elements` is the shape of every entry's value. */
function object(depth: i32, elements: usize): usize {
  at++;
  const base = stackTop - stack;
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
        const item = elements == WHOLE ? value(depth + 1) : shaped(depth + 1, elements);
        if (item == 0) return 0;
        pushWord(item);
        space();
      } else if (literals && (isSet || stackTop - stack == base + 4)) {
        isSet = true;
      } else return 0;
      if (take(0x7d)) break;
      if (!take(0x2c)) return 0;
    }
  }
  return objectOf(base, <i32>(stackTop - stack - base) >> (isSet ? 2 : 3), isSet);
}

/** An object or set of what is on the stack from a place on. */
function objectOf(base: usize, count: i32, isSet: bool): usize {
  const from = stack + base;
  stackTop = from;
  if (!isSet && count <= FLAT_MAX && areDistinct(from, count)) return flat(from, count);
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

/** Whether bytes are UTF-8: what is not would mean one thing here and another to the host. */
function isUtf8(from: usize, limit: usize): bool {
  let i = from;
  while (i + 8 <= limit && (load<u64>(i) & 0x8080808080808080) == 0) i += 8;
  while (i < limit) {
    const lead = <u32>load<u8>(i++);
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const more: usize = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (i + more > limit) return false;
    const second = <u32>load<u8>(i);
    const low: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const high: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let k: usize = 1; k < more; k++) if ((load<u8>(i + k) & 0xc0) != 0x80) return false;
    i += more;
  }
  return true;
}

function plainEscape(letter: u8): u8 {
  switch (letter) {
    case 0x22:
    case 0x5c:
    case 0x2f:
      return letter;
    case 0x62:
      return 8;
    case 0x66:
      return 12;
    case 0x6e:
      return 10;
    case 0x72:
      return 13;
    case 0x74:
      return 9;
    default:
      return 0;
  }
}

function hex4(from: usize, limit: usize): i32 {
  if (from + 4 > limit) return -1;
  let code = 0;
  for (let i = 0; i < 4; i++) {
    const byte = <i32>load<u8>(from + i);
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : (byte | 32) >= 97 && (byte | 32) <= 102 ? (byte | 32) - 87 : -1;
    if (digit < 0) return -1;
    code = (code << 4) | digit;
  }
  return code;
}

/** Writes a rune as UTF-8; gives where it ends. */
export function putRune(to: usize, code: i32): usize {
  if (code < 0x80) {
    store<u8>(to, code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, 0xc0 | (code >> 6));
    store<u8>(to, 0x80 | (code & 63), 1);
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, 0xe0 | (code >> 12));
    store<u8>(to, 0x80 | ((code >> 6) & 63), 1);
    store<u8>(to, 0x80 | (code & 63), 2);
    return to + 3;
  }
  store<u8>(to, 0xf0 | (code >> 18));
  store<u8>(to, 0x80 | ((code >> 12) & 63), 1);
  store<u8>(to, 0x80 | ((code >> 6) & 63), 2);
  store<u8>(to, 0x80 | (code & 63), 3);
  return to + 4;
}
