// Exec, attach and port-forward, from the upgrade to the end: judged as one action, decoded by channel, never a pipe.
import type { Duplex } from 'node:stream'
import type { ArgvAnalyzer, Headers, KubeAnalysis, KubeFacts } from '../../../engine/action/kube/index.ts'
import type { Refusal, Submission, Terms } from '../../gate/contract.ts'
import { ask } from '../asking.ts'
import { ImpersonationError } from '../impersonation.ts'
import { maskedLine } from '../response/masked-line.ts'
import { type AnswerTerms, answerTerms } from '../response/terms.ts'
import type { LiveSession, Runs } from '../sessions.ts'
import { plainStatus, refusalStatus, type Status } from '../status.ts'
import { UpstreamError } from '../upstream-answer.ts'
import { hidden } from '../visible.ts'
import { WireError } from '../wire/index.ts'
import { Channels } from './channels.ts'
import { type Handshake, handshakeOf, tunnelProtocol } from './handshake.ts'
import { type OpenedStream, openStream } from './opening.ts'
import { PortJudge } from './ports.ts'
import type { RefusedUpgrades } from './refused-upgrades.ts'
import { closingMs, type Relay, Sockets } from './relay.ts'
import { waysOf } from './shell-modes.ts'
import { SpdyRelay } from './spdy-relay.ts'
import { TunnelRelay } from './tunnel-relay.ts'
import { WebSocketRelay } from './websocket-relay.ts'
import { Wrapper } from './wrapper.ts'

/** What one upgrade needs. */
export interface UpgradeParts {
  readonly live: LiveSession
  readonly headers: Headers
  readonly analysis: KubeAnalysis
  readonly socket: Duplex
  readonly head: Buffer
  readonly hashKey: Uint8Array
  /** Reads the words of commands. */
  readonly shell: ArgvAnalyzer
  /** Upgrades that were refused a moment ago. */
  readonly refusedUpgrades: RefusedUpgrades
  readonly onError: (where: string, error: unknown) => void
  /** Answers the request with a status and closes the connection. */
  readonly refuse: (status: Status) => void
}

const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])

/** Judges and carries out one upgrade. */
export async function runUpgrade(parts: UpgradeParts): Promise<void> {
  const { analysis, headers, refuse } = parts
  const { facts } = analysis
  if (facts.group !== '' || facts.resource !== 'pods' || !streams.has(facts.subresource)) {
    refuse(
      plainStatus(
        403,
        'Forbidden',
        'a connection of unknown meaning is refused: exec, attach and port-forward of pods are served',
      ),
    )
    return
  }
  const handshake = handshakeOf(headers, analysis.forward.method, facts)
  if (typeof handshake === 'string') refuse(plainStatus(400, 'BadRequest', handshake))
  else new Stream(parts, handshake).start()
}

class Stream implements Runs {
  readonly #parts: UpgradeParts
  readonly #handshake: Handshake
  readonly #upstream = new AbortController()
  #submission: Submission | undefined
  /** What was opened, once the client was told so. */
  #joined: Pick<Sockets, 'end'> | undefined
  #relay: Pick<Relay, 'say' | 'drop'> | undefined
  #over = false

  constructor(parts: UpgradeParts, handshake: Handshake) {
    this.#parts = parts
    this.#handshake = handshake
  }

