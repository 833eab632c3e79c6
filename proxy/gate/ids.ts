// Ids of decisions and holds: random UUIDs (RFC 9562, version 4), made a thousand at a time, so that hardly any action
// waits for randomness.
import { randomFillSync } from 'node:crypto'

/** Ids that are made at once. */
const idsAtOnce = 1024
const idBytes = 16
const idChars = 36
const digits = Buffer.from('0123456789abcdef')
const dash = 0x2d

/** Makes what gives out ids: no two alike, and none that can be foretold. */
export function idSource(): () => string {
  const random = Buffer.alloc(idsAtOnce * idBytes)
  const text = Buffer.alloc(idsAtOnce * idChars, dash)
  let next = idsAtOnce
  return () => {
    if (next === idsAtOnce) {
      randomFillSync(random)
      for (let index = 0; index < idsAtOnce; index++) writeId(random, index * idBytes, text, index * idChars)
      random.fill(0)
      next = 0
    }
    const at = next++ * idChars
    // A string of its own: a piece of a longer one would keep all of it.
    return text.toString('latin1', at, at + idChars)
  }
}

/** Writes sixteen bytes as text; the dashes stand already. */
function writeId(random: Buffer, from: number, text: Buffer, to: number): void {
  for (let index = 0, at = to; index < idBytes; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) at++
    let byte = random[from + index] ?? 0
    if (index === 6) byte = (byte & 0x0f) | 0x40
    if (index === 8) byte = (byte & 0x3f) | 0x80
    text[at++] = digits[byte >> 4] ?? 0
    text[at++] = digits[byte & 15] ?? 0
  }
}
