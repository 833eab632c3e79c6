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
    'text',
    'parameters',
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
    text,
    parameters: list(text),
  },
}

/** The document. */
export const openApi: object = {
  openapi: '3.1.0',
  info: { title: 'Sallyport approvals', version: '1' },
  components: {
    schemas: { Hold: hold },
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
        summary: 'Answer a hold with a JWS by an enrolled approver',
        parameters: [id],
        requestBody: {
          required: true,
          ...json({ type: 'object', required: ['jws'], properties: { jws: text }, additionalProperties: false }),
        },
        responses: {
          200: {
            description: 'taken',
            ...json({ type: 'object', properties: { status: { enum: ['approved', 'denied', 'waiting'] } } }),
          },
          400: problem,
          403: problem,
          404: problem,
          409: problem,
        },
      },
    },
  },
}
