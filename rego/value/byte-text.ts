// Bytes that are no UTF-8, in strings. OPA's strings hold any bytes; ours are text. Each byte that belongs to no character
// is a low surrogate of its own, U+DC80 to U+DCFF, which no text from outside has, so that other bytes are another string
// and a digest or an encoding of them is the one of the bytes. Shown, each is U+FFFD, as OPA shows it.

const BYTE_UNIT = 0xdc00

/** Some bytes as a string that says all of them. */
export function textOfBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  // Only where there is one can a byte have been lost; bytes that are one stay it.
  if (!text.includes('\ufffd')) return text
  let whole = ''
  let start = 0
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at)
    if (length === 0) {
      whole += bytes.toString('utf8', start, at) + String.fromCharCode(BYTE_UNIT + (bytes[at] ?? 0))
      start = at + 1
    }
    at += Math.max(length, 1)
  }
  return whole + bytes.toString('utf8', start)
}

/** How many bytes the character has that begins here; 0 where none does (RFC 3629 4). */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0
    if (byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) return 0
  }
  return length
}

/** The bytes that a string says. */
export function bytesOfText(text: string): Buffer {
  if (!holdsBytes(text)) return Buffer.from(text)
  const parts: Buffer[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (!isByte(text, at)) continue
    parts.push(Buffer.from(text.slice(start, at)), Buffer.of(text.charCodeAt(at) - BYTE_UNIT))
    start = at + 1
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(start))])
}

/** Whether some of a string are bytes that are no text. */
export function holdsBytes(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isByte(text, at)) return true
  return false
}

/** The string as it is shown. */
export function shownText(text: string): string {
  return holdsBytes(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text
}

/** Whether the unit there is a byte: a low surrogate that is no half of a pair. */
export function isByte(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit < 0xdc80 || unit > 0xdcff) return false
  const before = at === 0 ? 0 : text.charCodeAt(at - 1)
  return before < 0xd800 || before > 0xdbff
}

const encoder = new TextEncoder()

/** How a string lies in a module's memory: a byte that is no text as its surrogate would in UTF-8, in three bytes. */
export function encodeHeld(text: string, into: Uint8Array): number {
  let end = 0
  let start = 0
  for (let at = 0; at <= text.length; at++) {
    const isEnd = at === text.length
    if (!isEnd && !isByte(text, at)) continue
    if (at > start) end += encoder.encodeInto(text.slice(start, at), into.subarray(end)).written
    if (isEnd) break
    const unit = text.charCodeAt(at)
    into.set([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)], end)
    end += 3
    start = at + 1
  }
  return end
}

/** The string that lies so in memory. */
export function decodeHeld(bytes: Buffer): string {
  let text = ''
  let start = 0
  for (let at = 0; at + 2 < bytes.length; at++) {
    const second = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xed || (second !== 0xb2 && second !== 0xb3)) continue
    text += bytes.toString('utf8', start, at)
    text += String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | ((bytes[at + 2] ?? 0) & 0x3f))
    at += 2
    start = at + 1
  }
  return text + bytes.toString('utf8', start)
}
