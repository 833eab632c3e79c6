// Standing grants over shared storage: signed by an approver as the answer to one hold, used by the holds that it covers,
// counted by the store, gone with their end or when an approver takes them back.
import {
  type Answer,
  type Approver,
  type Deed,
  type Grant,
  type GrantTerms,
  grantCovers,
  isQuorate,
  type Party,
} from '../../engine/approval/index.ts'
import type { Storage, StoredGrant } from '../storage/index.ts'
import type { OpenHold } from './hold.ts'
import { AnswerError, claimsIn, type EnrolledApprover, shortText, sign, verifySigned } from './signed.ts'

/** What taking back a grant claims. */
export interface RevocationClaims {
  readonly grant: string
  readonly issuer: string
  readonly subject: string
  readonly reason: string
}

/** A grant as people see it. */
export interface StandingGrant {
  readonly grant: Grant
  readonly usesLeft: number
}

/** What grants need of the service. */
export interface GrantPorts {
  readonly storage: Storage
  readonly approvers: () => readonly EnrolledApprover[]
  readonly permitted: (approver: Approver, hold: OpenHold, grant: GrantTerms) => boolean
  readonly nowMs: () => number
}

/** Signs a grant with the approver's private key (PEM). */
export function signGrant(terms: GrantTerms, privateKeyPem: string): Promise<string> {
  return sign('sallyport-grant', terms, privateKeyPem)
}

/** Signs that a grant is taken back. */
export function signRevocation(claims: RevocationClaims, privateKeyPem: string): Promise<string> {
  return sign('sallyport-revocation', claims, privateKeyPem)
}

/** Verifies a grant. Rejects with AnswerError. */
export async function verifyGrant(jws: string, approvers: readonly EnrolledApprover[]): Promise<Grant> {
  const { claims, approver } = await verifySigned(jws, 'sallyport-grant', approvers)
  if (claims.count('version') !== 1) throw new AnswerError('malformed', 'the grant is of another version')
  const identity = claims.within('identity')
  const terms: GrantTerms = {
    version: 1,
    id: claims.text('id'),
    hold: claims.text('hold'),
    issuer: approver.issuer,
    subject: approver.subject,
    identity: { issuer: identity.text('issuer'), subject: identity.text('subject') },
    chain: claims.list('chain', readParty),
    resource: claims.text('resource'),
    rules: claims.list('rules', shortText),
    deeds: claims.list('deeds', readDeed),
    actionsMax: claims.count('actionsMax'),
    expiresAtMs: claims.count('expiresAtMs'),
    reason: claims.text('reason'),
  }
  const { issuer, subject, groups } = approver
  return { terms, approver: { issuer, subject, groups } }
}

function readParty(item: unknown): Party | undefined {
  const claims = claimsIn(item)
  return claims === undefined ? undefined : { issuer: claims.text('issuer'), subject: claims.text('subject') }
}

function readDeed(item: unknown): Deed | undefined {
  const claims = claimsIn(item)
  if (claims === undefined) return undefined
  return {
    on: claims.text('on'),
    verb: claims.text('verb'),
    to: claims.list('to', shortText),
    detail: claims.text('detail'),
  }
}

/** The answer that a grant gives to a hold that it covers. */
export function answerOfGrant({ terms, approver }: Grant, hold: Pick<OpenHold, 'id' | 'digest'>): Answer {
  return {
    id: `${terms.id}:${hold.id}`,
    approver,
    verdict: 'approve',
    reason: terms.reason,
    statement: hold.digest,
    hold: hold.id,
    expiresAtMs: terms.expiresAtMs,
  }
}

/** Grants of one gateway's storage. */
export class StandingGrants {
  readonly #ports: GrantPorts
  constructor(ports: GrantPorts) {
    this.#ports = ports
  }

