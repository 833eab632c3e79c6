// Ranges of runes as ranges of the bytes that UTF-8 has for them.

/** Runes from one to another, both included. */
export type RuneRange = readonly [from: number, to: number]

/** The last rune there is. */
export const RUNE_MAX = 0x10ffff

/** The last runes of one, two and three bytes. */
const LENGTH_ENDS = [0x7f, 0x7ff, 0xffff] as const

/** The sequences of bytes of a range of runes, each byte from one to another. */
export function utf8Sequences(range: RuneRange): (readonly RuneRange[])[] {
  const [from, to] = range
  if (from > to) return []
  for (const end of LENGTH_ENDS) if (from <= end && end < to) return halves(from, end, to)
  const first = bytesOf(from)
  for (let i = 1; i < first.length; i++) {
    const low = (1 << (6 * i)) - 1
    if ((from & ~low) === (to & ~low)) continue
    if ((from & low) !== 0) return halves(from, from | low, to)
    if ((to & low) !== low) return halves(from, (to & ~low) - 1, to)
  }
  const last = bytesOf(to)
  return [first.map((byte, i) => [byte, last[i] ?? byte])]
}

function halves(from: number, middle: number, to: number): (readonly RuneRange[])[] {
  return [...utf8Sequences([from, middle]), ...utf8Sequences([middle + 1, to])]
}

/** UTF-8 of any number up to the last rune: surrogates too, so that a range stays one. */
function bytesOf(rune: number): number[] {
  if (rune < 0x80) return [rune]
  if (rune < 0x800) return [0xc0 | (rune >> 6), 0x80 | (rune & 0x3f)]
  if (rune < 0x10000) return [0xe0 | (rune >> 12), 0x80 | ((rune >> 6) & 0x3f), 0x80 | (rune & 0x3f)]
  return [0xf0 | (rune >> 18), 0x80 | ((rune >> 12) & 0x3f), 0x80 | ((rune >> 6) & 0x3f), 0x80 | (rune & 0x3f)]
}

/** Ranges in order, those that touch as one. */
export function joinedRanges(ranges: readonly RuneRange[]): RuneRange[] {
  const joined: RuneRange[] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last[1] + 1) joined[joined.length - 1] = [last[0], Math.max(last[1], to)]
    else joined.push([from, to])
  }
  return joined
}

/** The runes that are in none of the ranges. */
export function otherRanges(ranges: readonly RuneRange[]): RuneRange[] {
  const others: RuneRange[] = []
  let from = 0
  for (const [start, end] of joinedRanges(ranges)) {
    if (start > from) others.push([from, start - 1])
    from = end + 1
  }
  if (from <= RUNE_MAX) others.push([from, RUNE_MAX])
  return others
}
