// Built-ins on arrays, sets and objects inside the module.
import { compare, equal } from "./compare";
import { failed1, failed2, failed3 } from "./failed";
import { alloc, host1, host2, spend } from "./memory";
import { add, copy, find, get, insert, makeCollection, makeSet, mergeSort, sorted } from "./object";
import { dot, makeArray, push } from "./statements";
import {
  intOf,
  isInt,
  isKind,
  isRecord,
  K_ARRAY,
  K_OBJECT,
  K_SET,
  lengthOf,
  makeInt,
  NULL,
  SAFE_MAX,
  TRUE,
  truth,
} from "./value";

@inline
function item(collection: usize, index: i32): usize {
  const items = load<u32>(collection, 16);
  return load<u8>(collection) == K_ARRAY ? load<u32>(items + (index << 2)) : load<u32>(items + (index << 3));
}

@inline
function isListed(value: usize): bool {
  return isKind(value, K_ARRAY) || isKind(value, K_SET);
}

function allInts(list: usize): bool {
  for (let i = 0, n = lengthOf(list); i < n; i++) if (!isInt(item(list, i))) return false;
  return true;
}

export function builtin_sum(id: i32, site: i32, list: usize): usize {
  if (!isListed(list)) return failed1(id, site, list);
  if (!allInts(list)) return host1(id, site, list);
  spend(lengthOf(list) >> 2);
  let sum: i64 = 0;
  for (let i = 0, n = lengthOf(list); i < n; i++) {
    sum += intOf(item(list, i));
    if (sum > SAFE_MAX || sum < -SAFE_MAX) return host1(id, site, list);
  }
  return makeInt(sum);
}

export function builtin_max(id: i32, site: i32, list: usize): usize {
  return isListed(list) ? extreme(list, 1) : failed1(id, site, list);
}

export function builtin_min(id: i32, site: i32, list: usize): usize {
  return isListed(list) ? extreme(list, -1) : failed1(id, site, list);
}

function extreme(list: usize, direction: i32): usize {
  let best: usize = 0;
  // In a set null is the least only where it is alone: OPA takes it for "none yet" there.
  const passesNull = direction < 0 && isKind(list, K_SET);
  for (let i = 0, n = lengthOf(list); i < n; i++) {
    const element = item(list, i);
    if (best == 0 || (passesNull && best == NULL)) best = element;
    else if (!(passesNull && element == NULL) && compare(element, best) * direction >= 0) best = element;
  }
  return best;
}

export function builtin_sort(id: i32, site: i32, list: usize): usize {
  if (!isListed(list)) return failed1(id, site, list);
  const length = lengthOf(list);
  spend(length);
  const made = makeArray(length);
  if (isKind(list, K_SET)) {
    sorted(list);
    for (let i = 0; i < length; i++) push(made, item(list, i));
    return made;
  }
  if (length == 0) return made;
  const elements = <usize>load<u32>(made, 16);
  memory.copy(elements, load<u32>(list, 16), length << 2);
  store<i32>(made, length, 8);
  store<u32>(made, mergeSort(elements, alloc(length << 2), length, 4), 16);
  return made;
}

export function builtin_any(id: i32, site: i32, list: usize): usize {
  if (!isListed(list)) return failed1(id, site, list);
  for (let i = 0, n = lengthOf(list); i < n; i++) if (item(list, i) == TRUE) return truth(true);
  return truth(false);
}

export function builtin_all(id: i32, site: i32, list: usize): usize {
  if (!isListed(list)) return failed1(id, site, list);
  for (let i = 0, n = lengthOf(list); i < n; i++) if (item(list, i) != TRUE) return truth(false);
  return truth(true);
}

export function builtin_array_concat(id: i32, site: i32, a: usize, b: usize): usize {
  if (!isKind(a, K_ARRAY) || !isKind(b, K_ARRAY)) return failed2(id, site, a, b);
  const x = lengthOf(a);
  const y = lengthOf(b);
  spend((x + y) >> 2);
  const made = makeArray(x + y);
  const elements = load<u32>(made, 16);
  memory.copy(elements, load<u32>(a, 16), x << 2);
  memory.copy(elements + (x << 2), load<u32>(b, 16), y << 2);
  store<i32>(made, x + y, 8);
  return made;
}

export function builtin_array_slice(id: i32, site: i32, array: usize, start: usize, stop: usize): usize {
  if (!isKind(array, K_ARRAY) || !isInt(start) || !isInt(stop)) return failed3(id, site, array, start, stop);
  const length = <i64>lengthOf(array);
  const to = min(max(intOf(stop), 0), length);
  const from = min(max(intOf(start), 0), to);
  const count = <i32>(to - from);
  const made = makeArray(count);
  memory.copy(load<u32>(made, 16), load<u32>(array, 16) + (<usize>from << 2), count << 2);
  store<i32>(made, count, 8);
  return made;
}

