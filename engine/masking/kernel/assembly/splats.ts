// Sixteen times the same byte. Read from the memory it is one step; made on the spot it would be three.

const splats: i32 = i32(memory.data(4096, 16));

/** Fills the table. */
export function fillSplats(): void {
  for (let at = 0; at < 4096; at++) store<u8>(splats + at, at >> 4);
}

/** Sixteen times a byte. */
@inline
export function all(byte: i32): v128 {
  return v128.load(splats + (byte << 4));
}
