// The contract of engine/action/http: requests that have one meaning, and what they do.
export { type ApiKnowledge, httpAction, messageAction, type RequestBody, type ToolDigests } from './analyze.ts'
export type { Authority } from './authority.ts'
export type * from './facts.ts'
export { checkTrailers, type HttpField, shownFields } from './headers.ts'
export { judgedBodyBytesMax } from './limits.ts'
export { OpenApiError, type Route, type RouteTable, routeTable } from './openapi.ts'
export { HttpRefusal, type HttpRefusalCode } from './refusal.ts'
export { type CanonicalRequest, canonicalConnect, canonicalRequest, type HttpHead } from './request.ts'
