// How values go on that have no end of their own. detect/tokens.ts and detect/secrets.ts say the same byte by byte, for
// those whose end is not here.
import { alphanumeric, ending, has, jwtTail, pemBody } from "./sets";

/** A longer value is left to whoever keeps no part of it. */
const valueBytesMax: i32 = 4096;

const markerBytes: i32 = 9;
const dashes: i32 = 5;

/**
 * Where a value ends that began at `start` and goes on behind `from` as the tail of its look says; -1 where that cannot be
 * told, or where it is too long. `kind` is what the look looks for, `set` the bytes of one that looks for a form.
 */
export function endOfTail(kind: i32, which: i32, set: i32, start: i32, from: i32, limit: i32, final: bool): i32 {
  const ceiling = min(limit, start + valueBytesMax + 1);
  let at = from;
  if (kind == 14) at = pastKey(from, ceiling);
  else if (kind == 15) while (at < ceiling && load<u8>(set + i32(load<u8>(at))) == 1) at++;
  else if (kind == 13) while (at < ceiling && has(jwtTail, at)) at++;
  else if (which == 1) while (at < ceiling && !has(ending, at)) at++;
  else at = pastQuoted(which == 2 ? 0x22 : which == 3 ? 0x27 : 0x60, from, ceiling);
  if (at - start > valueBytesMax) return -1;
  return at < limit || final ? at : -1;
}

@inline
function pastQuoted(quote: i32, from: i32, ceiling: i32): i32 {
  let at = from;
  for (; at < ceiling; at++) {
    const byte = i32(load<u8>(at));
    if (byte == quote || byte == 0x0d || byte == 0x0a) break;
  }
  return at;
}

/** Behind the end marker of a key and its label, or before a byte that no key holds. */
function pastKey(from: i32, ceiling: i32): i32 {
  let at = from;
  /** How much of the marker stands before the place, and behind all of it how many dashes more. */
  let state = 0;
  while (at < ceiling) {
    if (state == 0) {
      while (at < ceiling && has(pemBody, at)) at++;
      if (at >= ceiling) break;
    }
    const byte = i32(load<u8>(at));
    if (state >= markerBytes) {
      if (byte == 0x2d) {
        at++;
        if (++state == markerBytes + dashes) break;
        continue;
      }
      if (byte != 0x20 && byte != 0x2b && byte != 0x2f && !has(alphanumeric, at)) break;
      state = markerBytes;
    } else if (byte == markerAt(state)) state++;
    // A sixth dash leaves five standing.
    else if (byte == 0x2d) state = max(1, min(state, dashes));
    else if (has(pemBody, at)) state = 0;
    else break;
    at++;
  }
  return at;
}

/** What stands at a place of the marker: `-----END `. */
@inline
function markerAt(place: i32): i32 {
  if (place < dashes) return 0x2d;
  return place == 5 ? 0x45 : place == 6 ? 0x4e : place == 7 ? 0x44 : 0x20;
}
