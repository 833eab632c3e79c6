// The contract of bundles/signing.
export { bytesToHash, canonicalStream, isStructured } from './canonical.ts'
export { type FileDigest, fileDigest } from './digest.ts'
export { matchesFilePattern } from './file-pattern.ts'
export * from './keys.ts'
export * from './sign.ts'
export * from './verify.ts'
