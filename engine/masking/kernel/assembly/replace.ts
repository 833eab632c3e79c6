// Replaces values by the texts that stand for all values of their kind.
import { constantsAt, constantsMax, control, endsAt, kindsAt, outAt, outEnd, outWord, startsAt, windowAt } from "./layout";

/** Of a longer value nothing is shown, whatever its kind. */
const valueBytesMax: i32 = 4096;
/** Up to so many bytes are copied without a call. */
const nearBytes: i32 = 64;

/**
 * Copies the window from its beginning with its values replaced, up to the end of the last one; `place` is what the
 * beginning of the window is in the places of values. Stops before a value that no such text stands for; answers how
 * many were replaced.
 */
export function replace(place: i32, count: i32): i32 {
  const shift = windowAt - place;
  const until = count << 2;
  let out = outAt;
  let at = windowAt;
  let index = 0;
  for (; index < until; index += 4) {
    const start = load<i32>(startsAt + index) + shift;
    const end = load<i32>(endsAt + index) + shift;
    const kind = load<i32>(kindsAt + index);
    if (u32(kind) >= u32(constantsMax)) break;
    if (end - start > valueBytesMax) break;
    const constant = constantsAt + (kind << 5);
    const size = load<i32>(constant);
    const gap = start - at;
    // A value does not begin before what is replaced already, and a text stands for its kind.
    if ((gap | size) < 0) break;
    if (out + gap + 32 > outEnd) break;
    v128.store(out, v128.load(at));
    if (gap > 16) copyRest(out, at, gap);
    out += gap;
    v128.store(out, v128.load(constant, 16));
    out += size;
    at = end;
  }
  store<i32>(control, out - outAt, outWord);
  return index >> 2;
}

/** All but the first 16 bytes; up to 15 more are written. */
function copyRest(to: i32, from: i32, size: i32): void {
  if (size > nearBytes) {
    memory.copy(to + 16, from + 16, size - 16);
    return;
  }
  for (let at = 16; at < size; at += 16) v128.store(to + at, v128.load(from + at));
}
