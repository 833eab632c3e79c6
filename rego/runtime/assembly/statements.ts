// What IR statements do to values. 0 is undefined everywhere.
import { equal } from "./compare";
import { alloc, conflict, heap, spend, spendTurns } from "./memory";
import { add, append, checkBuilding, copy, find, get, insert, makeObject, sorted } from "./object";
import { numberLength, writeNumber } from "./number";
import { runeCount } from "./string";
import {
  isInt,
  intOf,
  isKind,
  isRecord,
  K_ARRAY,
  K_NUMBER,
  K_OBJECT,
  K_SET,
  K_STRING,
  kindOf,
  lengthOf,
  makeInt,
  makeString,
} from "./value";

/** Digits of an index that a text says: as in rego/ir/base-data.ts. */
const INDEX_DIGITS_MAX: u32 = 9;

/** An empty array. */
export function makeArray(capacity: i32): usize {
  const at = alloc(24);
  store<u64>(at, K_ARRAY);
  store<u32>(at, 0, 8);
  store<i32>(at, capacity, 12);
  store<u32>(at, capacity == 0 ? 0 : alloc(capacity << 2), 16);
  return at;
}

/** Appends to an array in place. */
export function push(array: usize, value: usize): void {
  const length = lengthOf(array);
  const capacity = load<i32>(array, 12);
  store<u32>(array, 0, 4);
  if (length == capacity) {
    const before = load<u32>(array, 16);
    const larger = capacity == 0 ? 4 : capacity * 2;
    if (capacity > 0 && before + (capacity << 2) == heap && ((capacity << 2) & 7) == 0) {
      alloc((larger - capacity) << 2);
    } else {
      const elements = alloc(larger << 2);
      memory.copy(elements, before, length << 2);
      store<u32>(array, elements, 16);
    }
    store<i32>(array, larger, 12);
  }
  store<u32>(load<u32>(array, 16) + (length << 2), value);
  store<i32>(array, length + 1, 8);
}

export function arrayAppend(array: usize, value: usize): void {
  if (value == 0 || !isKind(array, K_ARRAY)) return;
  checkBuilding(array);
  push(array, value);
}

export function setAdd(set: usize, value: usize): void {
  if (value == 0 || !isKind(set, K_SET)) return;
  checkBuilding(set);
  add(set, value);
}

export function objectInsert(object: usize, key: usize, value: usize): void {
  if (key == 0 || value == 0 || !isKind(object, K_OBJECT)) return;
  checkBuilding(object);
  insert(object, key, value);
}

export function objectInsertOnce(object: usize, key: usize, value: usize, file: usize, row: i32, col: i32): void {
  if (key == 0 || value == 0 || !isKind(object, K_OBJECT)) return;
  checkBuilding(object);
  const entry = find(object, key);
  if (entry == 0) {
    store<u32>(object, 0, 4);
    append(object, key, value);
  } else if (!equal(load<u32>(entry, 4), value)) conflict(2, file, row, col);
}

/** Equality of what may be undefined. */
export function same(a: usize, b: usize): bool {
  return a == b || (a != 0 && b != 0 && equal(a, b));
}

/** What a value holds at a key. */
export function dot(source: usize, key: usize): usize {
  if (!isRecord(source) || key == 0) return 0;
  const kind = <i32>load<u8>(source);
  if (kind >= K_OBJECT) return get(source, key);
  if (kind != K_ARRAY || !isInt(key)) return 0;
  const index = intOf(key);
  return index >= 0 && index < <i64>lengthOf(source) ? load<u32>(load<u32>(source, 16) + (<usize>index << 2)) : 0;
}

