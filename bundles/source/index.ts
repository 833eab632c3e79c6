// The contract of bundles/source.
export * from './contract.ts'
export * from './folder.ts'
export * from './http.ts'
export { type ClientTls, GetError } from './http-get.ts'
export * from './oci.ts'
export type { PollTimes } from './poller.ts'
export * from './s3.ts'
export { type SignedRequest, type SigV4Credentials, signGet, signRequest } from './sigv4.ts'
