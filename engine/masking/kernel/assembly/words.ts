// Sets of short words, in any case of their ASCII letters: kept as two numbers of eight bytes each in a table of slots.

/** Longest word. */
const wordBytesMax: i32 = 16;
const slots: i32 = 256;
const spaces: u64 = 0x2020202020202020;

export const fileEndings: i32 = i32(memory.data(4096));
export const aboutWords: i32 = i32(memory.data(4096));
export const schemes: i32 = i32(memory.data(4096));
export const placeholders: i32 = i32(memory.data(4096));
export const units: i32 = i32(memory.data(4096));
export const headerNames: i32 = i32(memory.data(4096));

@inline
function slotOf(low: u64, high: u64): i32 {
  const mixed = (low ^ (high * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd;
  return i32(mixed >> 56);
}

function fill(set: i32, words: string): void {
  let at = 0;
  while (at < words.length) {
    let low: u64 = 0;
    let high: u64 = 0;
    for (let shift = 0; at < words.length && words.charCodeAt(at) != 0x20; at++, shift += 8) {
      if (shift < 64) low |= u64(words.charCodeAt(at)) << shift;
      else high |= u64(words.charCodeAt(at)) << (shift - 64);
    }
    at++;
    let slot = slotOf(low, high);
    while (load<u64>(set + (slot << 4)) != 0) slot = (slot + 1) & (slots - 1);
    store<u64>(set + (slot << 4), low);
    store<u64>(set + (slot << 4) + 8, high);
  }
}

/** Fills the sets. */
export function fillWords(): void {
  fill(fileEndings, "png jpg jpeg gif svg webp css js mjs ts map json html");
  fill(
    aboutWords,
    "url uri type name names id ids file path dir expires expiry expiration ttl at in count length len size limit min max policy field endpoint version created updated rotated time date age hint reset regex pattern usage used index algorithm alg format ref reference manager store provider scope scopes",
  );
  fill(schemes, "bearer basic token digest negotiate");
  fill(
    placeholders,
    "true false null none nil undefined required optional invalid missing expired changeme string text example unknown default hidden masked removed redacted",
  );
  fill(units, "ms s m h d px kb mb gb");
  fill(headerNames, "alg jku jwk kid x5u x5c x5t typ cty cri enc zip epk apu apv p2s p2c iv\" tag b64 ver ppt");
}

/** Whether a part of the bytes is one of the words. */
export function isOneOf(set: i32, from: i32, to: i32): bool {
  const size = to - from;
  if (size <= 0 || size > wordBytesMax) return false;
  // Bytes behind the last one are read and left out.
  const low = (load<u64>(from) | spaces) & (size >= 8 ? u64.MAX_VALUE : (u64(1) << (size << 3)) - 1);
  const high = size <= 8 ? 0 : (load<u64>(from + 8) | spaces) & (size == 16 ? u64.MAX_VALUE : (u64(1) << ((size - 8) << 3)) - 1);
  let slot = slotOf(low, high);
  while (true) {
    const known = load<u64>(set + (slot << 4));
    if (known == 0) return false;
    if (known == low && load<u64>(set + (slot << 4) + 8) == high) return true;
    slot = (slot + 1) & (slots - 1);
  }
}
