// One request from its judgment to the end of its answer.
import type { Readable, Transform } from 'node:stream'
import { type Headers, headerOf, holdsSecrets, type KubeAnalysis } from '../../engine/action/kube/index.ts'
import type { Effects, Refusal, Submission, Terms } from '../gate/contract.ts'
import type { Kept } from '../listening/room.ts'
import { type ActingHeaders, actingAs, impersonating } from './acting-as.ts'
import { ask } from './asking.ts'
import { acceptJson, answeredHeaders, takesGzip } from './exchange-headers.ts'
import { answerStatus, breakOff, type FrontResponse, flushHead, writeHead, writeWhole } from './front.ts'
import { ImpersonationError } from './impersonation.ts'
import { answerMs } from './limits.ts'
import { answerTransform } from './response/answer.ts'
import { withOpenContinue } from './response/continue-token.ts'
import { type Flowing, flow, flowThrough, type Metered } from './response/flow.ts'
import { WholeAnswer } from './response/json-answer.ts'
import { maskedFields } from './response/masked-line.ts'
import { Shown } from './response/shown.ts'
import { type AnswerTerms, answerTerms, readsObjects } from './response/terms.ts'
import { answerRoom } from './rooms.ts'
import type { LiveSession, Runs } from './sessions.ts'
import { showBefore } from './shown-before.ts'
import { spent } from './spent-buffers.ts'
import { plainStatus, refusalStatus, type Status } from './status.ts'
import { waysOf } from './streams/shell-modes.ts'
import { Asking, fieldOf, streamOf, type UpstreamAnswer, UpstreamError } from './upstream-answer.ts'
import { hidden } from './visible.ts'

/** What one exchange needs. */
export interface ExchangeParts {
  readonly live: LiveSession
  readonly headers: Headers
  readonly analysis: KubeAnalysis
  readonly response: FrontResponse
  readonly hashKey: Uint8Array
  readonly onError: (where: string, error: unknown) => void
}

/** A request that was allowed, on its way to the cluster. */
interface Road {
  readonly parts: ExchangeParts
  readonly answer: AnswerTerms
  readonly place: string
  readonly asking: Asking
}

/** As whom a request is made. */
interface Acting {
  readonly headers: ActingHeaders
  readonly token?: string
}

/** One request: judged, carried out, answered. What it no longer needs it lets go of: an answer may go on for days. */
export class Exchange implements Effects, Flowing, Runs {
  readonly #live: LiveSession
  readonly #response: FrontResponse
  readonly #onError: ExchangeParts['onError']
  /** Until the answer flows. */
  #parts: ExchangeParts | undefined
  /** Gives up what is asked of the cluster, or its answer. */
  #giveUp: (() => void) | undefined
  #terms: Terms | undefined
  /** Where the exchange is a watch under filters: what its client sees. */
  #shown: Shown | undefined
  #through: Transform | undefined
  /** The head of the answer, until it is out. */
  #head: { readonly status: number; readonly fields: readonly (readonly [string, string])[] } | undefined
  #submission: Submission | undefined
  #finished = false
  /** The upstream has nothing more to say. */
  #isWhole = false
  /** What waits for the client of an answer that was written whole. */
  #kept: Kept | undefined

  constructor(parts: ExchangeParts) {
    this.#parts = parts
    this.#live = parts.live
    this.#response = parts.response
    this.#onError = parts.onError
  }