/** What a base document holds at a key: under a number also what is named like it, and in an array what digits say. */
export function dotData(source: usize, key: usize): usize {
  const found = dot(source, key);
  if (found != 0 || !isRecord(source) || key == 0) return found;
  const kind = <i32>load<u8>(source);
  if (kind == K_OBJECT) {
    if (kindOf(key) != K_NUMBER) return 0;
    const name = makeString(<usize>numberLength(key));
    store<u32>(name, writeNumber(key, name + 16), 8);
    return get(source, name);
  }
  if (kind != K_ARRAY || !isKind(key, K_STRING)) return 0;
  const length = load<u32>(key, 8);
  if (length == 0 || length > INDEX_DIGITS_MAX) return 0;
  let index: u32 = 0;
  for (let at = key + 16, end = key + 16 + length; at < end; at++) {
    const digit = <u32>load<u8>(at) - 48;
    if (digit > 9) return 0;
    index = index * 10 + digit;
  }
  return index < <u32>lengthOf(source) ? load<u32>(load<u32>(source, 16) + (index << 2)) : 0;
}

export function len(value: usize): usize {
  if (!isRecord(value)) return 0;
  const kind = <i32>load<u8>(value);
  if (kind == K_STRING) return makeInt(runeCount(value));
  return kind >= K_ARRAY ? makeInt(lengthOf(value)) : 0;
}

/** Whether a value is of a kind. */
export function is(value: usize, kind: i32): bool {
  return isKind(value, kind);
}

/** Where the scan that began last ends, and the step from one element to the next. */
export let scanEnd: usize = 0;
export let scanStep: usize = 0;

/**
 * Begins a scan: the address of its first value, with the end and the step in globals. Elements are put in order, and fuel
 * is spent for so many turns of so many units.
 */
export function scanStart(value: usize, units: i32): usize {
  scanEnd = 0;
  if (!isRecord(value)) return 0;
  const kind = <i32>load<u8>(value);
  if (kind < K_ARRAY) return 0;
  const length = lengthOf(value);
  spendTurns(length, units);
  const start = kind == K_ARRAY ? <usize>load<u32>(value, 16) : sorted(value) + 4;
  scanStep = kind == K_ARRAY ? 4 : 8;
  scanEnd = start + <usize>length * scanStep;
  return start;
}

/** The key of the element whose value is at an address. */
export function scanKey(value: usize, at: usize): usize {
  return load<u8>(value) == K_ARRAY ? makeInt((at - load<u32>(value, 16)) >> 2) : load<u32>(at - 4);
}

/** The document with the value at a path of `length` words; what is on the path and no object becomes one. */
export function upsert(document: usize, path: usize, length: i32, value: usize): usize {
  if (length == 0) return value;
  spend(1);
  const isObject = isKind(document, K_OBJECT);
  const key = load<u32>(path);
  const inner = upsert(isObject ? get(document, key) : 0, path + 4, length - 1, value);
  const made = isObject ? copy(document, 1) : makeObject();
  insert(made, key, inner);
  return made;
}

/** An array of what is defined of up to four values. */
export function arrayOf(count: i32, a: usize, b: usize, c: usize, d: usize): usize {
  const array = alloc(24 + (count << 2));
  store<u64>(array, K_ARRAY);
  store<i32>(array, count, 12);
  store<u32>(array, array + 24, 16);
  let to = array + 24;
  if (a) to = put(to, a);
  if (count > 1 && b) to = put(to, b);
  if (count > 2 && c) to = put(to, c);
  if (count > 3 && d) to = put(to, d);
  store<u32>(array, (to - array - 24) >> 2, 8);
  return array;
}

@inline
function put(to: usize, value: usize): usize {
  store<u32>(to, value);
  return to + 4;
}

/** An object of what is defined of up to three entries with keys that differ and are in order. */
export function objectOf(count: i32, k1: usize, v1: usize, k2: usize, v2: usize, k3: usize, v3: usize): usize {
  const object = alloc(32 + (count << 3));
  store<u64>(object, K_OBJECT);
  store<i32>(object, count, 12);
  store<u64>(object, object + 32, 16);
  store<u64>(object, 0x100000000, 24);
  let to = object + 32;
  if (v1) to = put(put(to, k1), v1);
  if (count > 1 && v2) to = put(put(to, k2), v2);
  if (count > 2 && v3) to = put(put(to, k3), v3);
  store<u32>(object, (to - object - 32) >> 3, 8);
  return object;
}
