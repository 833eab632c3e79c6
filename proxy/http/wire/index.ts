// The contract of proxy/http/wire: HTTP/1.1 messages from and to bytes.
export * from './body.ts'
export * from './encode.ts'
export * from './error.ts'
export * from './fields.ts'
export * from './framing.ts'
export * from './head.ts'
export * from './limits.ts'
export * from './reader.ts'
