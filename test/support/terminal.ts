// A shell that stays, as a person has it open: commands go in one by one, and what each prints is told apart.
import { type ChildProcess, spawn } from 'node:child_process'

const commandMs = 180_000
const endOfCommand = '\u001e'

/** One open terminal. */
export class Terminal {
  readonly #shell: ChildProcess
  #out = ''
  #isOver = false
  #wake: () => void = () => undefined

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    // A group of its own, so that what runs in the background ends with it.
    this.#shell = spawn('/bin/sh', [], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    this.#shell.stdout?.on('data', (chunk: Buffer) => {
      this.#out += chunk.toString()
      this.#wake()
    })
    this.#shell.on('exit', () => {
      this.#isOver = true
      this.#wake()
    })
    this.#shell.stdin?.on('error', () => undefined)
    this.#shell.stdin?.write('exec 2>&1\n')
  }

  /** Begins a command; what it prints is read by `until` and `rest`. */
  begin(command: string): void {
    this.#shell.stdin?.write(`{ ${command}\n} </dev/null\nprintf '${endOfCommand}'\n`)
  }

  /** What the running command has printed, as soon as it is as wanted; the text at the end when it never is. */
  async until(isWanted: (printed: string) => boolean): Promise<string> {
    await this.#wait(() => this.#out.includes(endOfCommand) || (this.#out.endsWith('\n') && isWanted(this.#out)))
    const [printed = ''] = this.#out.split(endOfCommand, 1)
    this.#out = this.#out.slice(printed.length)
    return printed
  }

  /** What the running command prints until it ends. */
  async rest(): Promise<string> {
    await this.#wait(() => this.#out.includes(endOfCommand))
    const at = this.#out.indexOf(endOfCommand)
    const printed = at < 0 ? this.#out : this.#out.slice(0, at)
    this.#out = at < 0 ? '' : this.#out.slice(at + 1)
    return printed
  }

  /** Ends the shell and everything that it started. */
  close(): void {
    if (this.#shell.pid === undefined || this.#isOver) return
    try {
      process.kill(-this.#shell.pid, 'SIGKILL')
    } catch {
      // it ended by itself
    }
  }

  async #wait(isDone: () => boolean): Promise<void> {
    const late = setTimeout(() => {
      this.#isOver = true
      this.#wake()
    }, commandMs)
    while (!isDone() && !this.#isOver) {
      await new Promise<void>((done) => {
        this.#wake = done
      })
    }
    clearTimeout(late)
    if (!isDone()) throw new Error(`the terminal ended, or ${commandMs} ms went by; it printed: ${this.#out}`)
  }
}
