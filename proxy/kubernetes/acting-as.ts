// As whom a request goes upstream: as the gateway's account that impersonates the identity, or as a service account of
// the identity's own, by a token that the cluster gives out for a short while (TokenRequest) and the gateway keeps.
import type { Identity } from '../../engine/action/index.ts'
import { type Impersonation, ImpersonationError, impersonationHeaders } from './impersonation.ts'
import type { BoundRequest } from './upstream.ts'
import { UpstreamError } from './upstream-answer.ts'
import { wholeText } from './whole-text.ts'

/** A service account, and the group of identities that it is for. */
export interface ServiceAccount {
  readonly group: string
  readonly namespace: string
  readonly name: string
}

/** What tokens are asked for with. */
export interface AccountTokensParts {
  /** In the order in which they are looked through. */
  readonly accounts: readonly ServiceAccount[]
  readonly seconds: number
  readonly send: (
    request: BoundRequest,
  ) => Promise<{ readonly statusCode?: number | undefined } & AsyncIterable<unknown>>
  readonly nowMs: () => number
}

/** Bytes of an answer to a request for a token. */
const answerBytesMax = 64 * 1024
const askMs = 10_000
/** A token is asked for anew when less than this share of its time is left. */
const leftShare = 0.25

interface Token {
  readonly text: string
  readonly fromMs: number
  readonly untilMs: number
}

interface Kept {
  readonly asking: Promise<Token>
  /** Undefined while it is asked for. */
  token: Token | undefined
}

/** Tokens of service accounts, each kept for as long as it is good. */
export class AccountTokens {
  readonly #parts: AccountTokensParts
  readonly #known = new Map<string, Kept>()

  constructor(parts: AccountTokensParts) {
    this.#parts = parts
  }

  /** The token for an identity. Throws ImpersonationError when no account is for it; rejects with UpstreamError. */
  async of({ groups }: Identity): Promise<string> {
    const account = this.#parts.accounts.find(({ group }) => groups.includes(group))
    if (account === undefined) throw new ImpersonationError('no service account of the cluster is for this identity')
    const key = `${account.namespace}/${account.name}`
    const known = this.#known.get(key)
    // Requests that come at once wait for the token that the first of them asked for.
    if (known !== undefined && (known.token === undefined || this.#isFresh(known.token)))
      return (await known.asking).text
    const made: Kept = { asking: this.#ask(account), token: undefined }
    this.#known.set(key, made)
    made.asking.then(
      (token) => {
        made.token = token
      },
      () => {
        if (this.#known.get(key) === made) this.#known.delete(key)
      },
    )
    return (await made.asking).text
  }

  #isFresh({ fromMs, untilMs }: Token): boolean {
    return untilMs - this.#parts.nowMs() > (untilMs - fromMs) * leftShare
  }

  async #ask({ namespace, name }: ServiceAccount): Promise<Token> {
    const { send, seconds, nowMs } = this.#parts
    const fromMs = nowMs()
    const spec = { expirationSeconds: seconds }
    const answer = await send({
      method: 'POST',
      target: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
      headers: [
        ['Accept', 'application/json'],
        ['Accept-Encoding', 'identity'],
        ['Content-Type', 'application/json'],
      ],
      body: Buffer.from(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })),
      signal: AbortSignal.timeout(askMs),
    })
    const text = await wholeText(answer, answerBytesMax)
    const token = answer.statusCode === 201 && text !== undefined ? tokenIn(text) : undefined
    if (token === undefined) throw new UpstreamError('the cluster gives out no token for the service account')
    return { ...token, fromMs }
  }
}

/** Whom an identity is impersonated as: the same in every request of its session. */
const impersonated = new WeakMap<
  Identity,
  { readonly rules: Impersonation; readonly sessionId: string; readonly headers: ActingHeaders }
>()

/** Headers that say whom a request is made as. */
export type ActingHeaders = ReturnType<typeof impersonationHeaders>

/** The headers of a request for an identity that is impersonated. Throws ImpersonationError. */
export function impersonating(rules: Impersonation, identity: Identity, sessionId: string): ActingHeaders {
  const known = impersonated.get(identity)
  if (known !== undefined && known.rules === rules && known.sessionId === sessionId) return known.headers
  const headers = impersonationHeaders(rules, identity, sessionId)
  impersonated.set(identity, { rules, sessionId, headers })
  return headers
}

/** The headers and the token of a request for an identity. */
export async function actingAs(
  rules: Impersonation,
  tokens: AccountTokens | undefined,
  identity: Identity,
  sessionId: string,
): Promise<{ readonly headers: ActingHeaders; readonly token?: string }> {
  if (tokens === undefined) return { headers: impersonating(rules, identity, sessionId) }
  return { headers: [], token: await tokens.of(identity) }
}

function tokenIn(text: string): { readonly text: string; readonly untilMs: number } | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const status: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'status') : undefined
  if (typeof status !== 'object' || status === null) return undefined
  const token: unknown = Reflect.get(status, 'token')
  const untilMs = Date.parse(String(Reflect.get(status, 'expirationTimestamp')))
  // A header carries it: visible ASCII, and nothing that parts one.
  return typeof token === 'string' && /^[A-Za-z0-9._~+/=-]{1,16384}$/.test(token) && !Number.isNaN(untilMs)
    ? { text: token, untilMs }
    : undefined
}
