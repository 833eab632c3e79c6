// What an agent may pass on to an agent that it starts: never more than it has itself, never longer, never in a circle.
import type { ChainLink, Identity, IdentityKind } from '../action/index.ts'
import { chainMax } from './claims.ts'

/** What a token allows beyond who it names. `resources` absent: whatever the policy says. */
export interface Grant {
  readonly scopes: readonly string[]
  readonly resources: readonly string[] | undefined
  readonly expiresAtMs: number
}

/** Who is going to act. */
export interface Actor {
  readonly subject: string
  readonly issuer: string
  readonly kind: IdentityKind
}

/** What is asked for a child; what is absent is taken over from the parent. */
export interface Asked {
  readonly scopes?: readonly string[]
  readonly resources?: readonly string[]
  readonly lifetimeMs?: number
}

/** Bounds of the gateway's exchange. */
export interface ExchangeLimits {
  readonly lifetimeMaxMs: number
  readonly depthMax: number
}

/** Why nothing is passed on. `code` is of RFC 6749 5.2; the message names what was too much. */
export interface AttenuationRefusal {
  readonly code: 'invalid_scope' | 'invalid_target' | 'invalid_request' | 'invalid_grant'
  readonly message: string
}

/** A child's authority, or why there is none. */
export type Attenuated =
  | { readonly ok: true; readonly grant: Grant; readonly chain: readonly ChainLink[] }
  | { readonly ok: false; readonly refusal: AttenuationRefusal }

/** The authority of a child that `actor` acts under on behalf of `parent`. */
export function attenuate(
  parent: Identity,
  held: Grant,
  actor: Actor,
  asked: Asked,
  limits: ExchangeLimits,
  nowMs: number,
): Attenuated {
  const chain: readonly ChainLink[] = [
    ...parent.chain,
    { subject: parent.subject, issuer: parent.issuer, kind: parent.kind, scopes: held.scopes },
  ]
  const depthMax = Math.min(limits.depthMax, chainMax)
  if (chain.length > depthMax)
    return refuse(
      'invalid_request',
      `the chain would be ${chain.length} delegations deep; at most ${depthMax} are allowed`,
    )
  if (chain.some((link) => link.subject === actor.subject && link.issuer === actor.issuer))
    return refuse('invalid_request', `\`${actor.subject}\` is in the chain already; a chain has no circles`)
  const scopes = asked.scopes ?? held.scopes
  const wider = scopes.filter((scope) => !held.scopes.includes(scope))
  if (wider.length > 0)
    return refuse('invalid_scope', `the parent does not have ${wider.map((one) => `\`${one}\``).join(', ')}`)
  const resources = asked.resources ?? held.resources
  const { resources: allowed } = held
  const farther = allowed === undefined ? [] : (resources ?? []).filter((one) => !allowed.includes(one))
  if (farther.length > 0)
    return refuse('invalid_target', `the parent does not reach ${farther.map((one) => `\`${one}\``).join(', ')}`)
  if (asked.lifetimeMs !== undefined && asked.lifetimeMs > limits.lifetimeMaxMs)
    return refuse(
      'invalid_request',
      `a child lives at most ${Math.round(limits.lifetimeMaxMs / 1000)} s, ${Math.round(asked.lifetimeMs / 1000)} were asked for`,
    )
  if (asked.lifetimeMs !== undefined && nowMs + asked.lifetimeMs > held.expiresAtMs)
    return refuse('invalid_request', 'a child does not outlive its parent')
  const expiresAtMs = Math.min(held.expiresAtMs, nowMs + (asked.lifetimeMs ?? limits.lifetimeMaxMs))
  if (expiresAtMs <= nowMs) return refuse('invalid_grant', 'the parent has expired')
  return { ok: true, grant: { scopes: [...scopes].sort(), resources, expiresAtMs }, chain }
}

function refuse(code: AttenuationRefusal['code'], message: string): Attenuated {
  return { ok: false, refusal: { code, message } }
}