  /** Answers a hold by the grants that cover it, where they suffice by themselves: true when their answers are stored. */
  async apply(hold: OpenHold): Promise<boolean> {
    const covering = await this.#covering(hold)
    const answers = covering.map(({ grant }) => answerOfGrant(grant, hold))
    if (!isQuorate(hold.statement, answers)) return false
    for (const { grant, stored } of covering) {
      if (!(await this.#ports.storage.useGrant(stored.id, this.#ports.nowMs()))) return false
      if (!(await this.#answer(grant, stored.body, hold))) return false
    }
    return true
  }

  /** Grants that cover the hold now, at most one of each approver. */
  async #covering(hold: OpenHold): Promise<readonly { readonly grant: Grant; readonly stored: StoredGrant }[]> {
    const { storage, nowMs, permitted } = this.#ports
    const found: { readonly grant: Grant; readonly stored: StoredGrant }[] = []
    for (const stored of await storage.grants(subjectKey(hold.statement.identity), nowMs())) {
      if (stored.usesLeft < 1) continue
      const grant = await this.#verified(stored)
      // Whoever gave it with this very hold is about to answer it.
      if (grant?.terms.hold === hold.id) continue
      if (grant === undefined || !grantCovers(grant.terms, hold.document, hold.statement, nowMs())) continue
      if (found.some((one) => subjectKey(one.grant.approver) === subjectKey(grant.approver))) continue
      if (permitted(grant.approver, hold, grant.terms)) found.push({ grant, stored })
    }
    return found
  }

  async #verified(stored: StoredGrant): Promise<Grant | undefined> {
    try {
      const grant = await verifyGrant(stored.body, this.#ports.approvers())
      return grant.terms.id === stored.id && grant.terms.expiresAtMs === stored.expiresAtMs ? grant : undefined
    } catch (error) {
      if (error instanceof AnswerError) return undefined
      throw error
    }
  }

  #answer({ approver }: Grant, jws: string, { id }: OpenHold): Promise<boolean> {
    const { storage, nowMs } = this.#ports
    return storage.addAnswer({
      holdId: id,
      approver: subjectKey(approver),
      answer: 'approve',
      atMs: nowMs(),
      body: jws,
    })
  }

  /** Keeps a new grant and answers the hold that it was given with, which is its first use. */
  async give(grant: Grant, jws: string, hold: OpenHold): Promise<'given' | 'answered_already' | 'not_open'> {
    const { storage, nowMs } = this.#ports
    const { id, identity, expiresAtMs, actionsMax } = grant.terms
    const kept = { id, subject: subjectKey(identity), expiresAtMs, usesLeft: actionsMax - 1, body: jws }
    if (!(await storage.putGrant(kept))) return 'answered_already'
    const revocation = await storage.revocation('grant', id)
    const revoked = revocation !== undefined && revocation.expiresAtMs > nowMs()
    if (!revoked && (await this.#answer(grant, jws, hold))) return 'given'
    // It was taken back before, or the hold ended in the same moment: then it does not stand.
    await storage.removeGrant(id)
    return revoked ? 'answered_already' : 'not_open'
  }

  /** True while a grant stands, used up or not. */
  async stands({ terms }: Grant): Promise<boolean> {
    const stored = await this.#ports.storage.grants(subjectKey(terms.identity), this.#ports.nowMs())
    return stored.some(({ id }) => id === terms.id)
  }

  /** The grants that stand now. */
  async list(): Promise<readonly StandingGrant[]> {
    const standing: StandingGrant[] = []
    for (const stored of await this.#ports.storage.grants(undefined, this.#ports.nowMs())) {
      const grant = await this.#verified(stored)
      if (grant !== undefined) standing.push({ grant, usesLeft: stored.usesLeft })
    }
    return standing
  }

  /** Takes a grant back, by anybody who is enrolled. Undefined when there is no such grant. Rejects with AnswerError. */
  async revoke(jws: string): Promise<RevocationClaims | undefined> {
    const { storage, approvers, nowMs } = this.#ports
    const { claims, approver } = await verifySigned(jws, 'sallyport-revocation', approvers())
    const [id, reason] = [claims.text('grant'), claims.text('reason')]
    const stored = (await storage.grants(undefined, nowMs())).find((one) => one.id === id)
    if (stored === undefined) return undefined
    const { issuer, subject } = approver
    await storage.revoke({ kind: 'grant', value: id, atMs: nowMs(), expiresAtMs: stored.expiresAtMs, reason: jws })
    await storage.removeGrant(id)
    return { grant: id, issuer, subject, reason }
  }
}

function subjectKey({ issuer, subject }: Party): string {
  return JSON.stringify([issuer, subject])
}
