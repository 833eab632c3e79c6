// Text with many escapes: colour sequences left out, one level of URL and JSON escapes decoded. detect/view.ts does the same
// where there are few, and says what each means.
import { control, escapesWord, outAt, outWord, splicesAt, windowAt } from "./layout";
import { all } from "./splats";

/** Longest terminal sequence that is left out. */
const terminalSequenceBytesMax: i32 = 32;

const escapeByte: i32 = 0x1b;
const percent: i32 = 0x25;
const backslash: i32 = 0x5c;
const noHex: i32 = 0x80;

/** What a hexadecimal digit stands for. */
const hexValues: i32 = i32(memory.data(256));
/** What a letter behind a backslash stands for; 0 for nothing. */
const simpleEscapes: i32 = i32(memory.data(256));

/** Fills the tables. */
export function fillEscapes(): void {
  memory.fill(hexValues, u8(noHex), 256);
  const hexes = "0123456789abcdef";
  for (let value = 0; value < 16; value++) {
    store<u8>(hexValues + hexes.charCodeAt(value), value);
    if (value > 9) store<u8>(hexValues + hexes.charCodeAt(value) - 32, value);
  }
  const letters = "ntr\"/bf\\";
  const characters = "\n\t\r\"/\b\f\\";
  for (let at = 0; at < letters.length; at++) store<u8>(simpleEscapes + letters.charCodeAt(at), characters.charCodeAt(at));
}

/**
 * Decodes so many bytes of the window, up to an escape whose end is not here; answers how many it took. For each escape it
 * tells where in the view it stands, whose bytes so far are `length`, and its size twice, and 1 for one that is a byte.
 */
export function decode(size: i32, length: i32): i32 {
  const limit = windowAt + size;
  const shift = length - outAt;
  let at = windowAt;
  let out = outAt;
  let splice = splicesAt;
  while (true) {
    // What stands up to the next escape, in pieces of 16 bytes.
    while (true) {
      const text = v128.load(at);
      v128.store(out, text);
      const marks = v128.or(
        v128.or(i8x16.eq(text, all(escapeByte)), i8x16.eq(text, all(percent))),
        i8x16.eq(text, all(backslash)),
      );
      const plain = min(ctz(i8x16.bitmask(marks) | 0x10000), limit - at);
      at += plain;
      out += plain;
      if (plain < 16) break;
    }
    if (at >= limit) break;
    const byte = i32(load<u8>(at));
    const bytes = escapeSize(at, byte, limit);
    if (bytes == 0) break;
    if (bytes == 1) store<u8>(out++, byte);
    else {
      store<i32>(splice, out + shift);
      store<i32>(splice, (bytes << 1) | i32(byte != escapeByte), 4);
      splice += 8;
      if (byte != escapeByte) store<u8>(out++, decoded(at, bytes));
    }
    at += bytes;
  }
  store<i32>(control, out - outAt, outWord);
  store<i32>(control, (splice - splicesAt) >> 3, escapesWord);
  return at - windowAt;
}

/** The length of the escape that begins with a byte; 1 when it is none, 0 when that cannot be told yet. */
@inline
function escapeSize(at: i32, byte: i32, limit: i32): i32 {
  // The longest escape is here as a whole, or somebody else who sees more looks at it.
  if (limit - at < terminalSequenceBytesMax) return 0;
  const kind = i32(load<u8>(at, 1));
  if (byte == escapeByte) return kind == 0x5b ? controlSize(at) : 1;
  if (byte == percent) return hexes(at + 1, 3);
  if (kind == 0x75) return load<u16>(at, 2) == 0x3030 ? hexes(at + 4, 6) : 1;
  if (kind == 0x78) return hexes(at + 2, 4);
  return load<u8>(simpleEscapes + kind) == 0 ? 1 : 2;
}

/** `size` when two hexadecimal digits stand there, 1 when not. */
@inline
function hexes(at: i32, size: i32): i32 {
  const either = load<u8>(hexValues + i32(load<u8>(at))) | load<u8>(hexValues + i32(load<u8>(at, 1)));
  return (either & noHex) != 0 ? 1 : size;
}

/** ECMA-48 5.4: ESC [ parameters intermediates final. */
@inline
function controlSize(at: i32): i32 {
  let index = at + 2;
  while (index < at + terminalSequenceBytesMax) {
    const byte = i32(load<u8>(index));
    index++;
    if (u32(byte - 0x40) <= 0x3e) return index - at;
    if (u32(byte - 0x20) > 0x1f) return 1;
  }
  return 1;
}

@inline
function decoded(at: i32, bytes: i32): i32 {
  if (bytes == 2) return i32(load<u8>(simpleEscapes + i32(load<u8>(at, 1))));
  const low = at + bytes;
  return (
    (i32(load<u8>(hexValues + i32(load<u8>(low - 2)))) << 4) | i32(load<u8>(hexValues + i32(load<u8>(low - 1))))
  );
}
