// Whom the upstream is told that a request is made as. The gateway alone says it: its own service account impersonates
// the identity, under prefixes, so that no claim of a token can name a user or group that the cluster itself trusts.
import type { Identity } from '../../engine/action/index.ts'

/** How identities are named towards a cluster. */
export interface Impersonation {
  /** False sends requests as the gateway's own account. */
  readonly on: boolean
  readonly userPrefix: string
  readonly groupPrefix: string
  /** Groups of every identity, as they stand. */
  readonly groups: readonly string[]
  /** Also tell session and delegation chain as extra fields; the gateway's account needs rights on `userextras`. */
  readonly extra: boolean
}

/** An identity that cannot be told to the upstream. */
export class ImpersonationError extends Error {}

const nameCharactersMax = 512
const groupsMax = 256

/** The headers that say whom a request is made as. Throws ImpersonationError for names that a header cannot carry. */
export function impersonationHeaders(
  rules: Impersonation,
  identity: Identity,
  sessionId: string,
): readonly (readonly [string, string | string[]])[] {
  if (!rules.on) return []
  if (identity.groups.length > groupsMax) throw new ImpersonationError('the identity has too many groups')
  const groups = [...identity.groups.map((group) => trusted(rules.groupPrefix, group)), ...rules.groups]
  const headers: (readonly [string, string | string[]])[] = [
    ['Impersonate-User', trusted(rules.userPrefix, identity.subject)],
  ]
  if (groups.length > 0) headers.push(['Impersonate-Group', groups.map(checked)])
  if (rules.extra) {
    headers.push(['Impersonate-Extra-sallyport.session', checked(sessionId)])
    if (identity.chain.length > 0)
      headers.push(['Impersonate-Extra-sallyport.chain', identity.chain.map((link) => checked(link.subject))])
  }
  return headers
}

/** `system:` is the cluster's own: no claim may lead into it. */
function trusted(prefix: string, name: string): string {
  const whole = prefix + name
  if (whole.toLowerCase().startsWith('system:'))
    throw new ImpersonationError('the identity has a name of the cluster itself')
  return checked(whole)
}

/** A name as a header carries it: visible ASCII, so that nothing is cut, split or read in two ways. */
function checked(name: string): string {
  if (name === '' || name.length > nameCharactersMax)
    throw new ImpersonationError('the identity has a name of no usable length')
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    if (code < 33 || code > 126) throw new ImpersonationError('the identity has a name that a header cannot carry')
  }
  return name
}
