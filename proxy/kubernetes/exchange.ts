// One request from its judgment to the end of its answer.
import type { Readable, Transform } from 'node:stream'
import { type Headers, headerOf, holdsSecrets, type KubeAnalysis } from '../../engine/action/kube/index.ts'
import type { Effects, Refusal, Submission, Terms } from '../gate/contract.ts'
import { actingAs } from './acting-as.ts'
import { ask } from './asking.ts'
import { acceptJson, answeredHeaders, forwardedHeaders, takesGzip } from './exchange-headers.ts'
import { answerStatus, breakOff, type FrontResponse, flushHead, writeHead } from './front.ts'
import { ImpersonationError } from './impersonation.ts'
import { answerMs } from './limits.ts'
import { answerTransform } from './response/answer.ts'
import { withOpenContinue } from './response/continue-token.ts'
import { type Flowing, flow, flowThrough, type Metered } from './response/flow.ts'
import { WholeAnswer } from './response/json-answer.ts'
import { maskedFields } from './response/masked-line.ts'
import { Shown } from './response/shown.ts'
import { answerTerms, readsObjects } from './response/terms.ts'
import type { LiveSession, Runs } from './sessions.ts'
import { showBefore } from './shown-before.ts'
import { spent } from './spent-buffers.ts'
import { plainStatus, refusalStatus, type Status } from './status.ts'
import { waysOf } from './streams/shell-modes.ts'
import { UpstreamError } from './upstream.ts'
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
    if (parts !== undefined && !this.#finished)
      this.#forward(parts, terms).catch((error: unknown) => this.#failed(error))
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

  async #forward({ live, headers, analysis, hashKey }: ExchangeParts, terms: Terms): Promise<void> {
    const asking = new AbortController()
    this.#giveUp = () => asking.abort()
    this.#terms = terms
    const { signal } = asking
    const { session, target } = live
    const { facts, forward } = analysis
    const answer = answerTerms(terms, session.terms, facts)
    if (typeof answer === 'string') return this.#refuse(plainStatus(403, 'Forbidden', `refused: ${answer}`))
    const place = withOpenContinue(forward.target, hashKey)
    if (place === undefined)
      return this.#refuse(plainStatus(400, 'BadRequest', 'the continue token is none of this gateway'))
    const shown = new Shown()
    if (answer.filters.length > 0) {
      const unseen = await hidden(live, facts, answer, signal)
      if (unseen !== undefined) return this.#refuse(unseen)
      if (this.#finished) return
      this.#shown = shown
      const notSaid = await showBefore(live, analysis, answer, hashKey, shown, signal)
      if (this.#finished) {
        shown.release()
        return
      }
      if (notSaid !== undefined) return this.#refuse(notSaid)
    }
    const read = readsObjects(answer) && facts.resource_request && facts.subresource !== 'log'
    const accept = headerOf(headers, 'accept')
    const negotiated = read ? acceptJson(accept, answer.tables, answer.metadataOnly) : accept
    if (negotiated === undefined)
      return this.#refuse(
        plainStatus(406, 'NotAcceptable', 'the answer is masked here, and only JSON can be: accept application/json'),
      )
    const zipped = !readsObjects(answer) && takesGzip(headerOf(headers, 'accept-encoding'))
    const sent: (readonly [string, string | string[]])[] = forwardedHeaders(headers, false).filter(
      ([name]) => name.toLowerCase() !== 'accept',
    )
    if (negotiated !== '') sent.push(['Accept', negotiated])
    sent.push(['Accept-Encoding', zipped ? 'gzip' : 'identity'])
    const acting = await actingAs(target.impersonation, target.tokens, session.identity, session.id)
    if (this.#finished) return
    sent.push(...acting.headers)
    if (target.recordWire) this.#record('wire_up', `${analysis.text}\n`, recordedBody(analysis))
    const timer = setTimeout(() => asking.abort(), answerMs)
    const { method, body } = forward
    const upstream = await target.upstream
      .ask({
        ...(acting.token === undefined ? {} : { token: acting.token }),
        method,
        target: place,
        headers: sent,
        body,
        signal,
        watches: facts.verb === 'watch' && method === 'GET' && body.length === 0,
      })
      .finally(() => clearTimeout(timer))
    if (this.#finished) {
      upstream.giveUp()
      return
    }
    // INVARIANT: whatever ends the exchange before the answer is whole gives the answer up.
    this.#giveUp = upstream.giveUp
    const status = upstream.statusCode
    if (status < 200 || (status >= 300 && status < 400 && status !== 304)) {
      return this.#refuse(
        plainStatus(502, 'BadGateway', 'the cluster answered with a redirection, which is not followed'),
      )
    }
    if (changes(facts.verb) && !facts.dry_run && status < 300 && !this.#consume({ affected: 1 })) return
    const contentType = upstream.headers['content-type'] ?? ''
    const through = answerTransform({
      facts,
      terms: answer,
      status,
      contentType,
      hashKey,
      shown,
      masked: (rule, count) => session.masked(rule, count),
      counted: (objects) => objects === 0 || this.#consume({ rows: objects }),
    })
    const encoded = upstream.headers['content-encoding'] ?? 'identity'
    if (typeof through === 'string' || (through !== undefined && encoded !== 'identity')) {
      return this.#refuse(
        plainStatus(
          502,
          'BadGateway',
          typeof through === 'string' ? through : 'the cluster compressed what must be masked',
        ),
      )
    }
    this.#through = through
    const masked = session.masked.bind(session)
    const fields = maskedFields(answeredHeaders(upstream.rawHeaders), answer.detect, hashKey, masked)
    const length = upstream.headers['content-length']
    if (through === undefined && length !== undefined) fields.push(['Content-Length', length])
    this.#head = { status, fields }
    if (target.recordWire) this.#record('wire_down', `${status}\n`)
    this.#parts = undefined
    const noBody = method === 'HEAD' || status === 204 || status === 304
    this.#answerWith(upstream.body, noBody, goesOn(facts))
  }

  #answerWith(body: Readable, noBody: boolean, isLong: boolean): void {
    if (noBody) {
      this.#begin()
      body.resume()
      this.#response.end()
      this.#isWhole = true
      this.#finish('done')
      return
    }
    // Whoever follows waits for the head, and knows by it that there will be more.
    if (isLong) {
      this.#begin()
      flushHead(this.#response)
    }
    if (this.#through === undefined) flowThrough(body, this.#response, this, isLong)
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
    this.#live.running.delete(this)
    this.#shown?.release()
    if (this.#submission?.settled === false && why === 'client_gone') this.#submission.cancel('client_gone')
    this.#submission?.finish()
    if (this.#isWhole) return
    this.#giveUp?.()
  }
}

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
