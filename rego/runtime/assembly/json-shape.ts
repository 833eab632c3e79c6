// JSON text to those of its values that a policy reads. rego/wasm/shapes.ts says how a shape lies in memory.
import { arrayOf, at, begin, keyAt, objectOf, pushWord, stackHeight, valueAt } from "./json-read";
import { DEPTH_MAX, QUOTE_COMMA, skipValue } from "./json-skip";
import { beginText, nextSpecial, pastSpace, plainEnd } from "./json-text";
import { sameBytes } from "./compare";
import { alloc, copyToTop, setHeap } from "./memory";
import { byteLength, bytesOf, makeString } from "./value";

/** All of a value is read. */
const WHOLE: usize = 1;

/**
 * Names are guessed: most objects have those of the one before at their depth, in its order. For each of the first places
 * of the upper depths: the shape @0, length of the text @4, field or 0 @8, and @16 the text, quotes and colon included,
 * with the mask of its bytes @32. What is there stays true whatever is read.
 */
const GUESS: usize = 48;
const PLACES: i32 = 16;
const DEPTHS: i32 = 8;
const guesses: usize = memory.data(6144);

let end: usize = 0;
/** Where the value read last ends. */
let ended: usize = 0;

/** Reads what a shape says of a document; 0 when the text is none. The text is the last thing in memory. */
export function readShaped(text: usize, length: usize, shape: usize): usize {
  begin(text, length, false);
  beginText();
  end = text + length;
  setHeap(end);
  // A zero byte ends every string, number and white space.
  alloc(16);
  store<u64>(end, 0);
  const read = shaped(text, 0, shape);
  return read != 0 && pastSpace(ended) == end ? read : 0;
}

function shaped(from: usize, depth: i32, shape: usize): usize {
  const start = pastSpace(from);
  const byte = load<u8>(start);
  if (byte == 0x22) {
    const last = plainEnd(start + 1);
    if (last != 0) {
      ended = last + 1;
      return plainString(start + 1, last - start - 1);
    }
  }
  if (shape != WHOLE && depth <= DEPTH_MAX) {
    if (byte == 0x7b) return shapedObject(start, depth, shape);
    if (byte == 0x5b) return shapedArray(start, depth, load<u32>(shape, 4));
  }
  const read = valueAt(start, depth);
  ended = at;
  return read;
}

function plainString(from: usize, length: usize): usize {
  const made = makeString(length);
  copyToTop(bytesOf(made), from, length);
  return made;
}

/** An array whose elements are read by a shape; 0 for none of them, the array itself stays. */
function shapedArray(from: usize, depth: i32, elements: usize): usize {
  const base = stackHeight();
  let next = pastSpace(from + 1);
  if (load<u8>(next) == 0x5d) next++;
  else {
    for (;;) {
      if (elements == 0) {
        next = skipValue(next, end, depth + 1);
        if (next == 0) return 0;
      } else {
        const element = shaped(next, depth + 1, elements);
        if (element == 0) return 0;
        pushWord(element);
        next = ended;
      }
      next = pastSpace(next);
      const byte = load<u8>(next++);
      if (byte == 0x5d) break;
      if (byte != 0x2c) return 0;
    }
  }
  ended = next;
  return arrayOf(base);
}

/** An object of the fields that are read, or by the shape of its elements of all of them. */
function shapedObject(from: usize, depth: i32, shape: usize): usize {
  // Where entries are read by name and as elements besides, all of each is read.
  const elements: usize = load<u32>(shape, 4) == 0 ? 0 : load<u32>(shape) ? WHOLE : load<u32>(shape, 4);
  const base = stackHeight();
  let next = pastSpace(from + 1);
  if (load<u8>(next) == 0x7d) next++;
  else {
    for (let place = 0; ; place++) {
      next = pastSpace(next);
      let key: usize = 0;
      let inner = elements;
      const guess = guesses + <usize>(((depth & (DEPTHS - 1)) * PLACES) | (place & (PLACES - 1))) * GUESS;
      const known = v128.and(v128.load(next), v128.load(guess, 32));
      if (load<u32>(guess) == shape && !v128.any_true(v128.xor(known, v128.load(guess, 16)))) {
        next += load<u32>(guess, 4);
        const field = <usize>load<u32>(guess, 8);
        if (field) {
          key = load<u32>(field);
          inner = load<u32>(field, 4);
        }
      } else {
        if (load<u8>(next) != 0x22) return 0;
        const last = plainEnd(next + 1);
        let field: usize = 0;
        const from = next;
        if (last == 0 || elements) {
          // A name with escapes may be any: it is read in full, and with it what it names.
          if (last == 0) inner = WHOLE;
          key = keyAt(next);
          if (key == 0) return 0;
          next = at;
        } else {
          field = fieldOf(shape, next + 1, last - next - 1);
          if (field) {
            key = load<u32>(field);
            inner = load<u32>(field, 4);
          }
          next = last + 1;
        }
        if (load<u8>(next) != 0x3a) {
          next = pastSpace(next);
          if (load<u8>(next) != 0x3a) return 0;
        }
        next++;
        if (last != 0 && elements == 0 && next == last + 2) learn(guess, shape, field, from, next - from);
      }
      if (key == 0) {
        if (load<u8>(next) == 0x22) {
          const last = nextSpecial(next + 1);
          if (load<u16>(last) == QUOTE_COMMA) {
            next = last + 2;
            continue;
          }
        }
        next = skipValue(next, end, depth + 1);
        if (next == 0) return 0;
      } else {
        pushWord(key);
        const item = shaped(next, depth + 1, inner);
        if (item == 0) return 0;
        pushWord(item);
        next = ended;
      }
      next = pastSpace(next);
      const byte = load<u8>(next++);
      if (byte == 0x7d) break;
      if (byte != 0x2c) return 0;
    }
  }
  ended = next;
  return objectOf(base, (stackHeight() - base) >> 3, false);
}

/** Guesses that a name will be found there again. */
function learn(guess: usize, shape: usize, field: usize, text: usize, length: usize): void {
  if (length > 16) return;
  store<u32>(guess, shape);
  store<u32>(guess, length, 4);
  store<u32>(guess, field, 8);
  v128.store(guess, i8x16.splat(0), 32);
  memory.fill(guess + 32, 0xff, length);
  v128.store(guess, v128.and(v128.load(text), v128.load(guess, 32)), 16);
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
