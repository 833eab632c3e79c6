// Exec, attach and port-forward, from the upgrade to the end: judged as one action, decoded by channel, never a pipe.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Headers, type KubeAnalysis, type KubeFacts, mediaType } from '../../../engine/action/kube/index.ts'
import type { Refusal, Submission, Terms } from '../../gate/contract.ts'
import { actingAs } from '../acting-as.ts'
import { forwardedHeaders } from '../exchange-headers.ts'
import { ImpersonationError } from '../impersonation.ts'
import { type AnswerTerms, answerTerms } from '../response/terms.ts'
import type { LiveSession } from '../sessions.ts'
import { plainStatus, refusalStatus, type Status } from '../status.ts'
import { type Upgraded, UpstreamError } from '../upstream.ts'
import { hidden } from '../visible.ts'
import { WireError } from '../wire/index.ts'
import { Channels } from './channels.ts'
import { type Handshake, handshakeOf, tunnelProtocol } from './handshake.ts'
import { PortJudge } from './ports.ts'
import type { RefusedUpgrades } from './refused-upgrades.ts'
import { type Relay, Sockets } from './relay.ts'
import { SpdyRelay } from './spdy-relay.ts'
import { TunnelRelay } from './tunnel-relay.ts'
import { keptAs, readsLines, type ShellMode } from './typed-lines.ts'
import { WebSocketRelay } from './websocket-relay.ts'

/** What one upgrade needs. */
export interface UpgradeParts {
  readonly live: LiveSession
  readonly headers: Headers
  readonly analysis: KubeAnalysis
  readonly socket: Duplex
  readonly head: Buffer
  readonly hashKey: Uint8Array
  /** Upgrades that were refused a moment ago. */
  readonly refusedUpgrades: RefusedUpgrades
  readonly onError: (where: string, error: unknown) => void
  /** Answers the request with a status and closes the connection. */
  readonly refuse: (status: Status) => void
}

/** Bytes of an answer that is passed on where an upgrade was not agreed to. */
const answerBytesMax = 64 * 1024

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

