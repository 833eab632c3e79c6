// Hashes of constants, the same as the runtime's (rego/runtime/assembly/hash.ts).

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x85ebca6b)
}

/** The hash of some bytes, never 0. */
export function hashBytes(bytes: Uint8Array): number {
  let hash = bytes.length | 0
  let at = 0
  const byte = (offset: number): number => bytes[at + offset] ?? 0
  for (; at + 4 <= bytes.length; at += 4) {
    hash = mix(hash, byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24))
  }
  if (at < bytes.length) hash = mix(hash, byte(0) | (byte(1) << 8) | (byte(2) << 16))
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0xc2b2ae35)
  hash ^= hash >>> 13
  return hash === 0 ? 1 : hash >>> 0
}
