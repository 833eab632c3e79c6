// The contract of proxy/identity.
export {
  authenticators,
  CertificateAuthenticator,
  type CertificateAuthority,
  presentedChain,
} from './certificates.ts'
export type * from './contract.ts'
export { Credentials } from './credentials.ts'
export type { DevClient } from './dev-grants.ts'
export * from './dev-issuer.ts'
export { type ExchangeKeys, exchangeIssuer, exchangeKeys } from './exchange.ts'
export { keptMs } from './issuer-keys.ts'
export { NewestGroups, type PartyGroups } from './newest-groups.ts'
export { type IssuerSettings, issuerOf, type PresetName, presets } from './presets.ts'
export { Revocations, revocationKeptOnMs } from './revocations.ts'
export { type SamlIssuer, samlProvider } from './saml/index.ts'
export { CredentialError, type CredentialPorts } from './secret.ts'
export * from './ssh-certificate.ts'
export {
  decodeSshPublicKey,
  generateSshKey,
  parseSshAuthorities,
  parseSshLine,
  SshFormatError,
  type SshPublicKey,
  signSsh,
  sshKeyAlgorithms,
  sshLine,
  sshPublicKeyOf,
  verifySsh,
} from './ssh-keys.ts'
export { startTokenServer, type TokenServer, type TokenServerOptions } from './token-server.ts'
export { type Issuer, TokenAuthenticator, type TokenOptions, tokenBytesMax } from './tokens.ts'
export {
  certifyKey,
  firstOf,
  SshCertificateAuthenticator,
  type UserAuthority,
  userAuthority,
} from './user-certificates.ts'