export function builtin_array_reverse(id: i32, site: i32, array: usize): usize {
  if (!isKind(array, K_ARRAY)) return failed1(id, site, array);
  const length = lengthOf(array);
  const made = makeArray(length);
  for (let i = length - 1; i >= 0; i--) push(made, item(array, i));
  return made;
}

export function builtin_or(id: i32, site: i32, a: usize, b: usize): usize {
  if (!isKind(a, K_SET) || !isKind(b, K_SET)) return failed2(id, site, a, b);
  const made = copy(a, 0);
  spend(lengthOf(b) >> 2);
  for (let i = 0, n = lengthOf(b); i < n; i++) add(made, item(b, i));
  return made;
}

export function builtin_and(id: i32, site: i32, a: usize, b: usize): usize {
  if (!isKind(a, K_SET) || !isKind(b, K_SET)) return failed2(id, site, a, b);
  const small = lengthOf(a) <= lengthOf(b) ? a : b;
  const made = makeSet();
  spend(lengthOf(small) >> 2);
  for (let i = 0, n = lengthOf(small); i < n; i++) {
    const element = item(small, i);
    if (find(small == a ? b : a, element)) add(made, element);
  }
  return made;
}

/** `minus` of sets; 0 where they are none. */
export function difference(a: usize, b: usize): usize {
  if (!isKind(a, K_SET) || !isKind(b, K_SET)) return 0;
  const made = makeSet();
  spend(lengthOf(a) >> 2);
  for (let i = 0, n = lengthOf(a); i < n; i++) {
    const element = item(a, i);
    if (!find(b, element)) add(made, element);
  }
  return made;
}

export function builtin_object_get(id: i32, site: i32, object: usize, key: usize, otherwise: usize): usize {
  if (!isKind(object, K_OBJECT)) return failed3(id, site, object, key, otherwise);
  if (!isKind(key, K_ARRAY)) {
    const value = get(object, key);
    return value ? value : otherwise;
  }
  let value = object;
  for (let i = 0, n = lengthOf(key); i < n && value != 0; i++) value = dot(value, item(key, i));
  return value ? value : otherwise;
}

export function builtin_object_keys(id: i32, site: i32, object: usize): usize {
  if (!isKind(object, K_OBJECT)) return failed1(id, site, object);
  const length = lengthOf(object);
  const made = makeCollection(K_SET, length);
  spend(length >> 2);
  sorted(object);
  for (let i = 0; i < length; i++) add(made, item(object, i));
  return made;
}

export function builtin_object_union(id: i32, site: i32, a: usize, b: usize): usize {
  if (!isKind(a, K_OBJECT) || !isKind(b, K_OBJECT)) return failed2(id, site, a, b);
  return united(a, b);
}

function united(a: usize, b: usize): usize {
  const made = copy(a, 0);
  const length = lengthOf(b);
  spend(length >> 2);
  const entries = load<u32>(b, 16);
  for (let i = 0; i < length; i++) {
    const key = load<u32>(entries + (i << 3));
    const theirs = load<u32>(entries + (i << 3), 4);
    const ours = get(a, key);
    insert(made, key, isKind(ours, K_OBJECT) && isKind(theirs, K_OBJECT) ? united(ours, theirs) : theirs);
  }
  return made;
}

export function builtin_member_3(id: i32, site: i32, key: usize, value: usize, collection: usize): usize {
  if (!isRecord(collection)) return truth(false);
  if (isKind(collection, K_SET)) return truth(equal(key, value) && find(collection, value) != 0);
  const found = dot(collection, key);
  return truth(found != 0 && equal(found, value));
}

/** The most numbers a range holds here: a longer one is the host's to refuse or make. */
const RANGE_MAX: i64 = 100000;

export function builtin_numbers_range(id: i32, site: i32, a: usize, b: usize): usize {
  if (!isInt(a) || !isInt(b)) return host2(id, site, a, b);
  const from = intOf(a);
  const to = intOf(b);
  const count = (from <= to ? to - from : from - to) + 1;
  if (count > RANGE_MAX) return host2(id, site, a, b);
  spend(<i32>count);
  const made = makeArray(<i32>count);
  for (let i: i64 = 0; i < count; i++) push(made, makeInt(from <= to ? from + i : from - i));
  return made;
}
