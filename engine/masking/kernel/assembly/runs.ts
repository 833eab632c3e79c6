// Runs of base64 (either alphabet) that are long enough to hide a value: found, and decoded one behind the other.
import { atWord, classesAt, control, fromWord, outAt, outWord, placesAt, tableAt } from "./layout";
import { all } from "./splats";

/** Shorter runs hold nothing that a detector finds. */
const runBytesMin: i32 = 24;
/** A longer run is looked at in pieces of this size, a multiple of four, so that the letters keep their places. */
const runBytesMax: i32 = 4096;
/** How much of a piece the next one has again: a value on the border is whole in one of them. */
const overlapBytes: i32 = 512;
/** What sixteen letters stand for. */
const blockBytes: i32 = 12;
const paddingBytesMax: i32 = 2;

/** Bytes that are a letter: all ones. */
@inline
function letters(text: v128): v128 {
  const folded = v128.or(text, all(0x20));
  const alphabetic = i8x16.le_u(i8x16.sub(folded, all(0x61)), all(25));
  // The signs + - / and the digits are apart by the gaps of , and .
  const figures = i8x16.le_u(i8x16.sub(text, all(0x2f)), all(10));
  const signs = v128.or(
    v128.or(i8x16.eq(text, all(0x2b)), i8x16.eq(text, all(0x2d))),
    i8x16.eq(text, all(0x5f)),
  );
  return v128.or(v128.or(alphabetic, figures), signs);
}

@inline
function lettersAt(at: i32): i32 {
  return i8x16.bitmask(letters(v128.load(at)));
}

/** Where the first run begins that is long enough, or where one might that is not all here. */
function seek(from: i32, limit: i32): i32 {
  let at = from;
  while (at + runBytesMin <= limit) {
    const set =
      u64(lettersAt(at)) | (u64(lettersAt(at + 16)) << 16) | (u64(lettersAt(at + 32)) << 32) | (u64(lettersAt(at + 48)) << 48);
    // Where 2, 4, 8, 16 and then 24 letters begin.
    const two = set & (set >> 1);
    const four = two & (two >> 2);
    const eight = four & (four >> 4);
    const long = eight & (eight >> 8) & (eight >> 16);
    if (long != 0) {
      const begins = at + i32(ctz(long));
      return begins + runBytesMin <= limit ? begins : lastBreak(at, limit);
    }
    if (at + 64 > limit) return lastBreak(at, limit);
    at += 64 - runBytesMin + 1;
  }
  return at;
}

/** Behind the last byte before the limit that is no letter: fewer than a run's letters stand behind it. */
function lastBreak(from: i32, limit: i32): i32 {
  let at = limit;
  const floor = max(from, limit - runBytesMin);
  while (at > floor && (lettersAt(at - 1) & 1) != 0) at--;
  return at;
}

/** Behind the last letter of a run. */
function past(from: i32, limit: i32): i32 {
  let at = from;
  while (at < limit) {
    const others = ~lettersAt(at) & 0xffff;
    if (others != 0) return min(limit, at + ctz(others));
    at += 16;
  }
  return min(at, limit);
}

