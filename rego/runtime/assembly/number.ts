// Numbers from and to text. What is no safe integer is kept as its text and its digits, exact and of any size.
import { alloc } from "./memory";
import { intOf, isInt, K_NUMBER, makeInt, SAFE_MAX } from "./value";

/** The limits of a number: see rego/value/decimal.ts. */
const EXPONENT_MAX: i64 = 100000;
const TEXT_MAX: usize = 100000;

/** Where reading stopped. */
export let numberEnd: usize = 0;

@inline
function isDigit(at: usize, end: usize): bool {
  return at < end && <u32>load<u8>(at) - 48 < 10;
}

/** Reads a number as JSON writes it; 0 where there is none, or one beyond the limits. */
export function readNumber(from: usize, end: usize): usize {
  let at = from;
  const negative = at < end && load<u8>(at) == 45;
  if (negative) at++;
  const whole = at;
  let integer: i64 = 0;
  while (isDigit(at, end)) {
    if (at - whole < 18) integer = integer * 10 + (load<u8>(at) - 48);
    at++;
  }
  const wholeEnd = at;
  if (at == whole || (at - whole > 1 && load<u8>(whole) == 48)) return 0;
  const next: i32 = at < end ? load<u8>(at) : 0;
  if (next != 46 && next != 101 && next != 69) {
    numberEnd = at;
    if (at - whole <= 15 && (integer != 0 || !negative)) return makeInt(negative ? -integer : integer);
  }
  let fraction = at;
  if (next == 46) {
    fraction = ++at;
    while (isDigit(at, end)) at++;
    if (at == fraction) return 0;
  }
  const fractionEnd = at;
  let exponent: i64 = 0;
  if (at < end && (load<u8>(at) | 32) == 101) {
    at++;
    const sign: i32 = at < end ? load<u8>(at) : 0;
    if (sign == 43 || sign == 45) at++;
    const digits = at;
    while (isDigit(at, end)) {
      if (exponent < 1000000000) exponent = exponent * 10 + (load<u8>(at) - 48);
      at++;
    }
    if (at == digits) return 0;
    if (sign == 45) exponent = -exponent;
  }
  numberEnd = at;
  return makeNumber(from, at - from, negative, whole, wholeEnd - whole, fraction, fractionEnd - fraction, exponent);
}

function makeNumber(
  text: usize,
  textLength: usize,
  negative: bool,
  whole: usize,
  wholeLength: usize,
  fraction: usize,
  fractionLength: usize,
  exponent: i64,
): usize {
  if (textLength > TEXT_MAX) return 0;
  const at = alloc(20 + textLength + wholeLength + fractionLength);
  const digits = at + 20 + textLength;
  memory.copy(at + 20, text, textLength);
  memory.copy(digits, whole, wholeLength);
  memory.copy(digits + wholeLength, fraction, fractionLength);
  let count = <i32>(wholeLength + fractionLength);
  // The value is 0.DIGITS times ten to the point.
  let point = <i64>wholeLength + exponent;
  let zeros = 0;
  while (zeros < count && load<u8>(digits + zeros) == 48) zeros++;
  // Only an integer without a point, an exponent and a sign before zero is what its value is written as.
  const isPlain = textLength == wholeLength + usize(negative && zeros < count);
  if (zeros == count) {
    if (isPlain) return makeInt(0);
    zeros = 0;
    count = 0;
    point = 0;
  }
  if (zeros > 0) {
    memory.copy(digits, digits + zeros, count - zeros);
    count -= zeros;
    point -= zeros;
  }
  while (count > 0 && load<u8>(digits + count - 1) == 48) count--;
  const lowest = point - count;
  if (lowest > EXPONENT_MAX || lowest < -EXPONENT_MAX) return 0;
  if (isPlain && lowest >= 0 && point <= 16) {
    const integer = integerOf(digits, count, <i32>point);
    if (integer <= SAFE_MAX) return makeInt(negative ? -integer : integer);
  }
  store<u32>(at, K_NUMBER | 0x100 | (negative ? 0x10000 : 0));
  store<u32>(at, 0, 4);
  store<u32>(at, textLength, 8);
  store<i32>(at, count, 12);
  store<i32>(at, <i32>point, 16);
  return at;
}

function integerOf(digits: usize, count: i32, point: i32): i64 {
  let integer: i64 = 0;
  for (let i = 0; i < point; i++) integer = integer * 10 + (i < count ? load<u8>(digits + i) - 48 : 0);
  return integer;
}

/** The int that a decimal equals, like that of `1.0`; 0 where it equals none. */
export function intEqualTo(decimal: usize): usize {
  const count = load<i32>(decimal, 12);
  const point = load<i32>(decimal, 16);
  if (count > point || point > 16) return 0;
  const integer = integerOf(decimal + 20 + load<u32>(decimal, 8), count, point);
  return integer > SAFE_MAX ? 0 : makeInt(load<u8>(decimal, 2) ? -integer : integer);
}

/** The most bytes an int takes as text. */
export const INT_TEXT_MAX: i32 = 20;

/** Writes a number's text; gives how many bytes. There must be room for `numberLength`. */
export function writeNumber(number: usize, to: usize): i32 {
  if (!isInt(number)) {
    const length = load<u32>(number, 8);
    memory.copy(to, number + 20, length);
    return length;
  }
  let integer = intOf(number);
  let at = to;
  if (integer < 0) {
    store<u8>(at++, 45);
    integer = -integer;
  }
  let count = 1;
  for (let rest = integer; rest >= 10; rest /= 10) count++;
  for (let i = count - 1; i >= 0; i--) {
    store<u8>(at + i, 48 + <u8>(integer % 10));
    integer /= 10;
  }
  return <i32>(at - to) + count;
}

/** Room enough for a number's text. */
export function numberLength(number: usize): i32 {
  return isInt(number) ? INT_TEXT_MAX : load<i32>(number, 8);
}
