// The contract of engine/approval.
export * from './deeds.ts'
export * from './grant.ts'
export * from './machine.ts'
export * from './statement.ts'
export * from './view.ts'
