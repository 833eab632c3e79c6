// One request from its judgment to the end of its answer.
import type { Transform } from 'node:stream'
import { type Headers, headerOf, holdsSecrets, type KubeAnalysis } from '../../engine/action/kube/index.ts'
import type { DetectRule } from '../../engine/masking/index.ts'
import type { Refusal, Submission, Terms } from '../gate/contract.ts'
import { actingAs } from './acting-as.ts'
import { ask } from './asking.ts'
import { acceptJson, answeredHeaders, forwardedHeaders, takesGzip } from './exchange-headers.ts'
import { answerStatus, type FrontResponse, flushHead, writeHead } from './front.ts'
import { ImpersonationError } from './impersonation.ts'
import { answerMs } from './limits.ts'
import { answerTransform } from './response/answer.ts'
import { withOpenContinue } from './response/continue-token.ts'
import { flow, flowThrough, type Metered } from './response/flow.ts'
import { WholeAnswer } from './response/json-answer.ts'
import { maskedFields } from './response/masked-line.ts'
import { Shown } from './response/shown.ts'
import { answerTerms, readsObjects } from './response/terms.ts'
import type { LiveSession } from './sessions.ts'
import { showBefore } from './shown-before.ts'
import { spent } from './spent-buffers.ts'
import { plainStatus, refusalStatus, type Status } from './status.ts'
import { waysOf } from './streams/shell-modes.ts'
import { type UpstreamAnswer, UpstreamError } from './upstream.ts'
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

/** Judges and carries out one request; resolves when its answer is over. Never rejects. */
export function runExchange(parts: ExchangeParts): Promise<void> {
  return new Promise((resolve) => new Exchange(parts, resolve).start())
}

class Exchange {
  readonly #parts: ExchangeParts
  readonly #over: () => void
  readonly #upstream = new AbortController()
  /** Where the exchange is a watch under filters: what its client sees. */
  readonly #shown = new Shown()
  #submission: Submission | undefined
  #forgetEnd: () => void = () => undefined
  #finished = false
  /** The upstream has nothing more to say. */
  #isWhole = false

  constructor(parts: ExchangeParts, over: () => void) {
    this.#parts = parts
    this.#over = over
  }

  start(): void {
    const { live, analysis, response } = this.#parts
    this.#forgetEnd = live.onEnd((status) => this.#refuse(status))
    response.once('close', () => this.#finish('client_gone'))
    // A container with a shell is asked for as the shell is: whoever attaches to it has that.
    this.#submission = ask(live.session, analysis, waysOf(analysis.facts, live.target.shells), {
      forward: (terms) => {
        this.#forward(terms).catch((error: unknown) => this.#failed(error))
      },
      refuse: (refusal) => this.#refuse(refusalStatus(refusal)),
      held: () => undefined,
      stop: (refusal) => this.#stop(refusal),
    })
    if (this.#finished) this.#submission.finish()
  }

