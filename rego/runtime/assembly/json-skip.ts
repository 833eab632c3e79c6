// Past JSON that nobody reads: it must be JSON all the same. Nothing is kept, so this is one loop over the text with what
// is open on a small stack. The text ends in a zero byte.
import { heap, setHeap } from "./memory";
import { nextSpecial, pastSpace, plainEnd, stringEnd } from "./json-text";
import { numberEnd, readNumber } from "./number";

/** How deep a value may nest. */
export const DEPTH_MAX: i32 = 1000;

/** Integers of so many digits need no closer look. */
const DIGITS_MAX: usize = 15;

/** A quote and what is behind it, as a word. */
const QUOTE_COLON: u16 = 0x3a22;
export const QUOTE_COMMA: u16 = 0x2c22;

/** What is open at each depth: the byte that closes it. */
const open: usize = memory.data(1008);

/** Past a string, from its first quote; 0 where there is none. */
@inline
function pastString(from: usize, end: usize): usize {
  let last = plainEnd(from + 1);
  if (last == 0) last = stringEnd(from + 1, end);
  return last == 0 ? 0 : last + 1;
}

/** Past a name and its colon; 0 where there is none. */
@inline
function pastName(from: usize, end: usize): usize {
  let at = from;
  if (load<u8>(at) != 0x22) {
    at = pastSpace(at);
    if (load<u8>(at) != 0x22) return 0;
  }
  const last = nextSpecial(at + 1);
  if (load<u16>(last) == QUOTE_COLON) return last + 2;
  at = pastString(at, end);
  if (at == 0) return 0;
  if (load<u8>(at) != 0x3a) {
    at = pastSpace(at);
    if (load<u8>(at) != 0x3a) return 0;
  }
  return at + 1;
}

/** Past a value at a depth; 0 where there is none. */
export function skipValue(from: usize, end: usize, depth: i32): usize {
  let at = from;
  let level = depth;
  // What closes that which is open; 0 where nothing is.
  let close: u8 = 0;
  if (level > DEPTH_MAX) return 0;
  for (;;) {
    let byte = load<u8>(at);
    if (byte <= 32) {
      at = pastSpace(at);
      byte = load<u8>(at);
    }
    if (byte == 0x22) {
      const last = nextSpecial(at + 1);
      if (close != 0 && load<u16>(last) == QUOTE_COMMA) {
        at = last + 2;
        if (close == 0x7d) {
          at = pastName(at, end);
          if (at == 0) return 0;
        }
        continue;
      }
      at = pastString(at, end);
      if (at == 0) return 0;
    } else if (byte == 0x7b || byte == 0x5b) {
      // Two more than its opening byte is what closes it.
      const closing = byte + 2;
      at = pastSpace(at + 1);
      if (load<u8>(at) == closing) at++;
      else {
        close = closing;
        store<u8>(open + level, close);
        if (++level > DEPTH_MAX) return 0;
        if (byte == 0x7b) {
          at = pastName(at, end);
          if (at == 0) return 0;
        }
        continue;
      }
    } else {
      at = pastScalar(at, end, byte);
      if (at == 0) return 0;
    }
    for (;;) {
      if (level == depth) return at;
      byte = load<u8>(at);
      if (byte <= 32) {
        at = pastSpace(at);
        byte = load<u8>(at);
      }
      at++;
      if (byte == 0x2c) {
        if (close == 0x7d) {
          at = pastName(at, end);
          if (at == 0) return 0;
        }
        break;
      }
      if (byte != close) return 0;
      level--;
      close = level == depth ? 0 : load<u8>(open + level - 1);
    }
  }
  return 0;
}

function pastScalar(from: usize, end: usize, byte: u8): usize {
  if (byte == 0x74) return load<u32>(from) == 0x65757274 ? from + 4 : 0;
  if (byte == 0x66) return load<u32>(from, 1) == 0x65736c61 ? from + 5 : 0;
  if (byte == 0x6e) return load<u32>(from) == 0x6c6c756e ? from + 4 : 0;
  let at = from;
  while (<u32>load<u8>(at) - 48 < 10) at++;
  const after = load<u8>(at);
  const isPlain = at != from && at - from <= DIGITS_MAX && (byte != 48 || at == from + 1);
  if (isPlain && after != 0x2e && (after | 32) != 0x65) return at;
  // Signs, fractions and exponents are rare: the number is read, and forgotten.
  const before = heap;
  const read = readNumber(from, end);
  setHeap(before);
  return read == 0 ? 0 : numberEnd;
}
