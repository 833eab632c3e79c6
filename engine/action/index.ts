// The contract of engine/action: the document, its parts and (as they land) its canonical form and analyzers.
export * from './document.ts'
export type * from './http/facts.ts'
export type * from './kube/facts.ts'
export type * from './shell/facts.ts'
export type * from './sql/facts.ts'
