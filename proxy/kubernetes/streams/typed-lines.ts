// A shell in a pod behind a line that is typed at the gateway: a line goes to the shell whole, once it was judged. It is a
// guard rail and no enforcement: what a running program makes of a line, and what the shell was made to do before, is not
// known here.
import type { KubeFacts } from '../../../engine/action/kube/index.ts'
import { analyzeLine } from '../../../engine/action/shell/index.ts'
import { unreachable } from '../../../rego/unreachable.ts'
import type { GateSession, Submission, Terms } from '../../gate/contract.ts'
import { type Edit, LineEditor } from '../../terminal/index.ts'
import { refusalStatus } from '../status.ts'

/** What lines need. */
export interface TypedLinesParts {
  readonly session: GateSession
  /** Of the exec that runs the shell. */
  readonly facts: KubeFacts
  /** Whether output is masked alike under the terms of a line. */
  readonly masksAlike: (terms: Terms) => boolean
  /** Bytes that the gateway shows, to be recorded and sent to the client. */
  readonly show: (bytes: Buffer) => void
  /** The shell's input. */
  readonly send: (bytes: Buffer) => void
  /** Far too much was typed ahead. */
  readonly flooded: () => void
}

/** Signals that a terminal makes of keys: they go to the shell at once. */
const signalKeys: ReadonlySet<string> = new Set(['\x1a', '\x1c'])

/** The lines of one shell. */
export class TypedLines {
  readonly #parts: TypedLinesParts
  readonly #editor: LineEditor
  readonly #echoes: boolean
  #submission: Submission | undefined
  #isJudging = false
  /** Told once all that was typed before the input ended was judged. */
  #ended: (() => void) | undefined

  constructor(parts: TypedLinesParts) {
    this.#parts = parts
    this.#echoes = parts.facts.exec?.tty === true
    this.#editor = new LineEditor({ echoes: this.#echoes, history: () => [], complete: () => [] })
  }

  /** Takes what the client typed. */
  push(bytes: Buffer): void {
    if (this.#editor.push(bytes)) this.#run()
    else this.#parts.flooded()
  }

  /** The client's input is over; `pass` tells the shell. */
  end(pass: () => void): void {
    this.#ended = pass
    this.#run()
  }

  /** The client is gone. */
  drop(): void {
    this.#submission?.cancel('client_gone')
  }

  #run(): void {
    while (!this.#isJudging) {
      const edit = this.#editor.next()
      if (edit === undefined) break
      this.#take(edit)
    }
    const ended = this.#ended
    if (ended === undefined || this.#isJudging) return
    if (!this.#echoes && this.#editor.typed !== '') {
      this.#judge(this.#editor.typed)
      return
    }
    this.#ended = undefined
    ended()
  }

  #take(edit: Edit): void {
    switch (edit.do) {
      case 'show':
        this.#show(edit.text)
        break
      case 'line':
        this.#judge(edit.line)
        break
      case 'interrupt':
        this.#show(this.#editor.erase())
        this.#editor.clear()
        this.#send('\x03')
        break
      case 'end':
        this.#send('\x04')
        break
      case 'control':
        if (signalKeys.has(edit.char)) this.#send(edit.char)
        else this.#show('\x07')
        break
      default:
        unreachable(edit)
    }
  }

  #judge(line: string): void {
    const { session, facts } = this.#parts
    const { exec } = facts
    this.#isJudging = true
    if (line.trim() === '') {
      this.#send(this.#lineEnd)
      this.#over()
    } else if (exec === undefined || hasControl(line)) {
      // A shell would take such a key for a command to itself, and run another line than the one that was judged.
      this.#show('\nsallyport: a line with control characters is not sent\n')
      this.#over()
    } else {
      const shell = analyzeLine(line, 'line')
      const kube = { ...facts, exec: { ...exec, shell } }
      this.#submission = session.submit(
        { stage: 'request', verb: 'execute', operation: 'line', text: line, complete: shell.complete, kube },
        {},
        {
          forward: (terms) => this.#forward(line, terms),
          refuse: (refusal) => {
            this.#show(`\nsallyport: ${refusalStatus(refusal).message}\n`)
            // An empty line brings the prompt back.
            if (this.#echoes) this.#send(this.#lineEnd)
            this.#over()
          },
          held: ({ holdId, reason }) => this.#show(`\nsallyport: the line waits for approval (${holdId}): ${reason}\n`),
          stop: () => undefined,
        },
      )
    }
  }

  #forward(line: string, terms: Terms): void {
    if (this.#parts.masksAlike(terms)) {
      this.#show(this.#editor.erase())
      this.#send(`${line}${this.#lineEnd}`)
    } else this.#show('\nsallyport: the output of a shell cannot be masked for one line\n')
    // The gate may still be in the middle of submitting it.
    queueMicrotask(() => {
      this.#submission?.finish()
      this.#over()
    })
  }

  #over(): void {
    this.#editor.clear()
    // What was typed ahead may be many lines that are answered at once.
    queueMicrotask(() => {
      this.#isJudging = false
      this.#run()
    })
  }

  get #lineEnd(): string {
    return this.#echoes ? '\r' : '\n'
  }

  #show(text: string): void {
    if (text !== '') this.#parts.show(Buffer.from(this.#echoes ? text.replaceAll(/\r?\n/g, '\r\n') : text))
  }

  #send(text: string): void {
    this.#parts.send(Buffer.from(text))
  }
}

/** True for what a terminal or its shell takes for a key rather than a letter. */
function hasControl(line: string): boolean {
  for (const char of line) if (char < ' ' || char === '\x7f') return true
  return false
}
