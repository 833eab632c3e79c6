// Whether a chain of certificates holds: the first is the root that is trusted, the last the one in question.
import type { X509Certificate } from 'node:crypto'

/** What a chain must satisfy. */
export interface VerifyOptions {
  readonly nowMs: number
  /** Object identifiers; any one of them will do. */
  readonly usages: readonly string[]
  /** Empty asks for no name. */
  readonly dnsName: string
  readonly depthMax: number | undefined
}

const ANY_USAGE = '2.5.29.37.0'
const CHAIN_MAX = 20

/** True when the last certificate leads, by signatures, to the first, and all of them count. */
export function isTrusted(chain: readonly X509Certificate[], options: VerifyOptions): boolean {
  const [root, ...rest] = chain
  const leaf = rest.at(-1)
  if (root === undefined || leaf === undefined || chain.length > CHAIN_MAX) return false
  if (!fitsUsage(leaf, options.usages)) return false
  if (options.dnsName !== '' && leaf.checkHost(options.dnsName, { subject: 'never' }) === undefined) return false
  return leads(leaf, root, rest.slice(0, -1), options.nowMs)
}

function leads(
  from: X509Certificate,
  root: X509Certificate,
  intermediates: readonly X509Certificate[],
  nowMs: number,
): boolean {
  let at = from
  const left = new Set(intermediates)
  for (;;) {
    if (!isValidAt(at, nowMs)) return false
    if (isSignedBy(at, root)) return isValidAt(root, nowMs)
    const next = [...left].find((one) => isSignedBy(at, one))
    if (next === undefined) return false
    left.delete(next)
    at = next
  }
}

function isSignedBy(one: X509Certificate, by: X509Certificate): boolean {
  return by.ca && one.checkIssued(by) && one.verify(by.publicKey)
}

function isValidAt({ validFrom, validTo }: X509Certificate, nowMs: number): boolean {
  return Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo)
}

/** A certificate that names no usage is for all of them. */
function fitsUsage(leaf: X509Certificate, usages: readonly string[]): boolean {
  const has = leaf.keyUsage
  if (has === undefined || usages.includes(ANY_USAGE) || has.includes(ANY_USAGE)) return true
  return usages.some((one) => has.includes(one))
}
