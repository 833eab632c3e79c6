// The state of reading one command line: characters in, commands and redirections out, and why it is not all understood.
import type { ShellCommand, ShellRedirect } from './facts.ts'

/** Bytes of a command line at the most; what is longer is not read. */
export const lineCharsMax: number = 64 * 1024
/** How deep constructs may nest. */
export const depthMax = 64
/** Commands, redirections and reasons that are kept. */
const listMax = 1000

/** What is found in a line, over all that nests in it. */
export class Findings {
  readonly commands: ShellCommand[] = []
  readonly redirects: ShellRedirect[] = []
  readonly reasons: Set<string> = new Set()

  /** Something that was not understood: the line is incomplete. */
  doubt(reason: string): void {
    if (this.reasons.size < listMax) this.reasons.add(reason)
  }

  command(command: ShellCommand): void {
    if (this.commands.length >= listMax) this.doubt('the line runs too many commands')
    else this.commands.push(command)
  }

  redirect(redirect: ShellRedirect): void {
    if (this.redirects.length >= listMax) this.doubt('the line has too many redirections')
    else this.redirects.push(redirect)
  }
}

/** The line cannot be read any further. */
export class Unreadable extends Error {}

/** Characters with a place in them. */
export class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  /** The character ahead; empty at the end. */
  get ahead(): string {
    return this.text[this.at] ?? ''
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  /** Takes a text when it is ahead. */
  skip(text: string): boolean {
    if (!this.startsWith(text)) return false
    this.at += text.length
    return true
  }

  /** Moves to the end of the line. */
  skipLine(): void {
    while (!this.isAtEnd && this.ahead !== '\n') this.at++
  }

  /** Takes one character. */
  take(): string {
    const char = this.ahead
    this.at++
    return char
  }
}
