// Values to JSON text (sets as arrays, keys that are no strings as their JSON text), or to Rego literals.
import { alloc, heap, spend } from "./memory";
import { numberLength, writeNumber } from "./number";
import { sorted } from "./object";
import { runeCount } from "./string";
import {
  byteLength,
  bytesOf,
  FALSE,
  isRecord,
  K_ARRAY,
  K_NUMBER,
  K_OBJECT,
  K_STRING,
  kindOf,
  lengthOf,
  NULL,
} from "./value";

let to: usize = 0;
let room: usize = 0;
let literal: bool = false;
/** Inside a key that is no string, what is written is itself escaped. */
let inKey: i32 = 0;

/** Writes a value; gives the address of its text, which ends in NUL. */
export function writeJson(value: usize, asLiteral: bool): usize {
  // Sorting allocates, so everything is put in order before the buffer at the end of the heap begins to grow.
  order(value);
  literal = asLiteral;
  inKey = 0;
  const text = alloc(256);
  to = text;
  room = heap;
  write(value);
  ensure(1);
  store<u8>(to, 0);
  writtenEnd = to;
  return text;
}

/** Where the last text ends. */
export let writtenEnd: usize = 0;

/** Puts objects and sets in order, deep. */
export function order(value: usize): void {
  if (!isRecord(value)) return;
  const kind = <i32>load<u8>(value);
  // Counting tells hosts which strings are ASCII.
  if (kind == K_STRING) runeCount(value);
  if (kind < K_ARRAY) return;
  const length = lengthOf(value);
  spend(1 + (length >> 2));
  if (kind == K_ARRAY) {
    const elements = load<u32>(value, 16);
    for (let i = 0; i < length; i++) order(load<u32>(elements + (i << 2)));
    return;
  }
  const entries = sorted(value);
  for (let i = 0; i < length; i++) {
    order(load<u32>(entries + (i << 3)));
    if (kind == K_OBJECT) order(load<u32>(entries + (i << 3), 4));
  }
}

@inline
function ensure(bytes: usize): void {
  if (to + bytes > room) more(bytes);
}

function more(bytes: usize): void {
  alloc(max(bytes + 8, 1024));
  room = heap;
}

function put(byte: u8): void {
  ensure(16);
  if (inKey && (byte == 0x22 || byte == 0x5c)) {
    // Each level of keys doubles the backslashes.
    if (inKey > 1) {
      const level = inKey;
      inKey--;
      put(0x5c);
      put(byte);
      inKey = level;
      return;
    }
    store<u8>(to++, 0x5c);
  }
  store<u8>(to++, byte);
}

function putText(text: string): void {
  ensure(text.length);
  for (let i = 0; i < text.length; i++) store<u8>(to++, load<u16>(changetype<usize>(text) + (i << 1)));
}

function write(value: usize): void {
  const kind = kindOf(value);
  if (kind == K_STRING) return writeString(value);
  if (kind == K_NUMBER) {
    ensure(numberLength(value));
    to += writeNumber(value, to);
    return;
  }
  if (kind < K_NUMBER) return putText(value == NULL ? "null" : value == FALSE ? "false" : "true");
  const length = lengthOf(value);
  const items = load<u32>(value, 16);
  if (kind == K_ARRAY) {
    put(0x5b);
    for (let i = 0; i < length; i++) {
      if (i) comma();
      write(load<u32>(items + (i << 2)));
    }
    return put(0x5d);
  }
  if (kind == K_OBJECT) return writeObject(items, length);
  if (literal && length == 0) return putText("set()");
  put(literal ? 0x7b : 0x5b);
  for (let i = 0; i < length; i++) {
    if (i) comma();
    write(load<u32>(items + (i << 3)));
  }
  put(literal ? 0x7d : 0x5d);
}

function writeObject(entries: usize, length: i32): void {
  put(0x7b);
  for (let i = 0; i < length; i++) {
    if (i) comma();
    const key = load<u32>(entries + (i << 3));
    if (literal || kindOf(key) == K_STRING) write(key);
    else {
      put(0x22);
      inKey++;
      write(key);
      inKey--;
      put(0x22);
    }
    put(0x3a);
    if (literal) put(0x20);
    write(load<u32>(entries + (i << 3), 4));
  }
  put(0x7d);
}

function comma(): void {
  put(0x2c);
  if (literal) put(0x20);
}

function writeString(string: usize): void {
  put(0x22);
  const end = bytesOf(string) + byteLength(string);
  for (let at = bytesOf(string); at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0x22 || byte == 0x5c || byte < 0x20) {
      put(0x5c);
      const letter = shortEscape(byte);
      put(letter);
      if (letter == 0x75) {
        putText("00");
        put(48 + (byte >> 4));
        const low = byte & 15;
        put(low < 10 ? 48 + low : 87 + low);
      }
    } else {
      ensure(1);
      store<u8>(to++, byte);
    }
  }
  put(0x22);
}

function shortEscape(byte: u8): u8 {
  switch (byte) {
    case 8:
      return 0x62;
    case 9:
      return 0x74;
    case 10:
      return 0x6e;
    case 12:
      return 0x66;
    case 13:
      return 0x72;
    case 0x22:
    case 0x5c:
      return byte;
    default:
      return 0x75;
  }
}
