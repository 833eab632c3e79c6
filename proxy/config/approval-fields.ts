// The keys below `approvals`.
import type * as types from './approval-types.ts'
import { choice, day, integer, list, named, object, optional, path, secret, text, time, url } from './field-kinds.ts'
import type { Fields } from './shape.ts'

const approver: Fields<types.ApproverConfig> = {
  subject: text('subject of the person'),
  issuer: text('issuer of that identity'),
  groups: list('groups of reviewers', text('a group')),
  key: path('public key that answers are signed with'),
}
const webhook: Fields<types.WebhookConfig> = {
  name: named('name of the webhook'),
  url: url('where holds are posted to'),
  secret: secret('key that signs what is posted'),
  groups: list('groups of reviewers that are told here', text('a group')),
  format: choice(
    'what is posted: everything, or text and blocks as chats of the kind of Slack take them',
    ['full', 'slack'],
    {
      otherwise: 'full',
    },
  ),
}
const chatPerson: Fields<types.ChatPersonConfig> = {
  user: text('id of the user in the chat'),
  team: text('id of the workspace; absent means any', optional),
  subject: text('subject of the person'),
  issuer: text('issuer of that identity'),
  groups: list('groups of reviewers', text('a group')),
}
const chat: Fields<types.ChatConfig> = {
  signingSecret: secret('signing secret of the app whose buttons call back'),
  people: list('who is who', object('a person', chatPerson)),
}
/** The keys below `approvals`. */
export const approvals: Fields<types.ApprovalsConfig> = {
  approvers: list('who may answer', object('a person', approver)),
  webhooks: list('who is told', object('a webhook', webhook)),
  signingKey: secret(
    'key that signs answers of people who log in or press buttons; the same at all gateways',
    optional,
  ),
  logins: list('names of `identity.issuers` that people log in with to answer', text('a name')),
  chat: object('buttons in a chat of the kind of Slack', chat, optional),
  expiresMaxMs: time('longest hold', day, { otherwise: '1h' }),
  quorumMax: integer('largest quorum', 1, 100, { otherwise: 10 }),
}
