// The codec of PostgreSQL's protocol 3. Imports nothing of ours.
export * from './backend.ts'
export * from './error.ts'
export * from './frames.ts'
export * from './frontend.ts'
export * from './reader.ts'
export * from './startup.ts'
export * from './types.ts'
