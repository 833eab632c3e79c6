// IP addresses and networks, read from text as Go's net package reads them: linear, without a call of the host.
import { failed2 } from "./failed";
import { byteLength, bytesOf, isKind, K_STRING, truth } from "./value";

// What was read last: how many bits an address has (0 where the text is none), its halves, the prefix of a network.
let bits: i32 = 0;
let high: u64 = 0;
let low: u64 = 0;
let prefix: i32 = 0;

const DOT: i32 = 46;
const SLASH: i32 = 47;
const COLON: i32 = 58;

/** net.cidr_contains with a constant network (rego/wasm/patterns.ts lays it out). */
export function networkTable(id: i32, site: i32, network: usize, inner: usize, table: usize): usize {
  return holds(id, site, network, inner, load<i32>(table), load<i32>(table, 4), load<u64>(table, 8), load<u64>(table, 16));
}

export function builtin_net_cidr_contains(id: i32, site: i32, network: usize, inner: usize): usize {
  if (!isKind(network, K_STRING) || !readNetwork(network)) return failed2(id, site, network, inner);
  return holds(id, site, network, inner, bits, prefix, high, low);
}

/** Whether an address, or all of a network, lies in a network. */
function holds(id: i32, site: i32, network: usize, inner: usize, wide: i32, length: i32, first: u64, second: u64): usize {
  if (!isKind(inner, K_STRING)) return failed2(id, site, network, inner);
  const from = bytesOf(inner);
  const end = from + byteLength(inner);
  if (find(from, end, SLASH) < end) {
    if (!readNetwork(inner)) return failed2(id, site, network, inner);
  } else {
    readAddress(from, end);
    if (!bits) return failed2(id, site, network, inner);
    if (isMapped()) bits = 32;
    prefix = bits;
  }
  if (bits != wide || prefix < length) return truth(false);
  if (wide == 32) return truth((<u32>low & mask32(length)) == <u32>second);
  return truth((high & mask64(length)) == first && (low & mask64(length - 64)) == second);
}

/** A network in CIDR notation, its first address. */
function readNetwork(text: usize): bool {
  const from = bytesOf(text);
  const end = from + byteLength(text);
  const slash = find(from, end, SLASH);
  if (slash + 1 >= end) return false;
  readAddress(from, slash);
  if (!bits) return false;
  prefix = 0;
  for (let at = slash + 1; at < end; at++) {
    const digit = <i32>load<u8>(at) - 48;
    if (<u32>digit > 9) return false;
    prefix = prefix * 10 + digit;
    if (prefix > bits) return false;
  }
  if (isMapped() && prefix >= 96) {
    bits = 32;
    prefix -= 96;
  }
  if (bits == 32) low = <u64>(<u32>low & mask32(prefix));
  else {
    high &= mask64(prefix);
    low &= mask64(prefix - 64);
  }
  return true;
}

/** Whether what was read is an IPv4 address that IPv6 maps. */
function isMapped(): bool {
  return bits == 128 && high == 0 && low >> 32 == 0xffff;
}

@inline
function mask32(length: i32): u32 {
  return length == 0 ? 0 : <u32>0xffffffff << (32 - length);
}

@inline
function mask64(length: i32): u64 {
  return length <= 0 ? 0 : length >= 64 ? 0xffffffffffffffff : <u64>0xffffffffffffffff << (64 - length);
}

function find(from: usize, end: usize, byte: i32): usize {
  let at = from;
  while (at < end && load<u8>(at) != byte) at++;
  return at;
}

function readAddress(from: usize, end: usize): void {
  if (find(from, end, COLON) < end) return readV6(from, end);
  const read = readV4(from, end);
  bits = read < 0 ? 0 : 32;
  high = 0;
  low = <u64>read;
}

/** Four decimal numbers without zeros before them; -1 where the text is something else. */
function readV4(from: usize, end: usize): i64 {
  let value: i64 = 0;
  let at = from;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (at >= end || load<u8>(at++) != DOT)) return -1;
    const start = at;
    let number = 0;
    while (at < end && at - start < 3) {
      const digit = <i32>load<u8>(at) - 48;
      if (<u32>digit > 9) break;
      number = number * 10 + digit;
      at++;
    }
    if (at == start || number > 255 || (at - start > 1 && load<u8>(start) == 48)) return -1;
    value = (value << 8) | number;
  }
  return at == end ? value : -1;
}

/** Eight groups of hexadecimal digits; `::` stands for those that are missing, the last two may be an IPv4 address. */
function readV6(from: usize, end: usize): void {
  bits = 0;
  high = 0;
  low = 0;
  let at = from;
  let count = 0;
  let gap = -1;
  if (isGap(at, end)) {
    gap = 0;
    at += 2;
  }
  while (at < end) {
    const last = find(at, end, COLON);
    if (last == end && find(at, end, DOT) < end) {
      const tail = readV4(at, end);
      if (tail < 0 || count > 6) return;
      push(<u64>(tail >> 16));
      push(<u64>(tail & 0xffff));
      count += 2;
      break;
    }
    const group = readGroup(at, last);
    if (group < 0 || count > 7) return;
    push(<u64>group);
    count++;
    if (last == end) break;
    if (isGap(last, end)) {
      if (gap >= 0) return;
      gap = count;
      at = last + 2;
    } else {
      at = last + 1;
      if (at == end) return;
    }
  }
  if (gap < 0 ? count != 8 : count > 7) return;
  if (gap >= 0) widen(count, gap);
  bits = 128;
}

@inline
function isGap(at: usize, end: usize): bool {
  return at + 1 < end && load<u8>(at) == COLON && load<u8>(at + 1) == COLON;
}

function readGroup(from: usize, end: usize): i32 {
  if (from == end || end - from > 4) return -1;
  let group = 0;
  for (let at = from; at < end; at++) {
    const byte = <i32>load<u8>(at);
    const letter = (byte | 32) - 97;
    if (<u32>(byte - 48) <= 9) group = (group << 4) | (byte - 48);
    else if (<u32>letter <= 5) group = (group << 4) | (letter + 10);
    else return -1;
  }
  return group;
}

/** One more group behind those that were read. */
function push(group: u64): void {
  high = (high << 16) | (low >> 48);
  low = (low << 16) | group;
}

/** Groups that lie at the end as if nothing was missing: those before the gap go to the front. */
function widen(count: i32, gap: i32): void {
  const behind = count - gap;
  // `behind` is at most 7 groups: what lies below stays, what lies above moves up by the missing ones.
  const lowMask = mask64(64 - 16 * min(behind, 4));
  const highMask = behind > 4 ? mask64(128 - 16 * behind) : <u64>0xffffffffffffffff;
  const keptLow = low & ~lowMask;
  const keptHigh = high & ~highMask;
  let movedHigh = high & highMask;
  let movedLow = low & lowMask;
  for (let missing = 8 - count; missing > 0; missing--) {
    movedHigh = (movedHigh << 16) | (movedLow >> 48);
    movedLow <<= 16;
  }
  high = movedHigh | keptHigh;
  low = movedLow | keptLow;
}
