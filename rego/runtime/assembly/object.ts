// Objects and sets: entries in the order they came, a hash table beside them from thirteen on, sorted when the order matters.
// A small one keeps in the table's place a filter of its keys: a bit for each by its hash, 0 where it is not known. Mostly
// it tells that a key is not there.
import { compare, equal } from "./compare";
import { hashOf } from "./hash";
import { alloc, fail, FAIL_INTERNAL, frozen, heap, setHeap, spend } from "./memory";
import { isKind, isRecord, K_OBJECT, K_SET, lengthOf } from "./value";

/** Up to so many entries are searched one by one. */
const LINEAR_MAX: i32 = 12;

/** An empty object or set. */
export function makeCollection(kind: i32, capacity: i32): usize {
  const at = alloc(32);
  store<u64>(at, kind);
  store<u64>(at, 0, 8);
  store<u64>(at, 0, 16);
  store<u64>(at, 0x100000000, 24);
  if (capacity > 0) reserve(at, capacity);
  return at;
}

@inline
export function makeObject(): usize {
  return makeCollection(K_OBJECT, 0);
}

@inline
export function makeSet(): usize {
  return makeCollection(K_SET, 0);
}

function reserve(object: usize, capacity: i32): void {
  const length = lengthOf(object);
  const before = load<u32>(object, 16);
  const room = load<i32>(object, 12);
  if (room > 0 && before + (room << 3) == heap) {
    alloc((capacity - room) << 3);
  } else {
    const entries = alloc(capacity << 3);
    memory.copy(entries, before, length << 3);
    store<u32>(object, entries, 16);
  }
  store<i32>(object, capacity, 12);
  if (capacity > LINEAR_MAX) buildTable(object);
}

/** Makes the table fit for the capacity. */
export function buildTable(object: usize): void {
  const capacity = load<u32>(object, 12);
  let slots: u32 = 16;
  while (slots < capacity * 2) slots <<= 1;
  store<u32>(object, alloc(slots << 2), 20);
  store<u32>(object, slots - 1, 24);
  fillTable(object);
}

function fillTable(object: usize): void {
  const table = load<u32>(object, 20);
  const mask = load<u32>(object, 24);
  const entries = load<u32>(object, 16);
  memory.fill(table, 0, (mask + 1) << 2);
  for (let i = 0, length = lengthOf(object); i < length; i++) {
    let slot = hashOf(load<u32>(entries + (i << 3))) & mask;
    while (load<u32>(table + (slot << 2))) slot = (slot + 1) & mask;
    store<u32>(table + (slot << 2), i + 1);
  }
}

/** The entry at a key: where its key stands, and its value four bytes on. 0 where there is none. */
@inline
export function find(object: usize, key: usize): usize {
  // Mostly the key is the very record that is asked for, in a small object.
  if (load<u32>(object, 24) == 0) {
    let entry: usize = load<u32>(object, 16);
    for (const end = entry + (lengthOf(object) << 3); entry < end; entry += 8) if (load<u32>(entry) == key) return entry;
  }
  return findEqual(object, key);
}

function findEqual(object: usize, key: usize): usize {
  const entries = load<u32>(object, 16);
  const mask = load<u32>(object, 24);
  if (mask == 0) {
    const end = entries + (lengthOf(object) << 3);
    if (!isRecord(key)) {
      // A number may be there that is spelled like `1.0`.
      if (key & 1) for (let entry = entries; entry < end; entry += 8) if (equal(load<u32>(entry), key)) return entry;
      return 0;
    }
    const known = load<u32>(key, 4);
    const hash = known ? known : hashOf(key);
    const filter = load<u32>(object, 20);
    if (filter && !((filter >> (hash & 31)) & 1)) return 0;
    let seen: u32 = 0;
    for (let entry = entries; entry < end; entry += 8) {
      const other = load<u32>(entry);
      if (!isRecord(other)) {
        seen = 0xffffffff;
        if (equal(other, key)) return entry;
        continue;
      }
      const theirs = load<u32>(other, 4);
      const hashed = theirs ? theirs : hashOf(other);
      seen |= 1 << (hashed & 31);
      if (hashed == hash && equal(other, key)) return entry;
    }
    store<u32>(object, seen, 20);
    return 0;
  }
  const table = load<u32>(object, 20);
  const hash = hashOf(key);
  let slot = hash & mask;
  for (;;) {
    const index = load<u32>(table + (slot << 2));
    if (index == 0) return 0;
    const entry = entries + ((index - 1) << 3);
    const other = load<u32>(entry);
    if (other == key || ((isRecord(other) || isRecord(key)) && hashOf(other) == hash && equal(other, key))) return entry;
    slot = (slot + 1) & mask;
  }
  return 0;
}

