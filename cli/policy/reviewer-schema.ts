// What `input` has beside the action document when a policy is asked who may approve: `reviewer`, and `grant` where they
// would grant a window.
import { fieldsOf, type Schema } from './action-schema.ts'

const text = { type: 'string' }
const party = { type: 'object', properties: { issuer: text, subject: text }, additionalProperties: false }
const deed = {
  type: 'object',
  properties: { on: text, verb: text, to: { type: 'array', items: text }, detail: text },
  additionalProperties: false,
}
const reviewer = {
  type: 'object',
  description: 'Who would answer; only there when `may_approve` is asked.',
  properties: { issuer: text, subject: text, groups: { type: 'array', items: text } },
  additionalProperties: false,
}
const grant = {
  type: 'object',
  description:
    'The window that the reviewer would grant, or has granted; only there when `may_approve` is asked for one.',
  properties: {
    version: { const: 1 },
    id: text,
    hold: text,
    issuer: text,
    subject: text,
    identity: party,
    chain: { type: 'array', items: party },
    resource: text,
    rules: { type: 'array', items: text },
    deeds: { type: 'array', items: deed },
    actionsMax: { type: 'integer' },
    expiresAtMs: { type: 'integer' },
    reason: text,
  },
  additionalProperties: false,
}

const recording = {
  type: 'object',
  description: 'The recording that somebody would look at; only there when `may_view` is asked.',
  properties: {
    session: text,
    resource: text,
    labels: { type: 'object', additionalProperties: text },
    started_at: text,
    ended_at: text,
    held: { type: 'boolean' },
  },
  additionalProperties: false,
}

/** The schema of action documents with the fields of that question. */
export function withReviewer(root: Schema): Schema {
  const definitions = fieldsOf(root['$defs'])
  const document = fieldsOf(definitions['ActionDocument'])
  const properties = { ...fieldsOf(document['properties']), reviewer, grant, recording }
  return { ...root, $defs: { ...definitions, ActionDocument: { ...document, properties } } }
}