class Stream {
  readonly #parts: UpgradeParts
  readonly #handshake: Handshake
  readonly #upstream = new AbortController()
  #submission: Submission | undefined
  /** How often the stream was asked for. */
  #asks = 0
  #forgetEnd: () => void = () => undefined
  #sockets: Sockets | undefined
  #relay: Relay | undefined
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
      this.#end(refusalStatus(before))
      return
    }
    this.#forgetEnd = live.onEnd((status) => this.#end(status))
    socket.once('close', () => this.#finish('client_gone'))
    const modes = readsLines(facts) ? (live.target.shells ?? ['record']) : []
    this.#ask(asked, modes)
  }

  /** Asks for the stream; a shell in one way after another, until one is allowed. */
  #ask(asked: Parameters<RefusedUpgrades['remember']>[0], [mode, ...others]: readonly ShellMode[]): void {
    const { live, analysis, refusedUpgrades } = this.#parts
    const { verb, operation, text } = analysis
    const facts = mode === undefined ? analysis.facts : keptAs(analysis.facts, mode)
    const number = ++this.#asks
    const submission = live.session.submit(
      { stage: 'request', verb, operation, text, complete: facts.complete, kube: facts },
      {},
      {
        forward: (terms) => {
          this.#forward(terms, facts).catch((error: unknown) => this.#failed(error))
        },
        refuse: (refusal) => {
          if (!this.#over && others.length > 0) {
            this.#ask(asked, others)
            return
          }
          if (!this.#over) refusedUpgrades.remember(asked, refusal)
          this.#end(refusalStatus(refusal))
        },
        held: () => undefined,
        stop: (refusal) => this.#end(refusalStatus(refusal)),
      },
    )
    // What was refused may have asked again by now.
    if (number !== this.#asks) return
    this.#submission = submission
    if (this.#over) submission.finish()
  }

  async #forward(terms: Terms, facts: KubeFacts): Promise<void> {
    const { live, headers, analysis } = this.#parts
    const { session, target } = live
    const answer = answerTerms(terms, session.terms, analysis.facts)
    if (typeof answer === 'string') return this.#end(plainStatus(403, 'Forbidden', `refused: ${answer}`))
    // What is forwarded is bytes of another protocol: a mask in the middle would break it, none would show it.
    if (analysis.facts.subresource === 'portforward' && answer.detect.length > 0)
      return this.#end(plainStatus(403, 'Forbidden', 'refused: what is masked here cannot be forwarded by port'))
    const unseen = await hidden(live, analysis.facts, answer, this.#upstream.signal)
    if (unseen !== undefined || this.#over) return this.#end(unseen ?? plainStatus(499, 'Gone', 'the client went away'))
    const { method, target: path } = analysis.forward
    const acting = await actingAs(target.impersonation, target.tokens, session.identity, session.id)
    if (this.#over) return
    const upgraded = await target.upstream.upgrade({
      ...(acting.token === undefined ? {} : { token: acting.token }),
      method,
      target: path,
      headers: [...forwardedHeaders(headers, false), ...this.#handshake.upstream, ...acting.headers],
      body: new Uint8Array(),
      signal: this.#upstream.signal,
    })
    if (!('answer' in upgraded)) return this.#notUpgraded(upgraded)
    upgraded.socket.on('error', () => upgraded.socket.destroy())
    const protocol = upgraded.answer.statusCode === 101 ? this.#handshake.chosen(upgraded.answer) : undefined
    if (this.#over || protocol === undefined) {
      upgraded.socket.destroy()
      return this.#end(plainStatus(502, 'BadGateway', 'the cluster agreed to another protocol than was offered'))
    }
    this.#run(upgraded, protocol, terms, answer, facts)
  }

  #run(upgraded: Upgraded, protocol: string, terms: Terms, answer: AnswerTerms, facts: KubeFacts): void {
    const { live, socket, head, hashKey } = this.#parts
    const { session, target } = live
    const sockets = new Sockets(socket, upgraded.socket, (why) => this.#finish(why))
    this.#sockets = sockets
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
      flooded: () => this.#end(plainStatus(413, 'RequestEntityTooLarge', 'too much was typed ahead')),
      exceeded: (refusal: Refusal) => this.#end(refusalStatus(refusal)),
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

  /** The upstream did not agree: its answer is passed on as an answer, and nothing more is read from either side. */
  async #notUpgraded(answer: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer) {
      if (!Buffer.isBuffer(chunk)) break
      bytes += chunk.length
      if (bytes > answerBytesMax) break
      chunks.push(chunk)
    }
    answer.destroy()
    const code = answer.statusCode ?? 502
    const status =
      mediaType(answer.headers['content-type'] ?? '') === 'application/json'
        ? statusOf(Buffer.concat(chunks).toString())
        : undefined
    this.#end(
      status ??
        plainStatus(
          code >= 400 && code < 600 ? code : 502,
          'BadGateway',
          `the cluster did not open the stream: it answered ${code}`,
        ),
    )
  }

  #failed(error: unknown): void {
    if (this.#over) return
    const { onError } = this.#parts
    if (error instanceof WireError) this.#end(plainStatus(400, 'BadRequest', `the stream is broken: ${error.message}`))
    else if (error instanceof ImpersonationError) this.#end(plainStatus(403, 'Forbidden', error.message))
    else {
      onError('kubernetes stream', error)
      this.#end(
        error instanceof UpstreamError
          ? plainStatus(503, 'ServiceUnavailable', error.message)
          : plainStatus(500, 'InternalError', 'the gateway cannot serve this stream'),
      )
    }
  }

  /** Ends with a word: as an answer before the upgrade, in the stream's own words after it. */
  #end(status: Status): void {
    if (this.#over) return
    if (this.#sockets === undefined) {
      this.#parts.refuse(status)
      this.#finish('refused')
      return
    }
    this.#relay?.say(status)
    this.#sockets.end(status.reason)
  }

  #finish(why: string): void {
    if (this.#over) return
    this.#over = true
    this.#forgetEnd()
    this.#relay?.drop()
    if (this.#submission?.settled === false && why === 'client_gone') this.#submission.cancel('client_gone')
    this.#submission?.finish()
    this.#upstream.abort()
  }
}

/** A Status of the upstream's, as far as it can be read. */
function statusOf(text: string): Status | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const fields = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const code = fields.get('code')
  const message = fields.get('message')
  const reason = fields.get('reason')
  return typeof code === 'number' && code >= 400 && code < 600 && typeof message === 'string'
    ? plainStatus(code, typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason) ? reason : 'Unknown', message)
    : undefined
}
