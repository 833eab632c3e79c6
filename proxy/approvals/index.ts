// The contract of proxy/approvals.
export { type AnswerClaims, signAnswer, verifyAnswer } from './answers.ts'
export { approvalRoutes } from './api.ts'
export { type RevocationClaims, type StandingGrant, signGrant, signRevocation, verifyGrant } from './grants.ts'
export type { HoldEnd, OpenHold } from './hold.ts'
export { type Answered, Approvals, type ApprovalsParts } from './service.ts'
export { AnswerError, type EnrolledApprover, enrolled } from './signed.ts'
export { signWebhook, type Webhook, type WebhookPorts, Webhooks } from './webhooks.ts'
