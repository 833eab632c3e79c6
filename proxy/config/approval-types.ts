// What sallyport.yaml says about approvals.
import type { SecretReference } from './types.ts'

/** A person who may approve, with the public key that their answers are signed by. */
export interface ApproverConfig {
  readonly subject: string
  readonly issuer: string
  readonly groups: readonly string[]
  readonly key: string
}

/** Who is told of a hold. */
export interface WebhookConfig {
  readonly name: string
  readonly url: string
  readonly secret: SecretReference
  readonly groups: readonly string[]
  readonly format: 'full' | 'slack'
}

/** Somebody who presses buttons in a chat. */
export interface ChatPersonConfig {
  readonly user: string
  readonly team?: string
  readonly subject: string
  readonly issuer: string
  readonly groups: readonly string[]
}

/** Buttons in a chat of Slack's kind. */
export interface ChatConfig {
  readonly signingSecret: SecretReference
  readonly people: readonly ChatPersonConfig[]
}

/** Approvals. */
export interface ApprovalsConfig {
  readonly approvers: readonly ApproverConfig[]
  readonly webhooks: readonly WebhookConfig[]
  /** Signs the answers of people whom the gateway knows by login or chat; the same at all gateways of one store. */
  readonly signingKey?: SecretReference
  /** Names of the issuers that people log in with to answer. */
  readonly logins: readonly string[]
  readonly chat?: ChatConfig
  readonly expiresMaxMs: number
  readonly quorumMax: number
}