  start(): void {
    const { live, analysis, socket, refusedUpgrades } = this.#parts
    const { facts } = analysis
    const asked = { identity: live.session.identity, resource: live.target.resource.name, facts }
    const before = refusedUpgrades.take(asked)
    if (before !== undefined) {
      this.end(refusalStatus(before))
      return
    }
    live.running.add(this)
    socket.once('close', () => this.#finish('client_gone'))
    this.#submission = ask(live.session, analysis, waysOf(facts, live.target.shells), {
      forward: (terms, kept = facts) => {
        this.#forward(terms, kept).catch((error: unknown) => this.#failed(error))
      },
      refuse: (refusal) => {
        if (!this.#over) refusedUpgrades.remember(asked, refusal)
        this.end(refusalStatus(refusal))
      },
      held: () => undefined,
      stop: (refusal) => this.end(refusalStatus(refusal)),
    })
    if (this.#over) this.#submission.finish()
  }

  async #forward(terms: Terms, facts: KubeFacts): Promise<void> {
    const { live, headers, analysis } = this.#parts
    const answer = answerTerms(terms, live.session.terms, analysis.facts)
    if (typeof answer === 'string') return this.end(plainStatus(403, 'Forbidden', `refused: ${answer}`))
    // What is forwarded is bytes of another protocol: a mask in the middle would break it, none would show it.
    if (analysis.facts.subresource === 'portforward' && answer.detect.length > 0)
      return this.end(plainStatus(403, 'Forbidden', 'refused: what is masked here cannot be forwarded by port'))
    const { signal } = this.#upstream
    if (facts.exec?.shell.mode === 'wrapper') {
      const unseen = await hidden(live, facts, answer, signal)
      if (unseen !== undefined) this.end(unseen)
      else if (!this.#over) this.#serve(terms, facts)
      return
    }
    const handshake = this.#handshake
    const opened = await openStream({ live, headers, analysis, answer, handshake, signal })
    if ('upgraded' in opened) this.#run(opened, terms, answer, facts)
    else {
      const masked = live.session.masked.bind(live.session)
      this.end({ ...opened, message: maskedLine(opened.message, answer.detect, this.#parts.hashKey, masked) })
    }
  }

  /** Serves a shell whose lines are commands of their own; nothing is opened at the cluster for the shell itself. */
  #serve(terms: Terms, facts: KubeFacts): void {
    const { live, headers, analysis, socket, head, hashKey, shell, onError } = this.#parts
    const { transport, protocols, accepted } = this.#handshake
    const [protocol = ''] = protocols
    const wrapper = new Wrapper({
      live,
      headers,
      analysis,
      facts,
      terms,
      transport,
      protocol,
      socket,
      hashKey,
      shell,
      onError: (error) => onError('kubernetes stream', error),
      end: (why) => this.#close(why),
      fail: (status) => this.end(status),
    })
    this.#relay = wrapper
    this.#joined = { end: (why) => this.#close(why) }
    const take = (bytes: Buffer): void => {
      try {
        wrapper.fromClient(bytes)
      } catch (error) {
        this.#failed(error)
      }
    }
    socket.write(accepted(protocol))
    socket.on('data', take)
    socket.once('end', () => this.#close('client_gone'))
    wrapper.begin()
    if (head.length > 0) take(head)
  }

  /** Ends the connection of a client that the gateway serves itself. */
  #close(why: string): void {
    const { socket } = this.#parts
    socket.end()
    setTimeout(() => socket.destroy(), closingMs).unref()
    this.#finish(why)
  }

  #run({ upgraded, protocol }: OpenedStream, terms: Terms, answer: AnswerTerms, facts: KubeFacts): void {
    const { live, socket, head, hashKey } = this.#parts
    const { session, target } = live
    const sockets = new Sockets(socket, upgraded.socket, (why) => this.#finish(why))
    this.#joined = sockets
    const channels = new Channels({
      session,
      terms,
      facts,
      detect: answer.detect,
      hashKey,
      record: target.recordTerminal,
      masksAlike: (other) => {
        const of = answerTerms(other, session.terms, facts)
        return typeof of !== 'string' && JSON.stringify(of.detect) === JSON.stringify(answer.detect)
      },
      flooded: () => this.end(plainStatus(413, 'RequestEntityTooLarge', 'too much was typed ahead')),
      exceeded: (refusal: Refusal) => this.end(refusalStatus(refusal)),
      congested: (go) => {
        sockets.pause()
        go(() => sockets.resume())
      },
    })
    const ports = facts.subresource === 'portforward' ? new PortJudge(session, facts) : undefined
    const common = {
      channels,
      toClient: (bytes: Buffer): void => void socket.write(bytes),
      toServer: (bytes: Buffer): void => void upgraded.socket.write(bytes),
      end: (why: string): void => sockets.end(why),
      pause: (): void => sockets.pause(),
      resume: (): void => sockets.resume(),
      ports,
    }
    const relay =
      this.#handshake.transport === 'spdy'
        ? new SpdyRelay(common)
        : protocol === tunnelProtocol
          ? new TunnelRelay(common)
          : new WebSocketRelay({
              ...common,
              version: protocol.startsWith('v5') ? 'v5' : 'v4',
              ports: facts.ports?.length ?? 0,
            })
    this.#relay = relay
    socket.write(this.#handshake.accepted(protocol))
    sockets.run(relay, { client: head, server: upgraded.head }, (error) => this.#failed(error))
  }

  #failed(error: unknown): void {
    if (this.#over) return
    const { onError } = this.#parts
    if (error instanceof WireError) this.end(plainStatus(400, 'BadRequest', `the stream is broken: ${error.message}`))
    else if (error instanceof ImpersonationError) this.end(plainStatus(403, 'Forbidden', error.message))
    else {
      onError('kubernetes stream', error)
      this.end(
        error instanceof UpstreamError
          ? plainStatus(503, 'ServiceUnavailable', error.message)
          : plainStatus(500, 'InternalError', 'the gateway cannot serve this stream'),
      )
    }
  }

  /** Ends with a word: as an answer before the upgrade, in the stream's own words after it. */
  end(status: Status): void {
    if (this.#over) return
    if (this.#joined === undefined) {
      this.#parts.refuse(status)
      this.#finish('refused')
      return
    }
    this.#relay?.say(status)
    this.#joined.end(status.reason)
  }

  #finish(why: string): void {
    if (this.#over) return
    this.#over = true
    this.#parts.live.running.delete(this)
    this.#relay?.drop()
    if (this.#submission?.settled === false && why === 'client_gone') this.#submission.cancel('client_gone')
    this.#submission?.finish()
    this.#upstream.abort()
  }
}
