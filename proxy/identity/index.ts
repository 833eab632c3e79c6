// The contract of proxy/identity.
export type * from './contract.ts'
export * from './dev-issuer.ts'
export { type Issuer, TokenAuthenticator, tokenBytesMax } from './tokens.ts'