/** What sixteen letters stand for: twelve bytes. */
@inline
function decoded(text: v128): v128 {
  const lower = i8x16.le_u(i8x16.sub(text, all(0x61)), all(25));
  const upper = i8x16.le_u(i8x16.sub(text, all(0x41)), all(25));
  const figures = i8x16.le_u(i8x16.sub(text, all(0x30)), all(9));
  let shift = v128.and(lower, all(0xb9));
  shift = v128.or(shift, v128.and(upper, all(0xbf)));
  shift = v128.or(shift, v128.and(figures, all(4)));
  shift = v128.or(shift, v128.and(i8x16.eq(text, all(0x2b)), all(19)));
  shift = v128.or(shift, v128.and(i8x16.eq(text, all(0x2d)), all(17)));
  shift = v128.or(shift, v128.and(i8x16.eq(text, all(0x2f)), all(16)));
  shift = v128.or(shift, v128.and(i8x16.eq(text, all(0x5f)), all(0xe0)));
  const values = v128.and(i8x16.add(text, shift), all(0x3f));
  const bits = v128.or(
    v128.or(
      i32x4.shl(v128.and(values, i32x4.splat(0xff)), 18),
      i32x4.shl(v128.and(values, i32x4.splat(0xff00)), 4),
    ),
    v128.or(i32x4.shr_u(v128.and(values, i32x4.splat(0xff0000)), 10), i32x4.shr_u(values, 24)),
  );
  return i8x16.swizzle(bits, i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
}

/** Which of the bytes that sixteen letters stand for are text. */
@inline
function textAt(text: v128): i32 {
  const printable = i8x16.le_u(i8x16.sub(text, all(0x20)), all(0x5e));
  const blank = v128.or(
    i8x16.le_u(i8x16.sub(text, all(0x09)), all(1)),
    i8x16.eq(text, all(0x0d)),
  );
  return i8x16.bitmask(v128.or(printable, blank)) & ((1 << blockBytes) - 1);
}

/** Decodes letters; whether twelve bytes of text follow each other somewhere, the least that is looked into. */
@inline
function decodeLetters(from: i32, end: i32, out: i32): bool {
  /** Which of the bytes of this block, and of the one before, are text. */
  let seen = 0;
  let found = 0;
  for (let letter = from, to = out; letter < end; letter += 16, to += blockBytes) {
    const text = decoded(v128.load(letter));
    v128.store(to, text);
    let is = textAt(text);
    if (letter + 16 > end) is &= (1 << (((end - letter) * 3) >> 2)) - 1;
    seen = (seen >> blockBytes) | (is << blockBytes);
    const two = seen & (seen >> 1);
    const four = two & (two >> 2);
    found |= four & (four >> 4) & (four >> 8);
  }
  return found != 0;
}

/**
 * Finds the runs of the window up to `limit`, and decodes those with text in them, a line end and a zero behind each.
 * Goes on from the words `at` and `from`, and leaves there how far it came: `from` is where a run begins whose end is not
 * here, or -1. Answers how many it decoded; for each, three numbers: where its text ends, where it begins and ends.
 */
export function findRuns(limit: i32, final: bool): i32 {
  let at = load<i32>(control, atWord);
  let from = load<i32>(control, fromWord);
  let out = outAt;
  let count = 0;
  while (true) {
    if (from < 0) {
      at = seek(at, limit);
      if (at + runBytesMin > limit) {
        if (final) at = limit;
        break;
      }
      from = at;
    }
    const ceiling = min(limit, from + runBytesMax);
    at = past(at, ceiling);
    if (at - from < runBytesMin) {
      from = -1;
      at++;
      continue;
    }
    let end = at;
    while (end < limit && end < at + paddingBytesMax && load<u8>(end) == 0x3d) end++;
    if (end >= limit && end < at + paddingBytesMax && !final) break;
    if (decodeLetters(from, at, out)) {
      // Of the letters behind the last four, two stand for a byte and three for two.
      out += ((at - from) * 3) >> 2;
      store<u16>(out, 0x000a);
      out += 2;
      const place = placesAt + count * 12;
      store<i32>(place, out - outAt);
      store<i32>(place, from, 4);
      store<i32>(place, end, 8);
      count++;
    }
    const goesOn = at < limit && at == from + runBytesMax;
    from = goesOn ? at - overlapBytes : -1;
    if (goesOn) at = from;
  }
  // Behind the last byte stands the line end that a scan expects.
  store<u8>(out, 0x0a);
  store<i32>(control, at, atWord);
  store<i32>(control, from, fromWord);
  store<i32>(control, out - outAt, outWord);
  return count;
}

@inline
function after(state: i32, at: i32): i32 {
  return load<i32>(state + i32(load<u16>(i32(load<u8>(at)) << 1, classesAt)), tableAt);
}

/**
 * Whether no trigger stands in what was decoded. The automaton goes along four parts at once: each of its steps waits for
 * the one before, and the other parts fill the time. False also where a state is not known yet.
 */
export function isQuiet(initial: i32, count: i32): bool {
  const end = outAt + load<i32>(control, outWord) + 1;
  let first = outAt;
  let second = boundary(count >> 2);
  let third = boundary(count >> 1);
  let fourth = boundary(count - (count >> 2));
  let one = initial;
  let two = initial;
  let three = initial;
  let four = initial;
  const ends = second;
  const ends2 = third;
  const ends3 = fourth;
  while (first < ends && second < ends2 && third < ends3 && fourth < end) {
    one = after(one, first++);
    two = after(two, second++);
    three = after(three, third++);
    four = after(four, fourth++);
    if ((one | two | three | four) < 0) return false;
  }
  return alone(one, first, ends) && alone(two, second, ends2) && alone(three, third, ends3) && alone(four, fourth, end);
}

/** Where the text of a run begins. */
function boundary(run: i32): i32 {
  return run == 0 ? outAt : outAt + load<i32>(placesAt + (run - 1) * 12);
}

function alone(from: i32, first: i32, end: i32): bool {
  let state = from;
  for (let at = first; at < end; at++) {
    state = after(state, at);
    if (state < 0) return false;
  }
  return true;
}