  async #forward(terms: Terms): Promise<void> {
    const { live, headers, analysis, hashKey } = this.#parts
    const { session, target } = live
    const { facts, forward } = analysis
    const answer = answerTerms(terms, session.terms, facts)
    if (typeof answer === 'string') return this.#refuse(plainStatus(403, 'Forbidden', `refused: ${answer}`))
    const place = withOpenContinue(forward.target, hashKey)
    if (place === undefined)
      return this.#refuse(plainStatus(400, 'BadRequest', 'the continue token is none of this gateway'))
    const unseen = await hidden(live, facts, answer, this.#upstream.signal)
    if (unseen !== undefined) return this.#refuse(unseen)
    if (this.#finished) return
    const notSaid = await showBefore(live, analysis, answer, hashKey, this.#shown, this.#upstream.signal)
    if (this.#finished) {
      this.#shown.release()
      return
    }
    if (notSaid !== undefined) return this.#refuse(notSaid)
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
    const timer = setTimeout(() => this.#upstream.abort(), answerMs)
    const { method, body } = forward
    const upstream = await target.upstream
      .send({
        ...(acting.token === undefined ? {} : { token: acting.token }),
        method,
        target: place,
        headers: sent,
        body,
        signal: this.#upstream.signal,
        watches: facts.verb === 'watch' && method === 'GET' && body.length === 0,
      })
      .finally(() => clearTimeout(timer))
    if (this.#finished) {
      upstream.destroy()
      return
    }
    const status = upstream.statusCode ?? 502
    if (status < 200 || (status >= 300 && status < 400 && status !== 304)) {
      upstream.destroy()
      return this.#refuse(
        plainStatus(502, 'BadGateway', 'the cluster answered with a redirection, which is not followed'),
      )
    }
    if (changes(facts.verb) && !facts.dry_run && status < 300 && !this.#consume({ affected: 1 }, terms)) {
      upstream.destroy()
      return
    }
    const contentType = upstream.headers['content-type'] ?? ''
    const through = answerTransform({
      facts,
      terms: answer,
      status,
      contentType,
      hashKey,
      shown: this.#shown,
      masked: (rule, count) => session.masked(rule, count),
      counted: (objects) => objects === 0 || this.#consume({ rows: objects }, terms),
    })
    const encoded = upstream.headers['content-encoding'] ?? 'identity'
    if (typeof through === 'string' || (through !== undefined && encoded !== 'identity')) {
      upstream.destroy()
      return this.#refuse(
        plainStatus(
          502,
          'BadGateway',
          typeof through === 'string' ? through : 'the cluster compressed what must be masked',
        ),
      )
    }
    this.#answer(upstream, status, through, terms, answer.detect)
  }

  #answer(
    upstream: UpstreamAnswer,
    status: number,
    through: Transform | undefined,
    terms: Terms,
    detect: readonly DetectRule[],
  ): void {
    const { live, response, analysis, hashKey } = this.#parts
    const masked = live.session.masked.bind(live.session)
    const headers = maskedFields(answeredHeaders(upstream.rawHeaders), detect, hashKey, masked)
    const length = upstream.headers['content-length']
    const noBody = analysis.forward.method === 'HEAD' || status === 204 || status === 304
    if (through === undefined && length !== undefined) headers.push(['Content-Length', length])
    if (live.target.recordWire) this.#record('wire_down', `${status}\n`)
    let begun = false
    // The head waits for what may come of the body: it is refused, or turns out to be hidden.
    const begin = (): void => {
      if (begun) return
      begun = true
      writeHead(response, through instanceof WholeAnswer && through.gone ? 404 : status, headers)
    }
    if (noBody) {
      begin()
      upstream.resume()
      response.end()
      this.#isWhole = true
      this.#finish('done')
      return
    }
    const meter = (chunk: Buffer): Metered => {
      spent(chunk.length * (through === undefined ? 1 : copiesOfMasked))
      if (!this.#consume({ bytes: chunk.length }, terms)) return 'stop'
      begin()
      if (!live.target.recordWire || chunk.length === 0 || live.session.observe('wire_down', chunk)) return undefined
      return (go) => live.session.onDrain(go)
    }
    const done = (error: NodeJS.ErrnoException | null | undefined): void => {
      // A cut answer must not look whole: the connection or stream breaks off.
      if (error === null || error === undefined) {
        begin()
        this.#isWhole = true
      } else {
        if (!this.#finished && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') this.#parts.onError('kubernetes', error)
        response.destroy()
      }
      this.#finish('done')
    }
    // Whoever follows waits for the head, and knows by it that there will be more.
    if (goesOn(analysis.facts)) {
      begin()
      flushHead(response)
    }
    if (through === undefined) flowThrough(upstream, response, meter, done)
    else flow(upstream, through, response, meter, done)
  }

  #consume(
    used: { readonly rows?: number; readonly bytes?: number; readonly affected?: number },
    terms: Terms,
  ): boolean {
    const answer = this.#parts.live.session.consume(used, terms)
    if (!answer.within) this.#refuse(refusalStatus(answer.refusal))
    return answer.within
  }

  #record(kind: 'wire_up' | 'wire_down', head: string, body: Uint8Array = new Uint8Array()): void {
    this.#parts.live.session.observe(kind, Buffer.concat([Buffer.from(head), body]))
  }

  #stop(refusal: Refusal): void {
    this.#refuse(refusalStatus(refusal))
  }

  #failed(error: unknown): void {
    if (this.#finished) return
    if (error instanceof ImpersonationError) {
      this.#refuse(plainStatus(403, 'Forbidden', error.message))
      return
    }
    this.#parts.onError('kubernetes', error)
    this.#refuse(
      error instanceof UpstreamError
        ? plainStatus(503, 'ServiceUnavailable', error.message)
        : plainStatus(500, 'InternalError', 'the gateway cannot serve this request'),
    )
  }

  /** Says so when nothing was said yet; otherwise the answer breaks off. */
  #refuse(status: Status): void {
    if (this.#finished) return
    answerStatus(this.#parts.response, status)
    this.#finish('refused')
  }

  #finish(why: 'done' | 'refused' | 'client_gone'): void {
    if (this.#finished) return
    this.#finished = true
    this.#forgetEnd()
    this.#shown.release()
    if (this.#submission?.settled === false && why === 'client_gone') this.#submission.cancel('client_gone')
    this.#submission?.finish()
    if (!this.#isWhole) this.#upstream.abort()
    this.#over()
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
