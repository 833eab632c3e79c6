// A shell in a pod that the gateway itself serves: every line is a command of its own, judged and run like one that was
// asked for by `kubectl exec POD -- sh -c LINE`. Nothing lives on from one line to the next in the pod, so nothing is
// hidden in what went before. The shell that was asked for never runs.
import type { Duplex } from 'node:stream'
import {
  type ArgvAnalyzer,
  analyzeKube,
  commandTarget,
  type Headers,
  type KubeAnalysis,
  type KubeFacts,
  outputsOf,
} from '../../../engine/action/kube/index.ts'
import type { HoldNotice, Refusal, Submission, Terms } from '../../gate/contract.ts'
import { CommandShell } from '../../terminal/index.ts'
import { maskedLine } from '../response/masked-line.ts'
import { answerTerms } from '../response/terms.ts'
import type { LiveSession } from '../sessions.ts'
import { plainStatus, refusalStatus, type Status } from '../status.ts'
import { WireError } from '../wire/index.ts'
import { type Channel, Channels } from './channels.ts'
import { type ExecEnd, execEnd } from './exec-end.ts'
import { exitBytes, statusBytes } from './exit-status.ts'
import { type Handshake, handshakeOf } from './handshake.ts'
import { brokenStatus, LineCommand } from './line-command.ts'
import { openStream } from './opening.ts'
import { queuedBytesMax } from './relay.ts'
import { shellOf } from './shell-modes.ts'

/** What a served shell needs. */
export interface WrapperParts {
  readonly live: LiveSession
  readonly headers: Headers
  /** The opening, as it was asked for. */
  readonly analysis: KubeAnalysis
  /** Its facts in this way, and what it is allowed under. */
  readonly facts: KubeFacts
  readonly terms: Terms
  readonly transport: Handshake['transport']
  /** The protocol that the client was told. */
  readonly protocol: string
  readonly socket: Duplex
  readonly hashKey: Uint8Array
  readonly shell: ArgvAnalyzer
  readonly onError: (error: unknown) => void
  /** Ends the connection of the client. */
  readonly end: (why: string) => void
  /** Says why, and ends it. */
  readonly fail: (status: Status) => void
}

/** The exit status by which shells say that a command was found and may not run. */
const refusedStatus = 126
/** Bytes that may be typed before all channels are open. */
const earlyBytesMax = 64 * 1024

/** One served shell. */
export class Wrapper {
  readonly #parts: WrapperParts
  readonly #client: ExecEnd
  readonly #channels: Channels
  readonly #shell: CommandShell
  readonly #echoes: boolean
  readonly #hasStderr: boolean
  /** Aborted when the line is over, and when the client is gone. */
  #line: AbortController | undefined
  #submission: Submission | undefined
  #running: LineCommand | undefined
  /** Channels that the client has still to open. */
  readonly #awaited: Set<Channel>
  #early: Buffer | undefined = Buffer.alloc(0)
  #inputIsOver = false
  #size: Buffer | undefined
  #isOver = false
  /** The client takes less than it is written. */
  #isBehind = false

