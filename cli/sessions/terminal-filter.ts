// What of recorded terminal output may reach the terminal that shows it: text, colours, cursor and screen. Sequences that
// make a terminal answer, write its clipboard, name its windows or load its keys are left out: a host that was recorded
// must not act on who looks at the recording.

/** CSI sequences by their last character: colours, moving, erasing, scrolling, inserting. */
const harmless: ReadonlySet<string> = new Set('mABCDEFGHfJKLMPSTXZ@`adersu')
/** Private modes that may be switched: cursor keys, wrap, cursor, the other screen, bracketed paste. */
const modes: ReadonlySet<string> = new Set(['1', '7', '12', '25', '47', '1047', '1048', '1049', '2004'])
const sequenceBytesMax = 4096

/** A filter for one stream; sequences may be cut anywhere between chunks. */
export class TerminalFilter {
  #held = ''

  /** What of the bytes may be shown now. */
  push(bytes: Uint8Array): string {
    const text = this.#held + Buffer.from(bytes).toString('latin1')
    this.#held = ''
    let out = ''
    for (let at = 0; at < text.length; at++) {
      const char = text[at] ?? ''
      if (char !== '\x1b') {
        if (isText(char)) out += char
        continue
      }
      const end = sequenceEnd(text, at)
      if (end === undefined) {
        if (text.length - at <= sequenceBytesMax) this.#held = text.slice(at)
        return out
      }
      const sequence = text.slice(at, end)
      if (isHarmless(sequence)) out += sequence
      at = end - 1
    }
    return out
  }
}

function isText(char: string): boolean {
  const code = char.charCodeAt(0)
  // Bytes from 0x80 are parts of UTF-8; C1 controls come in that form only as two bytes, which terminals print.
  return code >= 0x20 ? code !== 0x7f : char === '\n' || char === '\r' || char === '\t' || char === '\b'
}

/** Where the sequence that begins at an escape ends; undefined while it is not whole. */
function sequenceEnd(text: string, start: number): number | undefined {
  const kind = text[start + 1]
  if (kind === undefined) return undefined
  if (kind === '[') {
    for (let at = start + 2; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code >= 0x40 && code <= 0x7e) return at + 1
      if (code < 0x20 || code > 0x7e) return at
    }
    return undefined
  }
  if (']PX^_'.includes(kind)) {
    for (let at = start + 2; at < text.length; at++) {
      if (text[at] === '\x07') return at + 1
      if (text[at] === '\x1b') return text[at + 1] === undefined ? undefined : text[at + 1] === '\\' ? at + 2 : at
    }
    return undefined
  }
  if ('()*+#%'.includes(kind)) return start + 3 > text.length ? undefined : start + 3
  return start + 2
}

function isHarmless(sequence: string): boolean {
  const kind = sequence[1] ?? ''
  if (kind !== '[') return 'MDE78=>'.includes(kind) || '()'.includes(kind)
  const last = sequence.at(-1) ?? ''
  const inside = sequence.slice(2, -1)
  if ((last === 'h' || last === 'l') && inside.startsWith('?'))
    return inside
      .slice(1)
      .split(';')
      .every((mode) => modes.has(mode))
  return harmless.has(last) && /^[0-9;]*$/.test(inside)
}
