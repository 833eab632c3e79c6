// Decides about a request that passes elsewhere: the same reading and the same gate as for one that passes here. What can
// only be kept where a response passes (masks, filters, limits) cannot be kept by others, and refuses.
import { canonicalRequest, type HttpHead, httpAction, judgedBodyBytesMax } from '../../../engine/action/http/index.ts'
import type { GateSession, Terms } from '../../gate/contract.ts'
import { Answer, answerFields, answerOf, answerText } from '../answer.ts'
import { presented } from '../client-identity.ts'
import type { HttpConnectionParts } from '../parts.ts'
import { type CheckedHttp, encodeAllowed, encodeDenied } from './check.ts'

/** What decisions for others need. */
export type JudgeParts = Pick<HttpConnectionParts, 'gate' | 'authenticator' | 'target' | 'tokenHeader'>

/** Sessions that one connection of an Envoy may hold: one for each token and API; the one used least lately ends. */
const sessionsMax = 1000

/** Decides what comes over one connection. */
export class Judge {
  readonly #parts: JudgeParts
  readonly #sessions = new Map<string, Promise<GateSession>>()
  readonly #gone = new AbortController()

  constructor(parts: JudgeParts) {
    this.#parts = parts
  }

  /** The CheckResponse for a request. `gone` is told when nobody waits for it any more. */
  async check(checked: CheckedHttp, gone: AbortSignal): Promise<Uint8Array> {
    try {
      return encodeAllowed(await this.#judged(checked, gone))
    } catch (error) {
      const answer = answerOf(error)
      if (answer === undefined) throw error
      const body = answerText(answer)
      const fields = answerFields(answer, body).filter(([name]) => name !== 'content-length')
      return encodeDenied(answer.status, answer.message, fields, body)
    }
  }

  /** The connection is over. */
  close(): void {
    this.#gone.abort()
    for (const opening of this.#sessions.values()) closeLater(opening)
    this.#sessions.clear()
  }

  async #judged(checked: CheckedHttp, gone: AbortSignal): Promise<string> {
    const { tokenHeader, target: targetOf } = this.#parts
    const { request, credential } = presented(canonicalRequest(headOf(checked), schemeOf(checked)), tokenHeader, [])
    if (credential?.kind !== 'token') throw new Answer(401, 'no_token', 'a token is needed')
    const target = targetOf(request.authority.host, request.path.segments)
    const name = target?.resource.name ?? ''
    const session = await this.#session(`${credential.token} ${name}`, async () => {
      const authenticated = await this.#parts.authenticator.authenticate(credential)
      if (!authenticated.ok) throw new Answer(401, authenticated.refusal.code, authenticated.refusal.message)
      if (target === undefined) throw new Answer(404, 'no_resource', 'there is no API of this name')
      const opened = await this.#parts.gate.open({
        identity: authenticated.identity,
        resource: target.resource,
        client: { address: checked.client.slice(0, 64), application: 'ext_authz' },
        state: {},
        signal: this.#gone.signal,
      })
      if (!opened.open) throw new Answer(403, opened.refusal.code, opened.refusal.message, opened.refusal)
      return opened.session
    })
    const action = httpAction(request, bodyOf(checked), target?.routes === undefined ? {} : { routes: target.routes })
    return new Promise((resolve, reject) => {
      const submission = session.submit(
        action,
        {},
        {
          forward: (terms) => {
            if (session.judgesAnswers())
              reject(new Answer(403, 'answers', 'answers are decided on, and only who passes them can ask'))
            else if (isKeptElsewhere(session.terms) && isKeptElsewhere(terms)) resolve(terms.decisionId)
            else reject(new Answer(403, 'masking', 'what is masked, filtered or limited cannot be decided for others'))
            queueMicrotask(() => submission.finish())
          },
          refuse: (refusal) => reject(new Answer(403, refusal.code, refusal.message, refusal, action.http)),
          held: () => undefined,
          stop: () => undefined,
        },
      )
      if (!submission.settled) gone.addEventListener('abort', () => submission.cancel('client_gone'), { once: true })
    })
  }

  /** The session of a token before an API; used last, it ends last. */
  #session(key: string, open: () => Promise<GateSession>): Promise<GateSession> {
    const known = this.#sessions.get(key)
    this.#sessions.delete(key)
    const opening = known ?? open()
    this.#sessions.set(key, opening)
    if (known !== undefined) return known
    const forget = (): void => {
      if (this.#sessions.get(key) === opening) this.#sessions.delete(key)
    }
    opening.then((session) => session.onEnd(forget), forget)
    const [oldest] = this.#sessions
    if (this.#sessions.size > sessionsMax && oldest !== undefined) {
      this.#sessions.delete(oldest[0])
      closeLater(oldest[1])
    }
    return opening
  }
}

function closeLater(opening: Promise<GateSession>): void {
  opening.then(
    (session) => session.close('client_gone'),
    () => undefined,
  )
}

function isKeptElsewhere({ masks, filters, limits }: Terms): boolean {
  return masks.length === 0 && filters.length === 0 && Object.keys(limits).length === 0
}

function schemeOf({ scheme }: CheckedHttp): 'http' | 'https' {
  return scheme === 'https' ? 'https' : 'http'
}

/** Envoy tells pseudo headers among the headers; the request is what they and the rest say. */
function headOf({ method, path, host, headers }: CheckedHttp): HttpHead {
  const fields = headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !name.startsWith(':') && name !== 'host' && !ofEnvoy.has(name))
  return { method, target: path, fields: [['host', host], ...fields] }
}

/** What Envoy itself adds before it asks. */
const ofEnvoy: ReadonlySet<string> = new Set(['x-envoy-auth-partial-body', 'x-envoy-internal', 'x-forwarded-proto'])

/** A body that Envoy did not send along whole is one that is passed on unread. */
function bodyOf({ body, size, headers }: CheckedHttp): Parameters<typeof httpAction>[1] {
  const isPartial = headers.some(([name, value]) => name === 'x-envoy-auth-partial-body' && value === 'true')
  if (body.length === 0 && size === 0) return { kind: 'none' }
  if (isPartial || body.length !== size || body.length > judgedBodyBytesMax) return { kind: 'stream', bytes: size }
  return { kind: 'whole', bytes: body }
}
