// A line that is typed at the gateway itself: the keys that people edit lines with, and nothing that could mean something
// else to whoever reads the line afterwards. Pure: bytes in, what to show and what was said out.
import { StringDecoder } from 'node:string_decoder'

/** What comes of a key. */
export type Edit =
  | { readonly do: 'show'; readonly text: string }
  | { readonly do: 'line'; readonly line: string }
  | { readonly do: 'interrupt' }
  /** End of input, at an empty line. */
  | { readonly do: 'end' }
  /** A control character that edits nothing. */
  | { readonly do: 'control'; readonly char: string }

/** How a line is edited. */
export interface LineEditorOptions {
  /** False where there is no terminal: keys are only text. */
  readonly echoes: boolean
  /** Lines that the arrows bring back, oldest first. */
  readonly history: () => readonly string[]
  /** The words that a beginning could become. */
  readonly complete: (beginning: string) => readonly string[]
}

/** Characters of a line at the most. */
export const lineMax = 4096
/** Characters that wait for their turn. */
const waitingMax = 1024 * 1024
/** Characters of an escape sequence; no key sends more. */
const sequenceMax = 16
const bell: Edit = { do: 'show', text: '\x07' }

/** Edits one line after another. */
export class LineEditor {
  readonly #options: LineEditorOptions
  readonly #decoder = new StringDecoder('utf8')
  #waiting: string[] = []
  #line: string[] = []
  #at = 0
  #sequence = ''
  #afterReturn = false
  /** Which line of the history is shown, counted from its end; 0 is the one being typed. */
  #back = 0

  constructor(options: LineEditorOptions) {
    this.#options = options
  }

  /** Takes bytes; they are looked at by `next`. False when far too much is waiting. */
  push(bytes: Buffer): boolean {
    for (const char of this.#decoder.write(bytes)) this.#waiting.push(char)
    return this.#waiting.length <= waitingMax
  }

  /** What is typed and not sent. */
  get typed(): string {
    return this.#line.join('')
  }

  /** Takes what is typed off the screen, for somebody else to show it. */
  erase(): string {
    return this.#left(this.#at) + (this.#options.echoes ? '\x1b[K' : '')
  }

  /** What comes of the keys up to the end of a line; the keys behind it wait. Undefined when none is left. */
  next(): Edit | undefined {
    for (let count = 0; ; count++) {
      if (count > 0 && count % 4096 === 0) this.#waiting = this.#waiting.slice()
      const char = this.#waiting.shift()
      if (char === undefined) return undefined
      const edit = this.#key(char)
      if (edit !== undefined) return edit
    }
  }

  /** The line is over: the next one begins. */
  clear(): void {
    this.#line = []
    this.#at = 0
    this.#back = 0
  }

  #key(char: string): Edit | undefined {
    if (this.#sequence !== '') return this.#escape(char)
    const isSecond = char === '\n' && this.#afterReturn
    this.#afterReturn = char === '\r'
    if (isSecond) return undefined
    if (char === '\r' || char === '\n') return { do: 'line', line: this.typed }
    if (!this.#options.echoes) return this.#insert(char)
    switch (char) {
      case '\x03':
        return { do: 'interrupt' }
      case '\x04':
        return this.#line.length === 0 ? { do: 'end' } : this.#replace(this.#at, this.#at + 1, [])
      case '\x7f':
      case '\x08':
        return this.#at === 0 ? bell : this.#replace(this.#at - 1, this.#at, [])
      case '\x01':
        return this.#move(0)
      case '\x05':
        return this.#move(this.#line.length)
      case '\x02':
        return this.#move(this.#at - 1)
      case '\x06':
        return this.#move(this.#at + 1)
      case '\x0b':
        return this.#replace(this.#at, this.#line.length, [])
      case '\x15':
        return this.#replace(0, this.#at, [])
      case '\x17':
        return this.#replace(this.#wordStart(), this.#at, [])
      case '\t':
        return this.#complete()
      case '\x1b':
        this.#sequence = char
        return undefined
      default:
        return char < ' ' ? { do: 'control', char } : this.#insert(char)
    }
  }

  /** Arrows, Home, End and Delete; whatever else a terminal sends is swallowed. */
  #escape(char: string): Edit | undefined {
    this.#sequence += char
    const isOpen = this.#sequence === '\x1b[' || this.#sequence === '\x1bO'
    const isWithin = this.#sequence.length > 2 && this.#sequence.startsWith('\x1b[') && /[0-9;?]/.test(char)
    if ((isOpen || isWithin) && this.#sequence.length < sequenceMax) return undefined
    const sequence = this.#sequence.replace('\x1bO', '\x1b[')
    this.#sequence = ''
    switch (sequence) {
      case '\x1b[A':
        return this.#recall(this.#back + 1)
      case '\x1b[B':
        return this.#recall(this.#back - 1)
      case '\x1b[C':
        return this.#move(this.#at + 1)
      case '\x1b[D':
        return this.#move(this.#at - 1)
      case '\x1b[H':
      case '\x1b[1~':
        return this.#move(0)
      case '\x1b[F':
      case '\x1b[4~':
        return this.#move(this.#line.length)
      case '\x1b[3~':
        return this.#replace(this.#at, this.#at + 1, [])
      // The borders of something pasted; what is between them is typed like the rest.
      case '\x1b[200~':
      case '\x1b[201~':
        return undefined
      default:
        return bell
    }
  }

  #insert(char: string): Edit | undefined {
    if (this.#line.length >= lineMax) return bell
    if (this.#at === this.#line.length) {
      this.#line.push(char)
      this.#at++
      return this.#options.echoes ? { do: 'show', text: char } : undefined
    }
    return this.#replace(this.#at, this.#at, [char])
  }

  #replace(from: number, to: number, by: readonly string[]): Edit {
    const before = this.#at
    this.#line.splice(from, to - from, ...by)
    this.#at = from + by.length
    const tail = this.#line.slice(from).join('')
    return {
      do: 'show',
      text: `${this.#left(before - from)}${tail}\x1b[K${this.#left(this.#line.length - this.#at)}`,
    }
  }

  #move(to: number): Edit {
    if (to < 0 || to > this.#line.length) return bell
    const text = to < this.#at ? this.#left(this.#at - to) : this.#line.slice(this.#at, to).join('')
    this.#at = to
    return { do: 'show', text }
  }

  #recall(back: number): Edit {
    const history = this.#options.history()
    if (back < 0 || back > history.length) return bell
    this.#back = back
    const line = back === 0 ? '' : (history[history.length - back] ?? '')
    const shown = this.#left(this.#at)
    this.#line = [...line]
    this.#at = this.#line.length
    return { do: 'show', text: `${shown}${line}\x1b[K` }
  }

  #complete(): Edit {
    const beginning = this.#line.slice(0, this.#at).join('')
    const words = this.#options.complete(beginning)
    const [only] = words
    if (only === undefined) return bell
    const common = words.reduce((shared, word) => {
      let length = 0
      while (length < shared.length && shared[length] === word[length]) length++
      return shared.slice(0, length)
    }, only)
    const rest = [...common.slice(beginning.length), ...(words.length === 1 ? ' ' : '')]
    return rest.length === 0 ? bell : this.#replace(this.#at, this.#at, rest)
  }

  #wordStart(): number {
    let at = this.#at
    while (at > 0 && this.#line[at - 1] === ' ') at--
    while (at > 0 && this.#line[at - 1] !== ' ') at--
    return at
  }

  #left(columns: number): string {
    return columns > 0 && this.#options.echoes ? `\x1b[${columns}D` : ''
  }
}
