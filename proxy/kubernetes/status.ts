// What the gateway says in its own name: `Status` objects, as the API server's, so that every client prints them well.

import type { Refusal } from '../gate/contract.ts'
import type { IdentityRefusal } from '../identity/contract.ts'

/** An answer of the gateway's own. */
export interface Status {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly causes: readonly { readonly reason: string; readonly message: string }[]
  readonly retryAfterSeconds?: number
}

/** The status for a refused action: rule and decision id stand in the message, because kubectl prints nothing else. */
export function refusalStatus(refusal: Refusal): Status {
  const { code, decisionId, rule, message, hint } = refusal
  const named = [rule === '' ? '' : `rule ${rule}`, decisionId === '' ? '' : `decision ${decisionId}`].filter(
    (one) => one !== '',
  )
  const told = `${message}${hint === '' ? '' : `; ${hint}`}${named.length === 0 ? '' : ` (${named.join(', ')})`}`
  return {
    code: code === 'expired' || code === 'revoked' ? 401 : 403,
    reason: code === 'expired' || code === 'revoked' ? 'Unauthorized' : 'Forbidden',
    message: `refused by policy: ${told}`,
    causes: [
      { reason: 'rule', message: rule },
      { reason: 'decision', message: decisionId },
      { reason: 'code', message: code },
    ],
  }
}

/** The status for a credential that was not accepted. */
export function unauthorized(refusal: IdentityRefusal): Status {
  return { code: 401, reason: 'Unauthorized', message: refusal.message, causes: [] }
}

/** A status without causes. */
export function plainStatus(code: number, reason: string, message: string): Status {
  return { code, reason, message, causes: [] }
}

/** The JSON text of a status. */
export function printStatus(status: Status): string {
  const { code, reason, message, causes, retryAfterSeconds } = status
  const details = {
    ...(causes.length === 0 ? {} : { causes }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
  return `${JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    code,
  })}\n`
}
