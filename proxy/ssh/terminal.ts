// What a client says of its terminal and of signals, as far as a host is told of it.
import type { Pty } from './upstream.ts'

/** A terminal's size in one direction; the system of a host counts no further. */
const sizeMax = 65_535
const termCharsMax = 64
const termMarks: ReadonlySet<string> = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-._')
/** The signals of RFC 4254 6.10 that the library can tell; hosts pass over others. */
const signals: ReadonlySet<string> = new Set([
  'ABRT',
  'ALRM',
  'FPE',
  'HUP',
  'ILL',
  'INT',
  'KILL',
  'PIPE',
  'QUIT',
  'SEGV',
  'TERM',
  'USR1',
  'USR2',
])

/** A size as a client tells it. */
export type Size = Pick<Pty, 'cols' | 'rows' | 'width' | 'height'>

/** A size as a host takes it. */
export function sizeOf({ cols, rows, width, height }: Size): Size {
  const [columns, lines, wide, high] = [cols, rows, width, height].map((one) => Math.min(one, sizeMax))
  return { cols: columns ?? 0, rows: lines ?? 0, width: wide ?? 0, height: high ?? 0 }
}

/**
 * The terminal that a client asks for. Its name becomes a variable of what runs there without being judged as one, so it
 * must be a name: undefined for what is none, such as a path or a function of a shell.
 */
export function ptyOf(info: Size, modes?: Buffer): Pty | undefined {
  const term: unknown = Reflect.get(info, 'term')
  if (typeof term !== 'string' || term.length > termCharsMax || term.startsWith('.') || term.startsWith('-'))
    return undefined
  return [...term].every((mark) => termMarks.has(mark))
    ? { term, ...sizeOf(info), ...(modes === undefined ? {} : { modes }) }
    : undefined
}

/** The same as the host has it by itself: a line that is judged must not be edited by keys of the client's choice. */
export function withoutModes(pty: Pty | undefined): Pty | undefined {
  return pty === undefined ? undefined : { term: pty.term, ...sizeOf(pty) }
}

/** Whether a signal has a name that can be told to the other side. */
export function isSignal(name: string): boolean {
  return signals.has(name.startsWith('SIG') ? name.slice(3) : name)
}

/** How often a host is told of another size: who draws a window larger says it many times, and each time is recorded. */
const resizeMs = 20

/** Sizes of a terminal one after another: the first at once, of those that follow too soon the last. */
export class Resizes {
  readonly #tell: (size: Size) => void
  #timer: NodeJS.Timeout | undefined
  #next: Size | undefined
  #isEnded = false

  constructor(tell: (size: Size) => void) {
    this.#tell = tell
  }

  push(size: Size): void {
    if (this.#isEnded) return
    this.#next = sizeOf(size)
    if (this.#timer === undefined) this.#due()
  }

  end(): void {
    this.#isEnded = true
    clearTimeout(this.#timer)
  }

  #due(): void {
    this.#timer = undefined
    const size = this.#next
    this.#next = undefined
    if (size === undefined) return
    this.#timer = setTimeout(() => this.#due(), resizeMs)
    this.#tell(size)
  }
}
