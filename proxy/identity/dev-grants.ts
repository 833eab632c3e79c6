// The grants of the development issuer: client credentials (RFC 6749 4.4) and the device flow (RFC 8628). State in
// memory, no network: the server gives the forms and sends the answers.
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import type { IdentityKind } from '../../engine/action/index.ts'

/** A client that may log in by its secret. */
export interface DevClient {
  readonly id: string
  readonly secret: string
  readonly kind: IdentityKind
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
}

/** Whose token is to be signed. */
export interface DevSubject {
  readonly subject: string
  readonly kind: IdentityKind
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
}

/** An answer of the token endpoint: somebody, or an error of RFC 6749 5.2 and RFC 8628 3.5. */
export type Granted =
  | { readonly ok: true; readonly subject: DevSubject }
  | { readonly ok: false; readonly error: string; readonly message: string }

/** What a device is told (RFC 8628 3.2). */
export interface DeviceAnswer {
  readonly device_code: string
  readonly user_code: string
  readonly expires_in: number
  readonly interval: number
}

interface Pending {
  readonly userCode: string
  readonly scopes: readonly string[]
  readonly clientId: string
  readonly expiresAtMs: number
  nextPollMs: number
  answer: DevSubject | 'denied' | undefined
}

/** The grant type of RFC 8628 3.4. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const deviceSeconds = 600
const intervalSeconds = 5
const pendingMax = 100
const nameCharsMax = 128
/** No vowels, so that no words come up (RFC 8628 6.1). */
const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ'

/** Grants of one development issuer. */
export class DevGrants {
  readonly #clients: ReadonlyMap<string, DevClient>
  readonly #nowMs: () => number
  readonly #pending = new Map<string, Pending>()

  constructor(clients: readonly DevClient[], nowMs: () => number) {
    this.#clients = new Map(clients.map((one) => [one.id, one]))
    this.#nowMs = nowMs
  }

  /** Answers a token request. `basic` is the client of an `Authorization: Basic` header. */
  token(form: URLSearchParams, basic: { readonly id: string; readonly secret: string } | undefined): Granted {
    if ([...form.keys()].some((name) => form.getAll(name).length > 1 && name !== 'resource'))
      return refuse('invalid_request', 'a parameter comes twice')
    const grant = form.get('grant_type')
    if (grant === 'client_credentials') return this.#byClient(form, basic)
    if (grant === deviceGrant) return this.#byDevice(form)
    return refuse('unsupported_grant_type', 'client_credentials and the device flow are answered here')
  }

  #byClient(form: URLSearchParams, basic: { readonly id: string; readonly secret: string } | undefined): Granted {
    const id = basic?.id ?? form.get('client_id') ?? ''
    const secret = basic?.secret ?? form.get('client_secret') ?? ''
    const client = this.#clients.get(id)
    if (client === undefined || !sameText(client.secret, secret))
      return refuse('invalid_client', 'there is no such client with this secret')
    const asked = scopesOf(form)
    const farther = asked?.filter((one) => !client.scopes.includes(one)) ?? []
    if (farther.length > 0) return refuse('invalid_scope', 'the client does not have these scopes')
    const { kind, groups, scopes } = client
    return { ok: true, subject: { subject: id, kind, groups, scopes: asked ?? scopes } }
  }

  /** A device begins; undefined when too many wait already. */
  begin(form: URLSearchParams): DeviceAnswer | undefined {
    const nowMs = this.#nowMs()
    for (const [code, { expiresAtMs }] of this.#pending) if (expiresAtMs <= nowMs) this.#pending.delete(code)
    if (this.#pending.size >= pendingMax) return undefined
    const deviceCode = randomBytes(32).toString('base64url')
    const letters = Array.from({ length: 8 }, () => userCodeLetters[randomInt(userCodeLetters.length)]).join('')
    const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`
    this.#pending.set(deviceCode, {
      userCode,
      scopes: scopesOf(form) ?? [],
      clientId: form.get('client_id') ?? '',
      expiresAtMs: nowMs + deviceSeconds * 1000,
      nextPollMs: nowMs,
      answer: undefined,
    })
    return { device_code: deviceCode, user_code: userCode, expires_in: deviceSeconds, interval: intervalSeconds }
  }

  #byDevice(form: URLSearchParams): Granted {
    const code = form.get('device_code') ?? ''
    const pending = this.#pending.get(code)
    const nowMs = this.#nowMs()
    if (pending === undefined || pending.clientId !== (form.get('client_id') ?? ''))
      return refuse('invalid_grant', 'there is no such device code')
    if (pending.expiresAtMs <= nowMs) {
      this.#pending.delete(code)
      return refuse('expired_token', 'the device code has expired')
    }
    if (pending.answer === undefined) {
      const early = nowMs < pending.nextPollMs
      pending.nextPollMs = nowMs + intervalSeconds * 1000
      return early
        ? refuse('slow_down', `ask every ${intervalSeconds} s at most`)
        : refuse('authorization_pending', 'nobody has answered yet')
    }
    // A code counts once.
    this.#pending.delete(code)
    return pending.answer === 'denied'
      ? refuse('access_denied', 'it was denied')
      : { ok: true, subject: { ...pending.answer, scopes: pending.scopes } }
  }

  /** A person answers a user code; false where no device waits with it. */
  answer(
    userCode: string,
    answer: { readonly subject: string; readonly groups: readonly string[] } | 'denied',
  ): boolean {
    const wanted = userCode.trim().toUpperCase()
    const nowMs = this.#nowMs()
    const pending = [...this.#pending.values()].find(
      (one) => one.userCode === wanted && one.answer === undefined && one.expiresAtMs > nowMs,
    )
    if (pending === undefined) return false
    if (answer === 'denied') pending.answer = 'denied'
    else {
      if (answer.subject === '' || answer.subject.length > nameCharsMax) return false
      pending.answer = { ...answer, kind: 'human', scopes: [] }
    }
    return true
  }
}

function scopesOf(form: URLSearchParams): readonly string[] | undefined {
  return form
    .get('scope')
    ?.split(' ')
    .filter((one) => one !== '')
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function refuse(error: string, message: string): Granted {
  return { ok: false, error, message }
}
