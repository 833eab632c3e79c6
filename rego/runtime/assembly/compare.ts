// Equality and Rego's total order.
import { find, sorted } from "./object";
import { spend } from "./memory";
import {
  byteLength,
  bytesOf,
  intOf,
  isInt,
  isRecord,
  K_ARRAY,
  K_NUMBER,
  K_OBJECT,
  K_STRING,
  kindOf,
  lengthOf,
} from "./value";

/** Whether two values are equal. */
export function equal(a: usize, b: usize): bool {
  if (a == b) return true;
  // A number in a word equals one in a record only when that is spelled like `1.0`.
  if (!isRecord(a) || !isRecord(b)) return ((a ^ b) & 1) != 0 && kindOf(a) == kindOf(b) && compareNumbers(a, b) == 0;
  const kind = <i32>load<u8>(a);
  if (kind != <i32>load<u8>(b)) return false;
  if (kind == K_STRING) {
    const length = byteLength(a);
    if (length != byteLength(b)) return false;
    const left = load<u32>(a, 4);
    const right = load<u32>(b, 4);
    if (left && right && left != right) return false;
    return sameBytes(bytesOf(a), bytesOf(b), length);
  }
  if (kind == K_NUMBER) return compareNumbers(a, b) == 0;
  const length = lengthOf(a);
  if (length != lengthOf(b)) return false;
  spend(1 + (length >> 2));
  const items = load<u32>(a, 16);
  if (kind == K_ARRAY) {
    const others = load<u32>(b, 16);
    for (let i = 0; i < length; i++) {
      if (!equal(load<u32>(items + (i << 2)), load<u32>(others + (i << 2)))) return false;
    }
    return true;
  }
  for (let i = 0; i < length; i++) {
    const entry = items + (i << 3);
    const other = find(b, load<u32>(entry));
    if (other == 0 || (kind == K_OBJECT && !equal(load<u32>(entry, 4), load<u32>(other, 4)))) return false;
  }
  return true;
}

/** Whether two runs of bytes are the same. Sixteen bytes behind them can be read. */
@inline
export function sameBytes(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  const rest = length - i;
  // The bytes beyond the end are shifted away.
  return rest == 0 || ((load<u64>(a + i) ^ load<u64>(b + i)) << ((8 - rest) << 3)) == 0;
}

/** Orders two values: negative, zero or positive. */
export function compare(a: usize, b: usize): i32 {
  if (a == b) return 0;
  const kind = kindOf(a);
  const other = kindOf(b);
  if (kind != other) return kind - other;
  if (kind < K_NUMBER) return <i32>a - <i32>b;
  if (kind == K_NUMBER) return compareNumbers(a, b);
  if (kind == K_STRING) return compareStrings(a, b);
  const length = min(lengthOf(a), lengthOf(b));
  spend(1 + (length >> 2));
  if (kind == K_ARRAY) {
    const left = load<u32>(a, 16);
    const right = load<u32>(b, 16);
    for (let i = 0; i < length; i++) {
      const order = compare(load<u32>(left + (i << 2)), load<u32>(right + (i << 2)));
      if (order) return order;
    }
    return lengthOf(a) - lengthOf(b);
  }
  const left = sorted(a);
  const right = sorted(b);
  for (let i = 0; i < length; i++) {
    const x = left + (i << 3);
    const y = right + (i << 3);
    let order = compare(load<u32>(x), load<u32>(y));
    if (order) return order;
    if (kind == K_OBJECT) {
      order = compare(load<u32>(x, 4), load<u32>(y, 4));
      if (order) return order;
    }
  }
  return lengthOf(a) - lengthOf(b);
}

/** Orders two strings by their bytes. */
export function compareStrings(a: usize, b: usize): i32 {
  const x = bytesOf(a);
  const y = bytesOf(b);
  const length = min(byteLength(a), byteLength(b));
  for (let i: usize = 0; i < length; i += 8) {
    let differing = load<u64>(x + i) ^ load<u64>(y + i);
    const rest = length - i;
    // The bytes beyond the end are shifted away.
    if (rest < 8) differing = (differing << ((8 - rest) << 3)) >> ((8 - rest) << 3);
    if (differing) {
      const at = i + (<usize>ctz(differing) >> 3);
      return <i32>load<u8>(x + at) - <i32>load<u8>(y + at);
    }
  }
  return <i32>byteLength(a) - <i32>byteLength(b);
}

/** Orders two numbers exactly. */
export function compareNumbers(a: usize, b: usize): i32 {
  if (isInt(a) && isInt(b)) {
    const x = intOf(a);
    const y = intOf(b);
    return i32(x > y) - i32(x < y);
  }
  const left = load_sign(a);
  const right = load_sign(b);
  if (left != right) return left - right;
  if (left == 0) return 0;
  return left * compareMagnitudes(a, b);
}

/** -1, 0 or 1. */
function load_sign(a: usize): i32 {
  if (isInt(a)) {
    const integer = intOf(a);
    return i32(integer > 0) - i32(integer < 0);
  }
  return load<i32>(a, 12) == 0 ? 0 : load<u8>(a, 2) ? -1 : 1;
}

function compareMagnitudes(a: usize, b: usize): i32 {
  // The digits of an int need a place: the two ends of one small buffer.
  const buffer = memory.data(64);
  const x = digitsOf(a, buffer);
  const xCount = digitCount;
  const xPoint = digitPoint;
  const y = digitsOf(b, buffer + 32);
  if (xPoint != digitPoint) return xPoint < digitPoint ? -1 : 1;
  const order = memory.compare(x, y, min(xCount, digitCount));
  return order ? order : xCount - digitCount;
}

let digitCount: i32 = 0;
let digitPoint: i32 = 0;

function digitsOf(number: usize, buffer: usize): usize {
  if (!isInt(number)) {
    digitCount = load<i32>(number, 12);
    digitPoint = load<i32>(number, 16);
    return number + 20 + load<u32>(number, 8);
  }
  let magnitude = intOf(number);
  if (magnitude < 0) magnitude = -magnitude;
  let at = buffer + 32;
  while (magnitude > 0) {
    store<u8>(--at, 48 + <u8>(magnitude % 10));
    magnitude /= 10;
  }
  digitPoint = <i32>(buffer + 32 - at);
  let end = buffer + 32;
  while (end > at && load<u8>(end - 1) == 48) end--;
  digitCount = <i32>(end - at);
  return at;
}