  constructor(parts: WrapperParts) {
    this.#parts = parts
    const { facts, analysis, terms, transport, protocol, socket } = parts
    const asked = outputsOf(analysis.forward.target)
    this.#echoes = facts.exec?.tty === true
    this.#hasStderr = asked.stderr && !this.#echoes
    this.#awaited = new Set<Channel>(['error', 'stdin'])
    if (asked.stdout) this.#awaited.add('stdout')
    if (this.#hasStderr) this.#awaited.add('stderr')
    this.#channels = this.#channelsOf(facts, terms, {
      exceeded: (refusal) => parts.fail(refusalStatus(refusal)),
      congested: (go) => {
        socket.pause()
        go(() => socket.resume())
      },
    })
    this.#shell = new CommandShell({
      name: facts.name,
      echoes: this.#echoes,
      show: (text) => this.#show('stdout', this.#text(text)),
      start: (line) => this.#start(line),
      leave: (status) => this.#leave(status),
    })
    this.#client = execEnd(transport, protocol, {
      serves: true,
      write: (bytes) => this.#write(bytes),
      allows: (channel) => this.#channels.allows(channel),
      opened: (channel) => void this.#awaited.delete(channel),
      came: (channel, bytes) => this.#came(channel, bytes),
      ended: (channel) => {
        if (channel !== 'stdin') return
        this.#inputIsOver = true
        this.#running?.inputEnds()
        if (this.#early === undefined) this.#shell.end()
      },
      closed: () => parts.end('closed'),
    })
  }

  /** Takes what the client sent. Throws WireError. */
  fromClient(bytes: Buffer): void {
    if (this.#isOver) return
    this.#client.take(bytes)
    this.begin()
  }

  /** Greets the client as soon as it opened every channel that it asked for. */
  begin(): void {
    const early = this.#early
    if (this.#isOver || early === undefined || this.#awaited.size > 0) return
    this.#early = undefined
    this.#shell.begin()
    this.#typed(early)
    if (this.#inputIsOver) this.#shell.end()
  }

  /** Says why the shell ends. */
  say(status: Status): void {
    this.#goodbye(statusBytes(status))
  }

  /** Writes to the client. Who does not take what is echoed and answered is not read either. */
  #write(bytes: Buffer): void {
    const { socket } = this.#parts
    socket.write(bytes)
    if (this.#isBehind || socket.writableLength <= queuedBytesMax) return
    this.#isBehind = true
    socket.pause()
    socket.once('drain', () => {
      this.#isBehind = false
      socket.resume()
    })
  }

  /** The client is gone. */
  drop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#shell.close()
    this.#line?.abort()
    this.#running?.stop()
    if (this.#submission?.settled === false) this.#submission.cancel('client_gone')
    this.#submission?.finish()
    this.#channels.drop()
  }

  #came(channel: Channel, bytes: Buffer): void {
    if (!this.#channels.fromClient(channel, bytes) || bytes.length === 0) return
    if (channel === 'resize') {
      this.#size = bytes
      this.#running?.resize(bytes)
    } else if (this.#early === undefined) this.#typed(bytes)
    else {
      this.#early = Buffer.concat([this.#early, bytes])
      if (this.#early.length > earlyBytesMax) throw new WireError('too much was sent before the channels were open')
    }
  }

  #typed(bytes: Buffer): void {
    if (bytes.length === 0) return
    const { socket, fail } = this.#parts
    if (this.#running === undefined || !this.#echoes) {
      if (!this.#shell.push(bytes)) fail(plainStatus(413, 'RequestEntityTooLarge', 'too much was typed ahead'))
    } else if (!this.#running.input(bytes)) {
      socket.pause()
      this.#running.drained(() => socket.resume())
    }
  }

  #start(line: string): void {
    const { live, headers, analysis, facts, shell } = this.#parts
    const { method } = analysis.forward
    const target = commandTarget(analysis.forward.target, [shellOf(facts), '-c', line], this.#echoes)
    const made = analyzeKube({ method, target, headers, body: new Uint8Array() }, shell)
    const control = new AbortController()
    this.#line = control
    const over = (status: number, why?: string): void => {
      if (why !== undefined) this.#say(why)
      // The gate may still be in the middle of submitting it.
      queueMicrotask(() => this.#ended(control, status))
    }
    if (made.kind === 'refusal') {
      over(refusedStatus, `the line is not run: ${made.message}`)
      return
    }
    const { verb, operation, text } = made
    this.#submission = live.session.submit(
      { stage: 'request', verb, operation, text, complete: made.facts.complete, kube: made.facts },
      {},
      {
        forward: (terms) => {
          this.#shell.allowed(line)
          this.#run(control, made, terms, over).catch((error: unknown) => {
            if (control.signal.aborted) return
            this.#parts.onError(error)
            over(brokenStatus, 'the cluster cannot run it')
          })
        },
        refuse: (refusal) => over(refusedStatus, refusalStatus(refusal).message),
        held: (notice) => this.#say(heldText(notice)),
        stop: (refusal) => this.#stop(control, refusal),
      },
    )
  }

  async #run(
    control: AbortController,
    analysis: KubeAnalysis,
    terms: Terms,
    over: (status: number, why?: string) => void,
  ): Promise<void> {
    const { live, headers, transport, socket } = this.#parts
    const { signal } = control
    const answer = answerTerms(terms, live.session.terms, analysis.facts)
    if (typeof answer === 'string') return over(refusedStatus, `refused: ${answer}`)
    const handshake = handshakeOf(headers, analysis.forward.method, analysis.facts)
    if (typeof handshake === 'string') return over(brokenStatus, handshake)
    const stream = await openStream({ live, headers, analysis, answer, handshake, signal })
    if (signal.aborted) {
      if ('upgraded' in stream) stream.upgraded.socket.destroy()
      return
    }
    if (!('upgraded' in stream)) {
      const masked = live.session.masked.bind(live.session)
      return over(brokenStatus, maskedLine(stream.message, answer.detect, this.#parts.hashKey, masked))
    }
    const channels = this.#channelsOf(analysis.facts, terms, {
      detect: answer.detect,
      exceeded: (refusal) => this.#stop(control, refusal),
      congested: (go) => this.#running?.hold(go),
    })
    this.#running = new LineCommand({
      stream,
      transport,
      channels,
      tty: this.#echoes,
      client: socket,
      show: (channel, bytes) => this.#send(channel, bytes),
      ended: over,
    })
    if (this.#size !== undefined) this.#running.resize(this.#size)
    if (this.#inputIsOver) this.#running.inputEnds()
  }

  #stop(control: AbortController, refusal: Refusal): void {
    if (this.#line !== control) return
    this.#running?.stop()
    this.#say(refusalStatus(refusal).message)
    queueMicrotask(() => this.#ended(control, refusedStatus))
  }

  #ended(control: AbortController, status: number): void {
    if (this.#line !== control || this.#isOver) return
    control.abort()
    this.#line = undefined
    this.#running = undefined
    this.#submission?.finish()
    this.#submission = undefined
    this.#shell.ended(status)
  }

  #leave(status: number): void {
    this.#goodbye(exitBytes(status))
    this.#parts.end('left')
  }

  #goodbye(last: Buffer): void {
    for (const channel of ['stdout', 'stderr'] as const) this.#client.over(channel)
    this.#client.send('error', last)
    this.#client.over('error')
    this.#client.close()
  }

  #say(text: string): void {
    this.#show(this.#hasStderr ? 'stderr' : 'stdout', this.#text(`sallyport: ${text}\n`))
  }

  /** Shows text of the gateway's own. */
  #show(channel: 'stdout' | 'stderr', bytes: Buffer): void {
    const { live } = this.#parts
    if (this.#isOver || bytes.length === 0) return
    if (live.target.recordTerminal) live.session.observe('terminal_out', bytes)
    this.#send(channel, bytes)
  }

  #send(channel: 'stdout' | 'stderr', bytes: Buffer): void {
    if (!this.#isOver) this.#client.send(channel, bytes)
  }

  #text(text: string): Buffer {
    return Buffer.from(this.#echoes ? text.replaceAll(/\r?\n/g, '\r\n') : text)
  }

  #channelsOf(
    facts: KubeFacts,
    terms: Terms,
    rest: Pick<ConstructorParameters<typeof Channels>[0], 'exceeded' | 'congested'> &
      Partial<Pick<ConstructorParameters<typeof Channels>[0], 'detect'>>,
  ): Channels {
    const { live, hashKey, fail } = this.#parts
    return new Channels({
      session: live.session,
      terms,
      facts,
      detect: [],
      hashKey,
      record: live.target.recordTerminal,
      masksAlike: () => true,
      flooded: () => fail(plainStatus(413, 'RequestEntityTooLarge', 'too much was typed ahead')),
      ...rest,
    })
  }
}

function heldText({ holdId, reason }: HoldNotice): string {
  return `the line waits for approval (${holdId}): ${reason}`
}
