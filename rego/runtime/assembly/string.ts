// Strings: UTF-8 inside, counted in runes.
import { byteLength, bytesOf } from "./value";

/** The runes of a string; the record keeps the count. */
export function runeCount(string: usize): i32 {
  const known = load<i32>(string, 12);
  if (known) return known - 1;
  let count = 0;
  const end = bytesOf(string) + byteLength(string);
  let at = bytesOf(string);
  for (; at + 8 <= end && (load<u64>(at) & 0x8080808080808080) == 0; at += 8) count += 8;
  for (; at < end; at++) count += i32((load<u8>(at) & 0xc0) != 0x80);
  store<i32>(string, count + 1, 12);
  return count;
}