  /** Begins. Never throws for a reason of the request's. */
  start(): void {
    const parts = this.#parts
    if (parts === undefined) return
    const { live, analysis, response } = parts
    live.running.add(this)
    response.on('close', () => this.#finish('client_gone'))
    // A container with a shell is asked for as the shell is: whoever attaches to it has that.
    const ways = waysOf(analysis.facts, live.target.shells)
    this.#submission = ask(live.session, analysis, ways, this)
    if (this.#finished) this.#submission.finish()
  }

  forward(terms: Terms): void {
    const parts = this.#parts
    if (parts !== undefined && !this.#finished) this.#tried(() => this.#forward(parts, terms))
  }

  refuse(refusal: Refusal): void {
    this.#refuse(refusalStatus(refusal))
  }

  held(): void {
    // the client waits
  }

  stop(refusal: Refusal): void {
    this.#refuse(refusalStatus(refusal))
  }

  end(status: Status): void {
    this.#refuse(status)
  }

  #forward(parts: ExchangeParts, terms: Terms): void {
    const { live, analysis, hashKey } = parts
    const asking = new Asking()
    this.#giveUp = () => asking.giveUp()
    this.#terms = terms
    const answer = answerTerms(terms, live.session.terms, analysis.facts, analysis.forward.target)
    if (typeof answer === 'string') {
      this.#refuse(plainStatus(403, 'Forbidden', `refused: ${answer}`))
      return
    }
    const place = withOpenContinue(analysis.forward.target, answer.filters.length > 0, hashKey)
    if (place === undefined) {
      // Clients that go on from a token that no longer counts list again.
      this.#refuse(plainStatus(410, 'Expired', 'the continue token is none of this list: list again'))
      return
    }
    const road = { parts, answer, place, asking }
    if (answer.filters.length === 0) this.#act(road)
    else this.#later(this.#look(road), (isSeen) => isSeen && this.#act(road))
  }

  /** Whether what the request is about may be seen under its filters; refused where it may not. */
  async #look({ parts, answer, asking }: Road): Promise<boolean> {
    const { live, analysis, hashKey } = parts
    const looking = new AbortController()
    const { signal } = looking
    asking.whenGivenUp(() => looking.abort())
    const unseen = await hidden(live, analysis.facts, answer, signal)
    if (unseen !== undefined) this.#refuse(unseen)
    if (this.#finished) return false
    const shown = new Shown()
    this.#shown = shown
    const notSaid = await showBefore(live, analysis, answer, hashKey, shown, signal)
    if (this.#finished) {
      shown.release()
      return false
    }
    if (notSaid !== undefined) this.#refuse(notSaid)
    return notSaid === undefined
  }

  /** Goes on as whom the request is made. */
  #act(road: Road): void {
    const { session, target } = road.parts.live
    const { impersonation, tokens } = target
    const { identity, id } = session
    if (tokens === undefined) this.#send(road, { headers: impersonating(impersonation, identity, id) })
    else
      this.#later(actingAs(impersonation, tokens, identity, id), (acting) => this.#finished || this.#send(road, acting))
  }

  #send({ parts, answer, place, asking }: Road, acting: Acting): void {
    const { live, headers, analysis } = parts
    const { target } = live
    const { facts, forward } = analysis
    const isRead = readsObjects(answer) && facts.resource_request
    const accept = headerOf(headers, 'accept')
    const negotiated =
      isRead && facts.subresource !== 'log' ? acceptJson(accept, answer.tables, answer.metadataOnly) : accept
    if (negotiated === undefined) {
      this.#refuse(
        plainStatus(406, 'NotAcceptable', 'the answer is masked here, and only JSON can be: accept application/json'),
      )
      return
    }
    const zipped = !readsObjects(answer) && takesGzip(headerOf(headers, 'accept-encoding'))
    if (target.recordWire) this.#record('wire_up', `${analysis.text}\n`, recordedBody(analysis))
    const timer = setTimeout(givenUp, answerMs, asking)
    const { method, body } = forward
    const isFollowed = goesOn(facts)
    const request = {
      ...(acting.token === undefined ? {} : { token: acting.token }),
      client: live.client,
      method,
      target: place,
      headers: live.sent.of(headers, negotiated, zipped, isRead, acting.headers),
      body,
      asking,
      watches: facts.verb === 'watch' && method === 'GET' && body.length === 0,
      isFollowed,
    }
    target.upstream.ask(request, {
      answered: (upstream) => {
        clearTimeout(timer)
        this.#tried(() => this.#answered(parts, answer, upstream, isFollowed))
      },
      failed: (error) => {
        clearTimeout(timer)
        this.#failed(error)
      },
    })
  }

  #answered(parts: ExchangeParts, answer: AnswerTerms, upstream: UpstreamAnswer, isFollowed: boolean): void {
    const { live, analysis, hashKey } = parts
    const { session, target } = live
    const { facts, forward } = analysis
    if (this.#finished) {
      upstream.giveUp()
      return
    }
    // INVARIANT: whatever ends the exchange before the answer is whole gives the answer up.
    this.#giveUp = () => upstream.giveUp()
    const status = upstream.statusCode
    if (status < 200 || (status >= 300 && status < 400 && status !== 304)) {
      this.#refuse(plainStatus(502, 'BadGateway', 'the cluster answered with a redirection, which is not followed'))
      return
    }
    if (changes(facts.verb) && !facts.dry_run && status < 300 && !this.#consume({ affected: 1 })) return
    const contentType = fieldOf(upstream, 'content-type')
    const through = answerTransform({
      facts,
      terms: answer,
      status,
      contentType,
      hashKey,
      shown: this.#shown ?? noneShown,
      masked: (rule, count) => session.masked(rule, count),
      counted: (objects) => objects === 0 || this.#consume({ rows: objects }),
    })
    const encoded = fieldOf(upstream, 'content-encoding')
    if (typeof through === 'string' || (through !== undefined && encoded !== '' && encoded !== 'identity')) {
      this.#refuse(
        plainStatus(
          502,
          'BadGateway',
          typeof through === 'string' ? through : 'the cluster compressed what must be masked',
        ),
      )
      return
    }
    this.#through = through
    const masked = session.masked.bind(session)
    const isRead = readsObjects(answer) && facts.resource_request
    const fields = maskedFields(answeredHeaders(upstream.fields, isRead), answer.detect, hashKey, masked)
    const noBody = forward.method === 'HEAD' || status === 204 || status === 304
    const { body: answered } = upstream
    const isThere = through === undefined && !noBody && Buffer.isBuffer(answered)
    const length = fieldOf(upstream, 'content-length')
    if (through === undefined && !isThere && length !== '') fields.push(['Content-Length', length])
    this.#head = { status, fields }
    if (target.recordWire) this.#record('wire_down', `${status}\n`)
    this.#parts = undefined
    if (noBody) this.#answerWithoutBody(answered)
    else if (through === undefined && Buffer.isBuffer(answered)) this.#answerWhole(answered)
    else this.#answerWith(streamOf(answered), isFollowed)
  }

  #answerWithoutBody(body: UpstreamAnswer['body']): void {
    this.#begin()
    if (!Buffer.isBuffer(body)) body.resume()
    this.#response.end()
    this.#isWhole = true
    this.#finish('done')
  }

  /** What is there already goes on with its head, in one write. */
  #answerWhole(body: Buffer): void {
    const { session, target } = this.#live
    const head = this.#head
    spent(body.length)
    if (this.#finished || head === undefined || !this.#consume({ bytes: body.length })) return
    this.#head = undefined
    const send = (): void => {
      if (this.#finished || this.#response.destroyed) return
      if (body.length > answerBytesFree) {
        this.#kept = answerRoom(this.#response)
        this.#kept?.counts(body.length)
      }
      writeWhole(this.#response, head.status, head.fields, body, () => this.done(undefined))
    }
    if (!target.recordWire || body.length === 0 || session.observe('wire_down', body)) send()
    else session.onDrain(send)
  }

  #answerWith(body: Readable, isLong: boolean): void {
    // Whoever follows waits for the head, and knows by it that there will be more.
    if (isLong) {
      this.#begin()
      flushHead(this.#response)
    }
    if (this.#through === undefined) flowThrough(body, this.#response, this)
    else flow(body, this.#through, this.#response, this)
  }

  /** The head waits for what may come of the body: it is refused, or turns out to be hidden. */
  #begin(): void {
    const head = this.#head
    if (head === undefined) return
    this.#head = undefined
    const isHidden = this.#through instanceof WholeAnswer && this.#through.gone
    writeHead(this.#response, isHidden ? 404 : head.status, head.fields)
  }

  meter(bytes: Buffer): Metered {
    const { session, target } = this.#live
    spent(bytes.length * (this.#through === undefined ? 1 : copiesOfMasked))
    if (this.#finished || !this.#consume({ bytes: bytes.length })) return 'stop'
    this.#begin()
    if (!target.recordWire || bytes.length === 0 || session.observe('wire_down', bytes)) return undefined
    return (go) => session.onDrain(go)
  }

  done(error: NodeJS.ErrnoException | null | undefined): void {
    // A cut answer must not look whole: the connection or stream breaks off.
    if (error === null || error === undefined) {
      this.#begin()
      this.#isWhole = true
    } else {
      if (!this.#finished && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') this.#onError('kubernetes', error)
      breakOff(this.#response)
    }
    this.#finish('done')
  }

  /** A failure of what is done for the request is the request's alone. */
  #tried(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#failed(error)
    }
  }

  #later<T>(waiting: Promise<T>, then: (value: T) => void): void {
    waiting.then(then).catch((error: unknown) => this.#failed(error))
  }

  #consume(used: { readonly rows?: number; readonly bytes?: number; readonly affected?: number }): boolean {
    const answer = this.#live.session.consume(used, this.#terms)
    if (!answer.within) this.#refuse(refusalStatus(answer.refusal))
    return answer.within
  }

  #record(kind: 'wire_up' | 'wire_down', head: string, body: Uint8Array = new Uint8Array()): void {
    this.#live.session.observe(kind, Buffer.concat([Buffer.from(head), body]))
  }

  #failed(error: unknown): void {
    if (this.#finished) return
    if (error instanceof ImpersonationError) {
      this.#refuse(plainStatus(403, 'Forbidden', error.message))
      return
    }
    this.#onError('kubernetes', error)
    this.#refuse(
      error instanceof UpstreamError
        ? plainStatus(503, 'ServiceUnavailable', error.message)
        : plainStatus(500, 'InternalError', 'the gateway cannot serve this request'),
    )
  }

  /** Says so when nothing was said yet; otherwise the answer breaks off. */
  #refuse(status: Status): void {
    if (this.#finished) return
    answerStatus(this.#response, status)
    this.#finish('refused')
  }

  #finish(why: 'done' | 'refused' | 'client_gone'): void {
    if (this.#finished) return
    this.#finished = true
    this.#kept?.counts(0)
    this.#live.running.delete(this)
    this.#shown?.release()
    if (this.#submission?.settled === false && why === 'client_gone') this.#submission.cancel('client_gone')
    this.#submission?.finish()
    if (this.#isWhole) return
    this.#giveUp?.()
  }
}

/** Answers up to here are not counted while they wait for their client: most are, and they cost as much as their stream. */
const answerBytesFree: number = 16 * 1024

function givenUp(asking: Asking): void {
  asking.giveUp()
}

/** What whoever is under no filter was shown before does not matter. */
const noneShown = new Shown()

/** Bytes that masking leaves behind for each that goes on: as they were put together, and as they are written. */
const copiesOfMasked = 2

/** The body as it may be recorded. */
function recordedBody({ facts, forward }: KubeAnalysis): Uint8Array {
  if (!holdsSecrets(facts) || forward.body.length === 0) return forward.body
  return Buffer.from(JSON.stringify(facts.body.object))
}

/** Whether an answer may go on for as long as somebody reads it. */
function goesOn({ verb, subresource }: KubeAnalysis['facts']): boolean {
  return verb === 'watch' || verb === 'proxy' || subresource === 'log' || subresource === 'proxy'
}

function changes(verb: string): boolean {
  return ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(verb)
}
