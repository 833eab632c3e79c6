// A policy's constants come packed (rego/wasm/packed-constants.ts) and are laid out once, before anything else runs.
import { hashBytes } from "./hash";
import { K_STRING } from "./value";

let at: usize = 0;

function varint(): u32 {
  let value: u32 = 0;
  let shift: u32 = 0;
  let byte: u32 = 0;
  do {
    byte = load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte & 0x80);
  return value;
}

/** Lays out packed constants from an address on, where memory is zero. */
export function expand(packed: usize, to: usize): void {
  at = packed;
  for (let tag = varint(); tag != 0; tag = varint()) {
    const length = tag >> 1;
    if (tag & 1) {
      store<u32>(to, K_STRING);
      store<u32>(to, hashBytes(at, length), 4);
      store<u32>(to, length, 8);
      memory.copy(to + 16, at, length);
      at += length;
      to += 16 + length;
    } else {
      const end = to + length;
      while (to < end) {
        const control = <u32>load<u8>(at++);
        const count = control < 128 ? control + 1 : control - 125;
        if (control < 128) {
          memory.copy(to, at, count);
          at += count;
        } else memory.fill(to, load<u8>(at++), count);
        to += count;
      }
    }
    to = (to + 7) & ~7;
  }
}
