// Hashes of values. The compiler computes the same for its constants (rego/wasm/hash.ts).
import { spend } from "./memory";
import { intEqualTo } from "./number";
import { byteLength, bytesOf, isRecord, K_ARRAY, K_NUMBER, K_OBJECT, K_STRING, lengthOf } from "./value";

@inline
function mix(hash: u32, word: u32): u32 {
  return rotl<u32>((hash ^ word) * 0x9e3779b1, 15) * 0x85ebca6b;
}

@inline
function finish(hash: u32): u32 {
  hash ^= hash >> 16;
  hash *= 0xc2b2ae35;
  hash ^= hash >> 13;
  return hash == 0 ? 1 : hash;
}

/** The hash of some bytes. */
export function hashBytes(at: usize, length: usize): u32 {
  let hash: u32 = length;
  const end = at + length;
  while (at + 4 <= end) {
    hash = mix(hash, load<u32>(at));
    at += 4;
  }
  if (at < end) {
    const rest = <u32>(end - at);
    hash = mix(hash, load<u32>(at) & ((1 << (rest << 3)) - 1));
  }
  return finish(hash);
}

/** The hash of a value, never 0; records keep theirs. */
export function hashOf(value: usize): u32 {
  if (!isRecord(value)) return finish(mix(1, value));
  const known = load<u32>(value, 4);
  if (known) return known;
  const hash = compute(value);
  store<u32>(value, hash, 4);
  return hash;
}

function compute(value: usize): u32 {
  const kind = <i32>load<u8>(value);
  if (kind == K_STRING) return hashBytes(bytesOf(value), byteLength(value));
  if (kind == K_NUMBER) {
    if (load<u8>(value, 1) == 0) return hashBytes(value + 8, 8);
    const integer = intEqualTo(value);
    if (integer) return hashOf(integer);
    const textLength = load<u32>(value, 8);
    return finish(mix(hashBytes(value + 20 + textLength, load<u32>(value, 12)), load<u32>(value, 16) ^ load<u8>(value, 2)));
  }
  const length = lengthOf(value);
  spend(1 + (length >> 2));
  const items = load<u32>(value, 16);
  let hash: u32 = kind;
  if (kind == K_ARRAY) {
    for (let i = 0; i < length; i++) hash = mix(hash, hashOf(load<u32>(items + (i << 2))));
  } else {
    // The order of entries is no part of an object.
    for (let i = 0; i < length; i++) {
      const entry = items + (i << 3);
      const key = hashOf(load<u32>(entry));
      hash += kind == K_OBJECT ? mix(key, hashOf(load<u32>(entry, 4))) : mix(key, 7);
    }
  }
  return finish(mix(hash, length));
}

/** The hash of eight-byte aligned memory, for hosts that keep decisions by the input they were made on. */
export function regionHash(from: usize, to: usize): u32 {
  // Four chains at once: one multiplication need not wait for the one before.
  let a: u64 = 0x9e3779b97f4a7c15;
  let b: u64 = 0xc2b2ae3d27d4eb4f;
  let c: u64 = 0x165667b19e3779f9;
  let d: u64 = 0x27d4eb2f165667c5;
  let at = from;
  for (; at + 32 <= to; at += 32) {
    a = rotl<u64>((a ^ load<u64>(at)) * 0xff51afd7ed558ccd, 29);
    b = rotl<u64>((b ^ load<u64>(at, 8)) * 0xc4ceb9fe1a85ec53, 31);
    c = rotl<u64>((c ^ load<u64>(at, 16)) * 0xff51afd7ed558ccd, 33);
    d = rotl<u64>((d ^ load<u64>(at, 24)) * 0xc4ceb9fe1a85ec53, 27);
  }
  for (; at < to; at += 8) a = rotl<u64>((a ^ load<u64>(at)) * 0xff51afd7ed558ccd, 29);
  const left = (a ^ rotl<u64>(b, 17)) * 0xff51afd7ed558ccd;
  const right = (c ^ rotl<u64>(d, 17)) * 0xc4ceb9fe1a85ec53;
  const mixed = (left ^ (left >> 32) ^ rotl<u64>(right, 23)) * 0xff51afd7ed558ccd;
  return <u32>(mixed >> 32);
}

/** Whether two eight-byte aligned regions hold the same. */
export function regionSame(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 32 <= length; i += 32) {
    const first = v128.xor(v128.load(a + i), v128.load(b + i));
    const second = v128.xor(v128.load(a + i, 16), v128.load(b + i, 16));
    if (v128.any_true(v128.or(first, second))) return false;
  }
  for (; i < length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  return true;
}
