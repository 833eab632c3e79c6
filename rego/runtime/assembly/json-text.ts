// What JSON text is made of: white space, strings, their escapes. Every function takes where it begins; memory behind the
// text can be read, and what is behind it ends every string and number (a zero byte).

/** Past white space, of which there mostly is none. */
@inline
export function pastSpace(from: usize): usize {
  return load<u8>(from) > 32 ? from : pastAllSpace(from);
}

function pastAllSpace(from: usize): usize {
  let at = from;
  while (load<u8>(at) == 32 || load<u8>(at) == 10 || load<u8>(at) == 13 || load<u8>(at) == 9) at++;
  return at;
}

/**
 * The bytes of the text that were looked at last, and which of them are special: strings are short, so that several lie
 * in them, and where the next one ends is told without waiting for memory.
 */
let window: usize = 0;
let special: u64 = 0;
const WINDOW: usize = 64;

/** Begins another text. */
export function beginText(): void {
  window = 0;
  special = 0;
}

/** Where the quote of a string of plain ASCII is, from behind its first one; 0 where there is anything else in it. */
@inline
export function plainEnd(from: usize): usize {
  const at = nextSpecial(from);
  return load<u8>(at) == 0x22 ? at : 0;
}

/** The first quote, backslash, control byte or byte beyond ASCII from a place on: at last the zero behind the text. */
@inline
export function nextSpecial(from: usize): usize {
  // What lies before the window is far behind it: addresses have no sign.
  const offset = from - window;
  const found = offset < WINDOW ? special >> offset : 0;
  return found == 0 ? specialFrom(from) : from + <usize>ctz(found);
}

function specialFrom(from: usize): usize {
  let at = from;
  let found = specials(at);
  while (found == 0) {
    at += WINDOW;
    found = specials(at);
  }
  window = at;
  special = found;
  return at + <usize>ctz(found);
}

@inline
function specials(at: usize): u64 {
  const low = <u64>specialBytes(at) | (<u64>specialBytes(at + 16) << 16);
  return low | (<u64>specialBytes(at + 32) << 32) | (<u64>specialBytes(at + 48) << 48);
}

/** Which of sixteen bytes are quotes, backslashes, control bytes or beyond ASCII. */
@inline
function specialBytes(at: usize): i32 {
  const bytes = v128.load(at);
  // With one bit turned, a quote comes before the space, like control bytes; as signed ones, so do bytes beyond ASCII.
  const low = i8x16.lt_s(v128.xor(bytes, i8x16.splat(2)), i8x16.splat(0x21));
  return i8x16.bitmask(v128.or(low, i8x16.eq(bytes, i8x16.splat(0x5c))));
}

/** Where the quote of any string is, from behind its first one; 0 where it is none. */
export function stringEnd(from: usize, end: usize): usize {
  let at = from;
  for (;;) {
    if (at >= end) return 0;
    const byte = load<u8>(at);
    if (byte == 0x22) break;
    if (byte < 0x20) return 0;
    if (byte == 0x5c) {
      const letter = load<u8>(at + 1);
      if (letter == 0x75 ? hex4(at + 2, end) < 0 : plainEscape(letter) == 0) return 0;
      at += letter == 0x75 ? 6 : 2;
    } else at++;
  }
  return isUtf8(from, at) ? at : 0;
}

/** Whether bytes are UTF-8: what is not would mean one thing here and another to the host. */
export function isUtf8(from: usize, limit: usize): bool {
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

/** What a letter behind a backslash stands for; 0 for none. */
export function plainEscape(letter: u8): u8 {
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

/** Four hexadecimal digits; -1 where there are none. */
export function hex4(from: usize, limit: usize): i32 {
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