/** The value at a key, or 0. */
@inline
export function get(object: usize, key: usize): usize {
  const entry = find(object, key);
  return entry ? load<u32>(entry, 4) : 0;
}

/** Puts an entry in place. A set keeps the element it has. */
export function insert(object: usize, key: usize, value: usize): void {
  const entry = find(object, key);
  store<u32>(object, 0, 4);
  if (entry) {
    if (load<u8>(object) == K_OBJECT) store<u32>(entry, value, 4);
    return;
  }
  append(object, key, value);
}

/** Puts an entry in place that is known not to be there. */
export function append(object: usize, key: usize, value: usize): void {
  const length = lengthOf(object);
  const capacity = load<i32>(object, 12);
  if (length == capacity) reserve(object, capacity == 0 ? 4 : capacity * 2);
  const entries = load<u32>(object, 16);
  const entry = entries + (length << 3);
  store<u32>(entry, key);
  store<u32>(entry, value, 4);
  store<i32>(object, length + 1, 8);
  if (length > 0 && load<u32>(object, 28) && compare(load<u32>(entry - 8), key) > 0) store<u32>(object, 0, 28);
  const mask = load<u32>(object, 24);
  if (mask) {
    const table = load<u32>(object, 20);
    let slot = hashOf(key) & mask;
    while (load<u32>(table + (slot << 2))) slot = (slot + 1) & mask;
    store<u32>(table + (slot << 2), length + 1);
  } else store<u32>(object, 0, 20);
}

@inline
export function add(set: usize, element: usize): void {
  insert(set, element, element);
}

/** Fails where a statement would change what is no longer being built. */
@inline
export function checkBuilding(collection: usize): void {
  if (collection < frozen) fail(FAIL_INTERNAL, "a statement changes a constant");
}

/** A copy that can be built further. */
export function copy(object: usize, room: i32): usize {
  const length = lengthOf(object);
  spend(length >> 3);
  const made = makeCollection(load<u8>(object), 0);
  memory.copy(made + 28, object + 28, 4);
  if (length + room == 0) return made;
  const entries = alloc((length + room) << 3);
  memory.copy(entries, load<u32>(object, 16), length << 3);
  store<u32>(made, entries, 16);
  store<i32>(made, length, 8);
  store<i32>(made, length + room, 12);
  if (length + room > LINEAR_MAX) buildTable(made);
  return made;
}

/** The entries in the order of their keys. */
export function sorted(object: usize): usize {
  if (!load<u32>(object, 28)) sort(object);
  return load<u32>(object, 16);
}

// Sorts beside the entries and copies back at the end, so that an evaluation that ends within loses none of them.
function sort(object: usize): void {
  const length = lengthOf(object);
  const before = heap;
  spend(length);
  const entries = load<u32>(object, 16);
  const from = alloc(length << 4);
  memory.copy(from, entries, length << 3);
  const order = mergeSort(from, from + (length << 3), length, 8);
  memory.copy(entries, order, length << 3);
  store<u32>(object, 1, 28);
  if (load<u32>(object, 24)) fillTable(object);
  setHeap(before);
}

/** Sorts `length` items whose first word is a value, stably; gives which of the two buffers holds them. */
export function mergeSort(from: usize, to: usize, length: i32, stride: i32): usize {
  for (let width = 1; width < length; width *= 2) {
    for (let low = 0; low < length; low += width * 2) {
      const middle = min(low + width, length);
      const high = min(low + width * 2, length);
      let left = low;
      let right = middle;
      for (let at = low; at < high; at++) {
        const takeLeft =
          left < middle &&
          (right >= high || compare(load<u32>(from + left * stride), load<u32>(from + right * stride)) <= 0);
        const source = from + (takeLeft ? left++ : right++) * stride;
        if (stride == 8) store<u64>(to + at * 8, load<u64>(source));
        else store<u32>(to + at * 4, load<u32>(source));
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/** Two documents merged recursively; where not both are objects, the first wins. Either may be undefined. */
export function merge(a: usize, b: usize): usize {
  if (a == 0) return b;
  if (b == 0 || !isKind(a, K_OBJECT) || !isKind(b, K_OBJECT)) return a;
  const merged = copy(a, 0);
  const entries = load<u32>(b, 16);
  for (let i = 0, length = lengthOf(b); i < length; i++) {
    const key = load<u32>(entries + (i << 3));
    const theirs = load<u32>(entries + (i << 3), 4);
    const ours = get(a, key);
    if (ours == 0) append(merged, key, theirs);
    else if (isKind(ours, K_OBJECT) && isKind(theirs, K_OBJECT)) insert(merged, key, merge(ours, theirs));
  }
  return merged;
}
