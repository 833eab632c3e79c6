// The contract of engine/action: the document, its parts, its canonical form and digest.
// The analyzers stand in their own folders: sql/, shell/, kube/, http/.
export * from './canonical.ts'
export * from './document.ts'
export type * from './http/facts.ts'
export type * from './kube/facts.ts'
export type * from './shell/facts.ts'
export type * from './sql/facts.ts'
