// The contract of proxy/approvals.
export { type AnswerClaims, AnswerError, type EnrolledApprover, enrolled, signAnswer, verifyAnswer } from './answers.ts'
export { approvalRoutes } from './api.ts'
export type { HoldEnd, OpenHold } from './hold.ts'
export { silentRoundsMax } from './presence.ts'
export { type Answered, Approvals, type ApprovalsParts } from './service.ts'
export { signWebhook, type Webhook, type WebhookPorts, Webhooks } from './webhooks.ts'
