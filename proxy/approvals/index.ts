// The contract of proxy/approvals.

export type { Answered } from './answering.ts'
export { type AnswerClaims, signAnswer, verifyAnswer } from './answers.ts'
export { approvalRoutes } from './api.ts'
export { chatRoute } from './chat-api.ts'
export { type RevocationClaims, type StandingGrant, signGrant, signRevocation, verifyGrant } from './grants.ts'
export type { HoldEnd, OpenHold } from './hold.ts'
export { checkProof, type HeldAction, type Proved, saidIn } from './proof.ts'
export { Approvals, type ApprovalsParts } from './service.ts'
export { AnswerError, type EnrolledApprover, enrolled } from './signed.ts'
export { Chat, type ChatCallbacks, signCallback } from './slack.ts'
export { Vouching, type VouchingKey, vouchingKey } from './vouching.ts'
export { signWebhook, type Webhook, type WebhookPorts, Webhooks } from './webhooks.ts'
