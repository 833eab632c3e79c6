// The sessions of one client connection: one for each credential and cluster that is used on it. The credential is
// checked when its session opens; the gate ends the session when the identity ends.
import { createHash } from 'node:crypto'
import { delegationRoot } from '../../engine/principal/index.ts'
import type { Gate, GateSession } from '../gate/contract.ts'
import type { Authenticator, Credential } from '../identity/contract.ts'
import { SentFields } from './exchange-headers.ts'
import { sessionsPerConnectionMax } from './limits.ts'
import { plainStatus, refusalStatus, type Status, unauthorized } from './status.ts'
import type { KubernetesTarget } from './target.ts'

/** A session, or what the client is told instead. */
export type Opened = { readonly ok: true; readonly live: LiveSession } | { readonly ok: false; readonly status: Status }

/** A session with what must end when it ends. */
export interface LiveSession {
  readonly session: GateSession
  readonly target: KubernetesTarget
  /** Who is answerable for it, which all of whose sessions share what there is of connections and room. */
  readonly client: string
  /** What runs on it, each told when the session ends before. */
  readonly running: Set<Runs>
  /** What its requests are sent with. */
  readonly sent: SentFields
  readonly ended: boolean
}

/** What runs on a session. */
export interface Runs {
  /** The session has ended. */
  end(status: Status): void
}

/** What a connection's sessions are opened with. */
export interface SessionParts {
  readonly gate: Gate
  readonly authenticator: Authenticator
  readonly address: string
}

/** The sessions of one connection. */
export class ConnectionSessions {
  readonly #parts: SessionParts
  readonly #open = new Map<string, Promise<Opened>>()
  readonly #gone = new AbortController()
  /** The session that was used last; nearly always it is the next request's too. */
  #last: { readonly credential: Credential; readonly live: LiveSession } | undefined
  #closed = false

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** The session of a credential before a cluster. Never rejects for a reason of the client's. */
  async of(credential: Credential, target: KubernetesTarget, application: string): Promise<Opened> {
    const opened = await this.#of(credential, target, application)
    if (opened.ok && !this.#closed && !opened.live.ended) this.#last = { credential, live: opened.live }
    return opened
  }

  /** The open session of the very same credential on a cluster, where it was the last that was used. */
  known(credential: Credential, target: KubernetesTarget): LiveSession | undefined {
    const last = this.#last
    return last?.credential === credential && last.live.target === target ? last.live : undefined
  }

  async #of(credential: Credential, target: KubernetesTarget, application: string): Promise<Opened> {
    const key = keyOf(credential, target)
    const known = this.#open.get(key)
    if (known !== undefined) return known
    if (this.#closed || this.#open.size >= sessionsPerConnectionMax)
      return {
        ok: false,
        status: plainStatus(429, 'TooManyRequests', 'too many credentials are used on one connection'),
      }
    const opening = this.#opened(key, credential, target, application)
    this.#open.set(key, opening)
    // Only what is open is kept: a refused credential is checked again when it comes again.
    opening.then(
      (result) => {
        if (!result.ok) this.#open.delete(key)
      },
      () => this.#open.delete(key),
    )
    return opening
  }

  /** The connection is over. */
  close(): void {
    this.#closed = true
    this.#last = undefined
    this.#gone.abort()
    for (const one of this.#open.values())
      one.then(
        (opened) => {
          if (opened.ok) opened.live.session.close('client_gone')
        },
        () => undefined,
      )
    this.#open.clear()
  }

  async #opened(key: string, credential: Credential, target: KubernetesTarget, application: string): Promise<Opened> {
    const authenticated = await this.#parts.authenticator.authenticate(credential)
    if (!authenticated.ok) return { ok: false, status: unauthorized(authenticated.refusal) }
    const opened = await this.#parts.gate.open({
      identity: authenticated.identity,
      resource: target.resource,
      client: { address: this.#parts.address, application },
      state: {},
      signal: this.#gone.signal,
    })
    if (!opened.open) return { ok: false, status: refusalStatus(opened.refusal) }
    const { session } = opened
    const running = new Set<Runs>()
    const live = {
      session,
      target,
      client: delegationRoot(session.identity),
      running,
      sent: new SentFields(),
      ended: false,
    }
    session.onEnd((refusal) => {
      this.#open.delete(key)
      live.ended = true
      if (this.#last?.live === live) this.#last = undefined
      const status = refusalStatus(refusal)
      for (const one of [...running]) one.end(status)
      session.close(refusal.code)
    })
    if (this.#closed) session.close('client_gone')
    return { ok: true, live }
  }
}

/** Tokens are kept as digests only. */
function keyOf(credential: Credential, target: KubernetesTarget): string {
  const hash = createHash('sha256').update(`${target.resource.name}\0${credential.kind}\0`)
  if (credential.kind === 'token') hash.update(credential.token).update(`\0${credential.certificateSha256 ?? ''}`)
  else if (credential.kind === 'certificate') for (const one of credential.chain) hash.update(one)
  else hash.update(credential.certificate)
  return hash.digest('hex')
}
