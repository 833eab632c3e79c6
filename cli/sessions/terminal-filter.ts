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
  /** Bytes that the character which was begun still needs, and the least that the next of them may be. */
  #due = 0
  #least = ''

  /** What of the bytes may be shown now. */
  push(bytes: Uint8Array): string {
    const text = this.#held + Buffer.from(bytes).toString('latin1')
    this.#held = ''
    let out = ''
    for (let at = 0; at < text.length; at++) {
      const char = text[at] ?? ''
      if (char === '\xc2' && text[at + 1] === undefined) {
        this.#held = char
        return out
      }
      if (char !== '\x1b') {
        if (this.#isWhole(char, text[at + 1])) out += char
        continue
      }
      this.#due = 0
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

  /**
   * Whether a byte may be shown. C1 controls begin sequences by themselves: in many terminals as UTF-8 (0xc2 and the
   * control), in others as one byte. As a later byte of a longer character they are none.
   */
  #isWhole(char: string, next: string | undefined): boolean {
    if (this.#due > 0 && char >= this.#least && char <= '\xbf') {
      this.#due--
      this.#least = '\x80'
      return true
    }
    ;[this.#due, this.#least] = begun(char)
    if (char === '\xc2') {
      if (next !== undefined && next >= '\x80' && next <= '\x9f') return false
      ;[this.#due, this.#least] = [1, '\xa0']
      return true
    }
    return isText(char) && (char < '\x80' || char > '\x9f')
  }
}

function isText(char: string): boolean {
  const code = char.charCodeAt(0)
  return code >= 0x20 ? code !== 0x7f : char === '\n' || char === '\r' || char === '\t' || char === '\b'
}

/** Of a character that begins with this byte: bytes that follow, and the least that the first of them may be. */
function begun(char: string): readonly [number, string] {
  if (char >= '\xc3' && char <= '\xdf') return [1, '\x80']
  if (char >= '\xe0' && char <= '\xef') return [2, char === '\xe0' ? '\xa0' : '\x80']
  if (char >= '\xf0' && char <= '\xf4') return [3, char === '\xf0' ? '\x90' : '\x80']
  return [0, '']
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
  if ('()*+#%'.includes(kind)) {
    // Whatever is no name of a set of characters begins something of its own.
    const name = text[start + 2]
    if (name === undefined) return undefined
    return name >= ' ' && name <= '~' ? start + 3 : start + 2
  }
  return start + 2
}

function isHarmless(sequence: string): boolean {
  const kind = sequence[1] ?? ''
  if (kind !== '[') return 'MDE78=>'.includes(kind) || ('()'.includes(kind) && sequence.length === 3)
  const last = sequence.at(-1) ?? ''
  const inside = sequence.slice(2, -1)
  if ((last === 'h' || last === 'l') && inside.startsWith('?'))
    return inside
      .slice(1)
      .split(';')
      .every((mode) => modes.has(mode))
  return harmless.has(last) && /^[0-9;]*$/.test(inside)
}
