// The contract of proxy/config: the checked configuration and how it is read.
export type * from './types.ts'
