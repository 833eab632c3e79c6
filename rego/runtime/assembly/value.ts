// Values as words. Odd words are integers of 31 bits; 0 is undefined; three small words are null, false and true;
// everything else is the address of a record whose first byte is its kind. Kinds are in Rego's order.
//   number   kind, sub 0: hash @4, i64 @8
//   number   kind, sub 1, sign @2: hash @4, text length @8, digit count @12, point @16, text @20, digits after it
//   string   hash @4, bytes @8, runes + 1 @12 (0: not counted), UTF-8 @16
//   array    hash @4, length @8, capacity @12, elements @16
//   object   hash @4, length @8, capacity @12, entries @16, table or filter @20, mask @24, sorted @28
//   set      as an object whose values are its keys
// A hash of 0 is not computed yet. A decimal is 0.DIGITS times ten to the point, its digits without zeros at the ends.
import { alloc } from "./memory";

export const NULL: usize = 2;
export const FALSE: usize = 4;
export const TRUE: usize = 6;

export const K_NULL: i32 = 0;
export const K_BOOL: i32 = 1;
export const K_NUMBER: i32 = 2;
export const K_STRING: i32 = 3;
export const K_ARRAY: i32 = 4;
export const K_OBJECT: i32 = 5;
export const K_SET: i32 = 6;

/** The largest integer that is no decimal: what a double holds exactly. */
export const SAFE_MAX: i64 = 9007199254740991;

/** The kind of a defined value. */
@inline
export function kindOf(value: usize): i32 {
  if (value & 1) return K_NUMBER;
  if (value < 16) return value == NULL ? K_NULL : K_BOOL;
  return load<u8>(value);
}

/** Whether a word is the address of a record. */
@inline
export function isRecord(value: usize): bool {
  return !(value & 1) && value >= 16;
}

@inline
export function isKind(value: usize, kind: i32): bool {
  return isRecord(value) && load<u8>(value) == kind;
}

@inline
export function truth(value: bool): usize {
  return value ? TRUE : FALSE;
}

/** Whether a number is an integer that no decimal is needed for. */
@inline
export function isInt(value: usize): bool {
  return (value & 1) != 0 || (value >= 16 && load<u16>(value) == K_NUMBER);
}

/** The integer of an int. */
@inline
export function intOf(value: usize): i64 {
  return value & 1 ? <i64>(<i32>value >> 1) : load<i64>(value, 8);
}

/** An integer within SAFE_MAX. */
export function makeInt(integer: i64): usize {
  if (integer >= -0x40000000 && integer < 0x40000000) return (<usize>(<i32>integer) << 1) | 1;
  const at = alloc(16);
  store<u64>(at, K_NUMBER);
  store<i64>(at, integer, 8);
  return at;
}

/** A string record with room for its bytes. */
export function makeString(bytes: usize): usize {
  const at = alloc(16 + bytes);
  store<u64>(at, K_STRING);
  store<u32>(at, bytes, 8);
  store<u32>(at, 0, 12);
  return at;
}

@inline
export function byteLength(string: usize): usize {
  return load<u32>(string, 8);
}

@inline
export function bytesOf(string: usize): usize {
  return string + 16;
}

/** The elements or entries of a collection. */
@inline
export function lengthOf(collection: usize): i32 {
  return load<i32>(collection, 8);
}
