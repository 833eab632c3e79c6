// Runs of base64 (either alphabet) that are long enough to hide a value: found, and decoded one behind the other.
import { atWord, control, fromWord, outAt, outWord, placesAt } from "./layout";
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

/**
 * For the upper half of a letter, what it stands for less the letter; then twelve bits of each sixteen, what pairs of
 * letters weigh, and in which order bytes stand.
 */
const shifts: i32 = i32(memory.data<u8>([
  0, 0, 19, 4, 0xbf, 0xbf, 0xb9, 0xb9, 0, 0, 0, 0, 0, 0, 0, 0,
  0xff, 0x0f, 0xff, 0x0f, 0xff, 0x0f, 0xff, 0x0f, 0xff, 0x0f, 0xff, 0x0f, 0xff, 0x0f, 0xff, 0x0f,
  0, 0x10, 1, 0, 0, 0x10, 1, 0, 0, 0x10, 1, 0, 0, 0x10, 1, 0,
  2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 0xff, 0xff, 0xff, 0xff,
], 16));

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

/** Up to where a run goes that was found, as far as that was seen, and whether it ends there. */
let seen: i32 = 0;
let hasEnd: bool = false;

/** The block that was looked at last: where it begins, which of its bytes are letters, and where enough of them begin. */
let block: i32 = 0;
let blockLetters: u64 = 0;
let blockRuns: u64 = 0;
const blockSize: i32 = 64;

function see(at: i32): void {
  const set =
    u64(lettersAt(at)) | (u64(lettersAt(at + 16)) << 16) | (u64(lettersAt(at + 32)) << 32) | (u64(lettersAt(at + 48)) << 48);
  // Where 2, 4, 8, 16 and then 24 letters begin.
  const two = set & (set >> 1);
  const four = two & (two >> 2);
  const eight = four & (four >> 4);
  block = at;
  blockLetters = set;
  blockRuns = eight & (eight >> 8) & (eight >> 16);
}

/** Where the first run begins that is long enough, or where one might that is not all here. */
function seek(from: i32, limit: i32): i32 {
  let at = from;
  while (at + runBytesMin <= limit) {
    // The block may show more than one run.
    if (u32(at - block) >= u32(blockSize)) see(at);
    const runs = blockRuns & (u64.MAX_VALUE << u64(at - block));
    if (runs != 0) {
      const first = ctz(runs);
      const begins = block + i32(first);
      const size = ctz(~(blockLetters >> first));
      hasEnd = i32(first + size) < blockSize;
      seen = begins + i32(size);
      return begins + runBytesMin <= limit ? begins : lastBreak(at, limit);
    }
    const next = block + blockSize - runBytesMin + 1;
    if (block + blockSize > limit) return lastBreak(at, limit);
    block = 0;
    at = max(at, next);
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
  // What a letter's upper half says, and what three letters are apart from their neighbours.
  let shift = i8x16.swizzle(v128.load(shifts), v128.and(i16x8.shr_u(text, 4), all(0x0f)));
  shift = i8x16.add(shift, v128.and(i8x16.eq(text, all(0x2d)), all(0xfe)));
  shift = i8x16.add(shift, v128.and(i8x16.eq(text, all(0x2f)), all(0xfd)));
  shift = i8x16.add(shift, v128.and(i8x16.eq(text, all(0x5f)), all(0x21)));
  const values = v128.and(i8x16.add(text, shift), all(0x3f));
  // Two letters are put together, and then two of these.
  const pairs = v128.or(i16x8.shl(values, 6), i16x8.shr_u(values, 8));
  const bits = i32x4.dot_i16x8_s(v128.and(pairs, v128.load(shifts, 16)), v128.load(shifts, 32));
  return i8x16.swizzle(bits, v128.load(shifts, 48));
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
  let texts = 0;
  let letter = from;
  let to = out;
  let found = 0;
  while (letter < end && found == 0) {
    const text = decoded(v128.load(letter));
    v128.store(to, text);
    let is = textAt(text);
    letter += 16;
    to += blockBytes;
    if (letter > end) is &= (1 << (((end - letter + 16) * 3) >> 2)) - 1;
    texts = (texts >> blockBytes) | (is << blockBytes);
    const two = texts & (texts >> 1);
    const four = two & (two >> 2);
    found = four & (four >> 4) & (four >> 8);
  }
  if (found == 0) return false;
  for (; letter < end; letter += 16, to += blockBytes) v128.store(to, decoded(v128.load(letter)));
  return true;
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
  block = 0;
  while (true) {
    hasEnd = false;
    seen = at;
    if (from < 0) {
      at = seek(at, limit);
      if (at + runBytesMin > limit) {
        if (final) at = limit;
        break;
      }
      from = at;
    }
    const ceiling = min(limit, from + runBytesMax);
    at = hasEnd ? min(seen, ceiling) : past(seen, ceiling);
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
