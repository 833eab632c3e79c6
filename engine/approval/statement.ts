// What an approval is about: exactly one action, by one identity, on one resource, under one bundle, for one hold.
import { createHash } from 'node:crypto'
import { type ActionDocument, canonicalJson, type Identity } from '../action/index.ts'
import type { Hold } from '../decision/index.ts'

/** A party as approvals name it. */
export interface Party {
  readonly issuer: string
  readonly subject: string
}

/** What approvers sign, by its digest. Anything that differs is another statement. */
export interface ApprovalStatement {
  readonly version: 1
  readonly hold: string
  readonly session: string
  readonly action: string
  readonly parameters: string
  readonly state: string
  readonly resource: { readonly name: string; readonly protocol: string; readonly target: string }
  readonly identity: Party
  readonly chain: readonly Party[]
  readonly bundle: string
  readonly requirements: readonly Requirement[]
  readonly expiresAtMs: number
}

/** What one rule asks for before the action may go. */
export interface Requirement {
  readonly rule: string
  readonly reason: string
  readonly reviewers: readonly string[]
  readonly quorum: number
}

/** The statement of a held action. */
export function statementOf(
  hold: string,
  document: ActionDocument,
  holds: readonly Hold[],
  bundleDigest: string,
  expiresAtMs: number,
): ApprovalStatement {
  const { identity, resource, session, action } = document
  return {
    version: 1,
    hold,
    session: session.id,
    action: action.digest,
    parameters: digestOf(action.sql?.parameters ?? []),
    state: digestOf(session.state),
    resource: { name: resource.name, protocol: resource.protocol, target: digestOf(resource.target) },
    identity: partyOf(identity),
    chain: identity.chain.map(partyOf),
    bundle: bundleDigest,
    requirements: holds.map(({ rule, reason, reviewers, quorum }) => ({ rule, reason, reviewers, quorum })),
    expiresAtMs,
  }
}

/** SHA-256 (hex) of the statement's canonical form. */
export function statementDigest(statement: ApprovalStatement): string {
  return digestOf(statement)
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

function partyOf({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): Party {
  return { issuer, subject }
}
