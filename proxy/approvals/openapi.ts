// The OpenAPI document of the approvals API, served beside it.

const text = { type: 'string' }
const list = (items: object) => ({ type: 'array', items })
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const problem = { description: 'refused', content: { 'application/problem+json': { schema: { type: 'object' } } } }
const id = { name: 'id', in: 'path', required: true, schema: text }
const hold = {
  type: 'object',
  required: [
    'id',
    'gateway',
    'opened_at',
    'expires_at',
    'digest',
    'statement',
    'who',
    'where',
    'what',
    'why',
    'risks',
    'estimates',
    'text',
    'parameters',
    'deeds',
  ],
  properties: {
    id: text,
    gateway: text,
    opened_at: text,
    expires_at: text,
    digest: { ...text, description: 'SHA-256 of the statement that an answer signs' },
    statement: { type: 'object', description: 'what an answer signs, by the digest of its canonical JSON (RFC 8785)' },
    who: list(text),
    where: text,
    what: list(text),
    why: list(text),
    risks: list(text),
    estimates: { ...list(text), description: 'what the upstream expects of it, where it is asked' },
    text,
    parameters: list(text),
    deeds: {
      ...list({ $ref: '#/components/schemas/Deed' }),
      type: ['array', 'null'],
      description: 'what a standing grant would let this identity do again; null where it cannot be granted ahead',
    },
  },
}
const party = { type: 'object', required: ['issuer', 'subject'], properties: { issuer: text, subject: text } }
const deed = {
  type: 'object',
  required: ['on', 'verb', 'to', 'detail'],
  properties: { on: text, verb: text, to: list(text), detail: text },
}
const grant = {
  type: 'object',
  properties: {
    version: { const: 1 },
    id: text,
    hold: { ...text, description: 'the hold that was answered by granting' },
    issuer: text,
    subject: text,
    identity: party,
    chain: list(party),
    resource: text,
    rules: list(text),
    deeds: list({ $ref: '#/components/schemas/Deed' }),
    what: { ...list(text), description: 'the deeds in words' },
    actionsMax: { type: 'integer' },
    actions_left: { type: 'integer' },
    expiresAtMs: { type: 'integer' },
    expires_at: text,
    reason: text,
  },
}
const signed = (what: string) => ({
  required: true,
  ...json({
    type: 'object',
    required: ['jws'],
    properties: { jws: { ...text, description: what } },
    additionalProperties: false,
  }),
})
const taken = {
  200: {
    description: 'taken',
    ...json({ type: 'object', properties: { status: { enum: ['approved', 'denied', 'waiting'] } } }),
  },
  400: problem,
  403: problem,
  404: problem,
  409: problem,
}

/** The document. */
export const openApi: object = {
  openapi: '3.1.0',
  info: { title: 'Sallyport approvals', version: '1' },
  components: {
    schemas: { Hold: hold, Deed: deed, Grant: grant },
    securitySchemes: { admin: { type: 'http', scheme: 'bearer' } },
  },
  security: [{ admin: [] }],
  paths: {
    '/v1/approvals': {
      get: {
        summary: 'The holds that wait for people',
        responses: {
          200: {
            description: 'the holds',
            ...json({ type: 'object', properties: { holds: list({ $ref: '#/components/schemas/Hold' }) } }),
          },
        },
      },
    },
    '/v1/approvals/{id}': {
      get: {
        summary: 'One hold',
        parameters: [id],
        responses: { 200: { description: 'the hold', ...json({ $ref: '#/components/schemas/Hold' }) }, 404: problem },
      },
    },
    '/v1/approvals/{id}/answers': {
      post: {
        summary: 'Answer a hold',
        parameters: [id],
        requestBody: {
          required: true,
          ...json({
            oneOf: [
              {
                type: 'object',
                required: ['jws'],
                properties: {
                  jws: { ...text, description: 'an answer by an enrolled approver (`typ` sallyport-approval)' },
                },
              },
              {
                type: 'object',
                required: ['login', 'statement', 'verdict'],
                description: 'an answer that the gateway signs for whoever has logged in',
                properties: {
                  login: { ...text, description: 'a token of an issuer in `approvals.logins`' },
                  statement: { ...text, description: '`digest` of the hold, as it was shown' },
                  verdict: { enum: ['approve', 'deny'] },
                  reason: text,
                },
              },
            ],
          }),
        },
        responses: taken,
      },
    },
    '/v1/approvals/{id}/grants': {
      post: {
        summary: 'Answer a hold, and let the same identity do the like for a while',
        parameters: [id],
        requestBody: signed('a grant by an enrolled approver (`typ` sallyport-grant)'),
        responses: taken,
      },
    },
    '/v1/chat/actions': {
      post: {
        summary: 'The callback of buttons in a chat of the kind of Slack',
        security: [],
        parameters: ['x-slack-request-timestamp', 'x-slack-signature'].map((name) => ({
          name,
          in: 'header',
          required: true,
          schema: text,
        })),
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': { schema: { type: 'object', properties: { payload: text } } },
          },
        },
        responses: {
          200: { description: 'taken; the chat is told what came of it' },
          400: { description: 'not one of our buttons' },
          401: { description: 'not signed, too old, sent before, or pressed by somebody unknown' },
          404: { description: 'no chat is configured' },
        },
      },
    },
    '/v1/grants': {
      get: {
        summary: 'The grants that stand',
        responses: {
          200: {
            description: 'the grants',
            ...json({ type: 'object', properties: { grants: list({ $ref: '#/components/schemas/Grant' }) } }),
          },
        },
      },
    },
    '/v1/grants/revocations': {
      post: {
        summary: 'Take a grant back',
        requestBody: signed('by an enrolled approver (`typ` sallyport-revocation)'),
        responses: {
          200: {
            description: 'taken back',
            ...json({ type: 'object', properties: { status: { const: 'revoked' }, grant: text } }),
          },
          400: problem,
          403: problem,
          404: problem,
        },
      },
    },
  },
}
