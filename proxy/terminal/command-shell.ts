// A shell that the gateway itself serves: every line is a command of its own, judged and run like one that was asked for
// by itself. Nothing lives on from one line to the next where it runs, so nothing is hidden in what went before. Who runs
// the lines, and how output reaches the client, is the protocol's.
import { unreachable } from '../../rego/unreachable.ts'
import { type Edit, LineEditor } from './line-editor.ts'

/** What a shell of single commands needs. */
export interface CommandShellParts {
  /** Where lines run, as the prompt says it. */
  readonly name: string
  /** Whether there is a terminal, which shows what is typed. */
  readonly echoes: boolean
  /** Shows text of the shell's own; its lines end in `\n`. */
  readonly show: (text: string) => void
  /** Judges and runs a line; `ended` is called once for it, and not from within. */
  readonly start: (line: string) => void
  /** The client leaves with a status. */
  readonly leave: (status: number) => void
}

const historyMax = 500
const help = `Every line runs as a command of its own: a folder that is changed to, or a variable, does not last.
history  the lines that were allowed    exit [STATUS]  leaves    help  this
`

/** The lines of one such shell, one after another. */
export class CommandShell {
  readonly #parts: CommandShellParts
  readonly #editor: LineEditor
  readonly #history: string[] = []
  #isBusy = false
  #hasEnded = false
  #isOver = false
  #last = 0

  constructor(parts: CommandShellParts) {
    this.#parts = parts
    this.#editor = new LineEditor({
      echoes: parts.echoes,
      history: () => this.#history,
      complete: (beginning) => this.#complete(beginning),
    })
  }

  /** Greets, where there is a terminal. */
  begin(): void {
    const { echoes, show, name } = this.#parts
    if (echoes) show(`Commands run one at a time at ${name}; \`help\` says more.\n`)
    this.#prompt()
  }

  /** Takes what is typed; false when far too much waits. */
  push(bytes: Buffer): boolean {
    if (!this.#editor.push(bytes)) return false
    this.#work()
    return true
  }

  /** Nothing more is typed: what was is run, then the client leaves. */
  end(): void {
    this.#hasEnded = true
    this.#work()
  }

  /** A line was allowed: the arrows bring it back. */
  allowed(line: string): void {
    if (this.#history.at(-1) !== line) this.#history.push(line)
    if (this.#history.length > historyMax) this.#history.shift()
  }

  /** The line that was started is over; the next one may begin. */
  ended(status: number): void {
    this.#last = status
    this.#isBusy = false
    this.#prompt()
    this.#work()
  }

  /** The client is gone: no line begins any more. */
  close(): void {
    this.#isOver = true
  }

  #prompt(): void {
    if (this.#parts.echoes && !this.#isOver) this.#parts.show(`${this.#parts.name}> `)
  }

  #leave(status: number): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#parts.leave(status)
  }

  /** Names of commands that were allowed before. */
  #complete(beginning: string): readonly string[] {
    if (beginning === '' || beginning.includes(' ')) return []
    const names = new Set(this.#history.map((line) => line.trim().split(' ', 1)[0] ?? ''))
    return [...names].filter((one) => one.startsWith(beginning)).sort()
  }

  #work(): void {
    while (!this.#isBusy && !this.#isOver) {
      const edit = this.#editor.next()
      if (edit === undefined) break
      this.#take(edit)
    }
    if (!this.#hasEnded || this.#isBusy || this.#isOver) return
    if (this.#editor.typed.trim() === '') this.#leave(this.#last)
    else {
      this.#enter(this.#editor.typed)
      this.#work()
    }
  }

  #take(edit: Edit): void {
    const { show } = this.#parts
    switch (edit.do) {
      case 'show':
        show(edit.text)
        break
      case 'line':
        this.#enter(edit.line)
        break
      case 'interrupt':
        this.#editor.clear()
        show('^C\n')
        this.#prompt()
        break
      case 'end':
        show('\n')
        this.#leave(this.#last)
        break
      case 'control':
        show('\x07')
        break
      default:
        unreachable(edit)
    }
  }

  #enter(typed: string): void {
    const { echoes, show, start } = this.#parts
    this.#editor.clear()
    if (echoes) show('\n')
    const line = typed.trim()
    const [word, argument = ''] = line.split(' ')
    if (word === 'exit' || word === 'logout') {
      this.#leave(/^\d{1,3}$/.test(argument) ? Number(argument) & 255 : this.#last)
      return
    }
    if (line !== '' && line !== 'help' && line !== 'history') {
      this.#isBusy = true
      start(typed)
      return
    }
    if (line === 'help') show(help)
    if (line === 'history') show(this.#history.map((one) => `${one}\n`).join(''))
    this.#prompt()
  }
}
