// The contract of bundles/format.
export * from './archive.ts'
export * from './error.ts'
export * from './folder.ts'
export * from './limits.ts'
export * from './manifest.ts'
export * from './paths.ts'
export type { BundleFile } from './tar.ts'
export * from './write.ts'
