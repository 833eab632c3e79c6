// The contract of proxy/identity/saml.
export { type SamlIssuer, type SamlParts, samlBearer, samlGrant } from './bearer.ts'
export { type SamlProvider, samlProvider } from './metadata.ts'
export { SamlError } from './signature.ts'
